// Look-ups; see endpoint_address.h.
#include "app/bench/endpoint_address.h"

#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>

#include "base/ip_address.h"

namespace cardea::app::bench {
namespace {

bool is_this_machine(const addrinfo& found) {
  if (found.ai_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, found.ai_addr, sizeof v4);
    return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, found.ai_addr, sizeof v6);
  IpAddress address;
  std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
  return is_loopback(address);
}

}  // namespace

Result<const EndpointAddress*, std::string> EndpointAddresses::find(const url::Parts& url) {
  const auto origin = url.origin();
  if (const auto known = known_.find(origin); known != known_.end()) return &known->second;
  const auto name = url.host.starts_with('[') ? url.host.substr(1, url.host.size() - 2) : url.host;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* all = nullptr;
  const auto port = std::to_string(url.effective_port());
  if (getaddrinfo(name.c_str(), port.c_str(), &hints, &all) != 0 || all == nullptr) {
    return refuse(url.host + " is not known by name");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(all, freeaddrinfo);
  // A server that listens on one family alone is the rule on loopback, and it is IPv4's.
  const addrinfo* chosen = all;
  for (const auto* each = all; each != nullptr; each = each->ai_next) {
    if (each->ai_family == AF_INET && chosen->ai_family != AF_INET) chosen = each;
  }
  if (reach_ == Reach::this_machine && !is_this_machine(*chosen)) {
    return refuse(url.host + " is not this machine; only who owns it may put it under load " +
                  "(--yes-i-may-load-that-server)");
  }
  auto& added = known_[origin];
  std::memcpy(&added.address, chosen->ai_addr, chosen->ai_addrlen);
  added.size = chosen->ai_addrlen;
  added.host = url.host;
  added.is_tls = url.scheme == "https";
  return &added;
}

}  // namespace cardea::app::bench
