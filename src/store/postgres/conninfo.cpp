// Reading connection strings; see conninfo.h.
#include "store/postgres/conninfo.h"

#include <algorithm>
#include <memory>

#include "base/ascii.h"
#include "store/postgres/pq_library.h"

namespace cardea::store::postgres {
namespace {

struct Free {
  void operator()(PQconninfoOption* options) const { pq().conninfo_free(options); }
};
using Options = std::unique_ptr<PQconninfoOption, Free>;

// Null where the library cannot read it, or is not there.
Options parse(const std::string& conninfo) {
  const auto* library = pq_library();
  return Options(library ? library->conninfo_parse(conninfo.c_str(), nullptr) : nullptr);
}

// "" where nothing is said.
std::string value_of(const Options& options, std::string_view keyword) {
  for (const auto* at = options.get(); at->keyword != nullptr; ++at) {
    if (keyword == at->keyword && at->val != nullptr) return at->val;
  }
  return "";
}

}  // namespace

std::vector<Host> hosts_of(const std::string& conninfo) {
  const auto parsed = parse(conninfo);
  if (parsed == nullptr) return {Host{}};
  return split_hosts({.names = value_of(parsed, "host"),
                      .addresses = value_of(parsed, "hostaddr"),
                      .ports = value_of(parsed, "port")});
}

bool is_conninfo(const std::string& text) {
  if (pq_library() == nullptr) return true;  // what is missing is said when it is to be opened
  return parse(text) != nullptr;
}

bool is_way_protected(const std::string& conninfo) {
  const auto parsed = parse(conninfo);
  if (parsed == nullptr) return false;
  const std::string addresses = value_of(parsed, "hostaddr");
  const std::string hosts = addresses.empty() ? value_of(parsed, "host") : addresses;
  if (value_of(parsed, "sslmode") == "verify-full") return true;
  const auto stays_here = [](std::string_view host) {
    return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" ||
           host == "::1" || host.starts_with("127.");
  };
  bool all_stay = true;
  for (const auto host : ascii::Parts(hosts, ',')) all_stay = all_stay && stays_here(host);
  return all_stay;
}

// The authority ends before the first slash behind "://"; user information, before its last "@".
// A password may stand among the parameters too.
std::string without_password(std::string_view uri) {
  const auto scheme = uri.find("://");
  const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto authority = uri.substr(begin, uri.find_first_of("/?", begin) - begin);
  const auto at = authority.rfind('@');
  const auto colon = authority.find(':');
  std::string shown(uri);
  constexpr std::string_view name = "password=";  // and "sslpassword="
  for (auto next = shown.find(name); next != std::string::npos; next = shown.find(name, next)) {
    next += name.size();
    shown.replace(next, std::min(shown.find('&', next), shown.size()) - next, "***");
  }
  if (at != std::string_view::npos && colon < at) {
    shown.replace(begin + colon + 1, at - colon - 1, "***");
  }
  return shown;
}

}  // namespace cardea::store::postgres
