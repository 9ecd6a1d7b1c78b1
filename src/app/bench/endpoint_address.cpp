// Look-ups; see endpoint_address.h.
#include "app/bench/endpoint_address.h"

#include <netinet/in.h>

#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/ip_address.h"

namespace cardea::app::bench {
namespace {

// The first address that the table of hosts (hosts(5)) gives the name, of IPv4 where there is one:
// a server that listens on one family alone is the rule on loopback, and it is IPv4's.
std::optional<IpAddress> look_up(const std::string& name) {
  std::ifstream table("/etc/hosts");
  std::optional<IpAddress> found;
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string literal;
    words >> literal;
    const auto address = parse_ip(literal);
    for (std::string each; address && words >> each;) {
      if (each == name && (!found || (is_v4(*address) && !is_v4(*found)))) found = address;
    }
  }
  return found;
}

std::optional<IpAddress> address_of(const std::string& name) {
  if (auto literal = parse_ip(name)) return literal;
  // RFC 6761 6.3
  if (name == "localhost" || name.ends_with(".localhost")) return parse_ip("127.0.0.1");
  return look_up(name);
}

EndpointAddress endpoint_at(const IpAddress& address, int port) {
  EndpointAddress out;
  const auto network_port = htons(static_cast<std::uint16_t>(port));
  if (is_v4(address)) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = network_port;
    std::memcpy(&v4.sin_addr, address.bytes.data() + 12, sizeof v4.sin_addr);
    std::memcpy(&out.address, &v4, sizeof v4);
    out.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = network_port;
    std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof v6.sin6_addr);
    std::memcpy(&out.address, &v6, sizeof v6);
    out.size = sizeof v6;
  }
  return out;
}

}  // namespace

Result<const EndpointAddress*, std::string> EndpointAddresses::find(const url::Parts& url) {
  const auto origin = url.origin();
  if (const auto known = known_.find(origin); known != known_.end()) return &known->second;
  const auto name = url.host.starts_with('[') ? url.host.substr(1, url.host.size() - 2) : url.host;
  const auto address = address_of(name);
  if (!address) {
    return refuse(url.host + " is not in /etc/hosts, where the load looks for names");
  }
  if (reach_ == Reach::this_machine && !is_loopback(*address)) {
    return refuse(url.host + " is not this machine; only who owns it may put it under load " +
                  "(--yes-i-may-load-that-server)");
  }
  auto& added = known_[origin];
  added = endpoint_at(*address, url.effective_port());
  added.host = url.host;
  added.is_tls = url.scheme == "https";
  return &added;
}

}  // namespace cardea::app::bench
