// Finding the access token of a request: RFC 6750 2, RFC 9449 7.1. The Authorization header by
// default; the form body (6750 2.2) only where it is switched on; the query (2.3) never.
#pragma once

#include <string>

#include "base/result.h"
#include "http/message.h"
#include "protocol/token_response.h"
#include "resource/challenge.h"

namespace cardea::resource {

enum class FormBodyTokens { refused, accepted };

struct PresentedToken {
  AccessToken token;
  bool by_dpop = false;  // under the scheme of tokens that are bound to a key
};

// Refuses with a challenge: no token (401, bare), a malformed one or several ways at once (400).
Result<PresentedToken, Challenge> find_access_token(const http::Request& request,
                                                    const Challenger& challenger,
                                                    FormBodyTokens form_body);

}  // namespace cardea::resource
