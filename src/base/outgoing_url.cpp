// Judging addresses by their text; see outgoing_url.h.
#include "base/outgoing_url.h"

#include <algorithm>
#include <array>

#include "base/ip_address.h"
#include "base/limits.h"
#include "base/url.h"

namespace cardea {
namespace {

// What browsers refuse (Fetch 2.9, the ports from 1024 on), and the stores, queues and control
// planes that answer whoever reaches them.
constexpr std::array<std::uint16_t, 47> service_ports{
    1433, 1521, 1719,  1720, 1723,  2049,  2181,  2375,  2376,  2379,  2380, 3306,
    3389, 3659, 4045,  4190, 4369,  5060,  5061,  5432,  5671,  5672,  5900, 5984,
    5985, 5986, 6000,  6379, 6566,  6665,  6666,  6667,  6668,  6669,  6679, 6697,
    9042, 9092, 10080, 9200, 10250, 10255, 11211, 27017, 27018, 27019, 50070};

std::optional<IpAddress> literal_of(const std::string& host) {
  if (host.starts_with('[')) return parse_ip(std::string_view(host).substr(1, host.size() - 2));
  return parse_ip(host);
}

}  // namespace

bool is_outgoing_port(std::uint16_t port) {
  return port == 443 ||
         (port >= 1024 && std::ranges::find(service_ports, port) == service_ports.end());
}

std::optional<std::string> outgoing_url_defect(std::string_view text, OutgoingReach reach) {
  if (text.size() > limits::outgoing_url_bytes_max) return "is longer than 2048 bytes";
  const auto parts = url::parse(text);
  if (!parts) return "must be an absolute https URL without user name";
  if (parts->fragment) return "must not have a fragment";
  const bool is_private_allowed = reach == OutgoingReach::private_too;
  const bool is_local_http =
      parts->scheme == "http" && is_private_allowed && url::is_loopback_host(parts->host);
  if (parts->scheme != "https" && !is_local_http) return "must be an https URL";
  const bool is_plain_80 = is_local_http && !parts->port;
  if (!is_outgoing_port(parts->effective_port()) && !is_plain_80) {
    return "must have port 443, or one from 1024 on that no other service is known for";
  }
  const auto literal = literal_of(parts->host);
  if (literal && !is_private_allowed && !is_public(*literal)) {
    return "must not name an address that is not public";
  }
  return std::nullopt;
}

}  // namespace cardea
