// The token in the Authorization header of a request to something of ours that takes one: userinfo,
// and the registration endpoints. RFC 6750 2.1, RFC 9449 7.1, RFC 7591 3, RFC 7592 2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "protocol/error.h"

namespace cardea {

struct PresentedToken {
  std::string token;
  bool by_dpop = false;  // the scheme of a token that is bound to a key (RFC 9449 7.1)
};

// Nothing when there is no header, or one of another scheme. Refuses invalid_request: several
// headers, or a value that is not the scheme, one space and a b64token.
Result<std::optional<PresentedToken>, OAuthError> read_token_header(const http::Headers& headers);

// b64token of RFC 6750 2.1: what a bearer token is written with.
bool is_b64token(std::string_view text);

// The refusal of a token that comes in more than one way or not as it should.
OAuthError malformed_token(std::string reason);

}  // namespace cardea
