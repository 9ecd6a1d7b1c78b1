// Comma-separated lists, side by side; see hosts.h.
#include "store/postgres/hosts.h"

#include <algorithm>

namespace cardea::store::postgres {
namespace {

using Parts = std::vector<std::string>;

Parts split(std::string_view list) {
  Parts parts;
  if (list.empty()) return parts;
  for (;;) {
    const auto comma = list.find(',');
    parts.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

std::string at(const Parts& parts, std::size_t index) {
  return index < parts.size() ? parts[index] : "";
}

bool is_whole(const Parts& parts, std::size_t count) {
  return parts.empty() || (parts.size() == count && std::ranges::find(parts, "") == parts.end());
}

// A URI whose hosts have no ports comes with a list of empty ones.
std::string port_at(const Parts& ports, std::size_t index) {
  const auto port = at(ports, ports.size() == 1 ? 0 : index);
  return port.empty() ? "5432" : port;
}

}  // namespace

std::vector<Host> split_hosts(const HostLists& lists) {
  const auto names = split(lists.names);
  const auto addresses = split(lists.addresses);
  const auto ports = split(lists.ports);
  const auto count = std::max(names.size(), addresses.size());
  const bool fit = is_whole(names, count) && is_whole(addresses, count) &&
                   (ports.size() <= 1 || ports.size() == count);
  if (count < 2 || !fit) return {Host{}};
  std::vector<Host> hosts;
  for (std::size_t i = 0; i < count; ++i) {
    hosts.push_back({.name = at(names, i), .address = at(addresses, i), .port = port_at(ports, i)});
  }
  return hosts;
}

}  // namespace cardea::store::postgres
