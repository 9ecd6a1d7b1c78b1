// Reading the header; see token_header.h.
#include "server/token_header.h"

#include <algorithm>

#include "base/ascii.h"

namespace cardea {

// 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=".
bool is_b64token(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return ascii::is_unreserved(c) || c == '+' || c == '/';
  });
}

OAuthError malformed_token(std::string reason) {
  return {.code = ErrorCode::invalid_request,
          .rule = "CARDEA-BEARER-002",
          .spec = rfc6750("2"),
          .description = "Send one access token, in one way.",
          .reason = std::move(reason)};
}

Result<std::optional<PresentedToken>, OAuthError> read_token_header(const http::Headers& headers) {
  const auto values = headers.all("Authorization");
  if (values.empty()) return std::optional<PresentedToken>();
  if (values.size() > 1) return refuse(malformed_token("several Authorization headers"));
  const auto value = values.front();
  for (const std::string_view scheme : {"Bearer", "DPoP"}) {
    if (!ascii::equal_ignoring_case(value.substr(0, scheme.size()), scheme)) continue;
    const auto rest = value.substr(scheme.size());
    if (!rest.starts_with(' ') || !is_b64token(rest.substr(1))) {
      return refuse(malformed_token("not the scheme, one space, b64token"));
    }
    return std::optional(PresentedToken{std::string(rest.substr(1)), scheme == "DPoP"});
  }
  return std::optional<PresentedToken>();
}

}  // namespace cardea
