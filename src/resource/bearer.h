// Finding the access token of a request: RFC 6750 2. The Authorization header by default; the form
// body (2.2) only where it is switched on; the query (2.3) never.
#pragma once

#include <string>

#include "base/result.h"
#include "http/message.h"
#include "protocol/token_response.h"
#include "resource/challenge.h"

namespace cardea::resource {

enum class FormBodyTokens { refused, accepted };

// Refuses with a challenge: no token (401, bare), a malformed one or several ways at once (400).
Result<AccessToken, Challenge> find_bearer_token(const http::Request& request,
                                                 const Challenger& challenger,
                                                 FormBodyTokens form_body);

}  // namespace cardea::resource
