// Cookies of a browser; see cookie_jar.h.
#include "app/bench/cookie_jar.h"

#include <algorithm>

#include "base/ascii.h"

namespace cardea::app::bench {
namespace {

// RFC 6265 5.1.4: the path of the request up to its last slash.
std::string default_path(const url::Parts& from) {
  const auto last = from.path.rfind('/');
  return last == std::string::npos || last == 0 ? "/" : from.path.substr(0, last);
}

bool path_matches(std::string_view path, std::string_view cookie_path) {
  if (path.empty()) path = "/";
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') ||
         path[cookie_path.size()] == '/';
}

bool host_matches(std::string_view host, std::string_view domain) {
  if (host == domain) return true;
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

// Max-Age of 0 or less, or a date of the last century, which is how servers delete a cookie.
bool is_deletion(std::string_view name, std::string_view value) {
  if (ascii::equal_ignoring_case(name, "Max-Age")) {
    return value.starts_with('-') || (!value.empty() && value.find_first_not_of('0') == value.npos);
  }
  return ascii::equal_ignoring_case(name, "Expires") && value.contains("1970");
}

}  // namespace

void CookieJar::store(const url::Parts& from, std::string_view set_cookie) {
  const auto pair = ascii::trim(set_cookie.substr(0, set_cookie.find(';')));
  const auto equals = pair.find('=');
  if (equals == pair.npos || equals == 0) return;
  Cookie cookie{.name = std::string(pair.substr(0, equals)),
                .value = std::string(pair.substr(equals + 1)),
                .host = from.host,
                .path = default_path(from)};
  bool deletes = false;
  for (const auto part : ascii::Parts(set_cookie, ';')) {
    const auto attribute = ascii::trim(part);
    const auto middle = attribute.find('=');
    const auto name = ascii::trim(attribute.substr(0, middle));
    const auto value =
        middle == attribute.npos ? std::string_view() : ascii::trim(attribute.substr(middle + 1));
    if (attribute.data() == pair.data()) continue;
    if (ascii::equal_ignoring_case(name, "Path") && value.starts_with('/')) cookie.path = value;
    if (ascii::equal_ignoring_case(name, "Secure")) cookie.secure = true;
    if (ascii::equal_ignoring_case(name, "Domain") && !value.empty()) {
      cookie.host = ascii::lower(value.starts_with('.') ? value.substr(1) : value);
      cookie.for_subdomains = true;
    }
    deletes = deletes || is_deletion(name, value);
  }
  if (!host_matches(from.host, cookie.host)) return;
  std::erase_if(cookies_, [&](const Cookie& each) {
    return each.name == cookie.name && each.host == cookie.host && each.path == cookie.path;
  });
  if (!deletes) cookies_.push_back(std::move(cookie));
}

std::string CookieJar::header_for(const url::Parts& to) const {
  std::string out;
  for (const auto& cookie : cookies_) {
    const bool host =
        cookie.for_subdomains ? host_matches(to.host, cookie.host) : to.host == cookie.host;
    const bool safe = !cookie.secure || to.scheme == "https" || url::is_loopback_host(to.host);
    if (!host || !safe || !path_matches(to.path, cookie.path)) continue;
    if (!out.empty()) out += "; ";
    out += cookie.name + "=" + cookie.value;
  }
  return out;
}

}  // namespace cardea::app::bench
