// Cookies: reading the Cookie header and writing Set-Cookie. RFC 6265 4 and 5.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/message.h"

namespace cardea::http {

// The value of a cookie; nothing when it is absent or sent more than once (fuzz row 7.6: duplicates
// -> none).
std::optional<std::string> cookie(const Headers& headers, std::string_view name);

struct SetCookie {
  std::string name;
  std::string value;
  bool secure = true;
  bool http_only = true;  // false: scripts of this origin read it
  enum class SameSite { lax, none, strict } same_site = SameSite::lax;
  std::optional<Seconds> max_age;  // absent: until the browser closes; 0: delete
};

// The header value. Always Path=/.
std::string write_set_cookie(const SetCookie& cookie);

}  // namespace cardea::http
