// Being told by the issuer that a session ended: OIDC Back-Channel Logout 1.0. The app takes the
// POST at its backchannel_logout_uri, gives the body here, and ends the sessions that the token
// names before it answers. No network: the keys come through `Keys`.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "client/configuration.h"
#include "client/error.h"
#include "client/tokens.h"
#include "http/message.h"
#include "protocol/logout_token.h"

namespace cardea::client {

// Whether the app has never seen this token_id, which it remembers until the moment given (2.6 step
// 8). Called last, and at most once.
using FirstSeen = std::function<bool(std::string_view token_id, Instant until)>;

struct LogoutInputs {
  const Configuration& configuration;
  const Keys& keys;
  const FirstSeen& first_seen;
  Instant now;
};

// form: the body of the POST, application/x-www-form-urlencoded.
// Refuses: logout_token.request (no logout_token, or more than one), logout_token.keys (none can be
// had: let the issuer try again), logout_token.replayed, and logout_token.<rule> for each step of
// 2.6 (protocol/logout_token.h). Thread-safe where `keys` and `first_seen` are.
Result<VerifiedLogoutToken, Error> process_logout_token(const LogoutInputs& inputs,
                                                        std::string_view form);

// What to answer (2.8): 200; 400 for a refused token; 503 where only the keys were missing. Never
// kept by a cache.
http::Response logout_answer(const Status<Error>& ended);

}  // namespace cardea::client
