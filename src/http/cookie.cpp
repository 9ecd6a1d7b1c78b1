// Cookie reading and writing; see cookie.h.
#include "http/cookie.h"

#include "base/ascii.h"

namespace cardea::http {

std::optional<std::string> cookie(const Headers& headers, std::string_view name) {
  std::optional<std::string> found;
  for (const auto header : headers.all("cookie")) {
    for (const auto pair : ascii::Parts(header, ';')) {
      const auto trimmed = ascii::trim(pair);
      const auto equals = trimmed.find('=');
      if (equals == std::string_view::npos || trimmed.substr(0, equals) != name) continue;
      if (found) return std::nullopt;
      found = std::string(trimmed.substr(equals + 1));
    }
  }
  return found;
}

std::string write_set_cookie(const SetCookie& cookie) {
  std::string out = cookie.name + "=" + cookie.value + "; Path=/";
  if (cookie.http_only) out += "; HttpOnly";
  if (cookie.secure) out += "; Secure";
  switch (cookie.same_site) {
    case SetCookie::SameSite::lax:
      out += "; SameSite=Lax";
      break;
    case SetCookie::SameSite::none:
      out += "; SameSite=None";
      break;
    case SetCookie::SameSite::strict:
      out += "; SameSite=Strict";
      break;
  }
  if (cookie.max_age) out += "; Max-Age=" + std::to_string(cookie.max_age->count);
  return out;
}

}  // namespace cardea::http
