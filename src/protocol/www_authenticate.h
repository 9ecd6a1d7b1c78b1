// The WWW-Authenticate header of a protected resource (RFC 6750 3, RFC 9470 3, RFC 9110 11.6.1):
// writing it for resource and userinfo, reading the Bearer challenge of it for the client.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "protocol/error.h"

namespace cardea {

// What a challenge says: Bearer, or DPoP with the same parameters (RFC 9449 7.1). Without `error`
// it is the bare challenge for a request that carried no token (RFC 6750 3.1: then neither code nor
// description).
struct BearerChallenge {
  std::string_view scheme = "Bearer";  // or "DPoP" (RFC 9449 7.1)
  std::string algs;                    // of DPoP proofs, separated by spaces; "" for none
  std::string realm;
  std::optional<ErrorCode> error;
  std::string description;         // "" for none
  std::vector<std::string> scope;  // what would have sufficed
  std::string resource_metadata;   // RFC 9728 5.1; "" for none
  // What the sign-in behind the token would have to be (RFC 9470 3).
  std::vector<std::string> acr_values;
  std::optional<Seconds> max_age;
};

// The header's value. Characters that a quoted-string of RFC 6750 3 may not hold become `?`.
std::string write(const BearerChallenge& challenge);

// What a server said, as far as it is known to us. The texts are the server's: data, not to be
// shown as ours.
struct ReceivedBearerChallenge {
  std::string realm;
  std::string error;
  std::string description;
  std::string scope;
  std::string acr_values;
  std::optional<Seconds> max_age;  // nothing as well where it is no number of seconds
};
// The first Bearer challenge of a header value; nothing when there is none or it is malformed.
std::optional<ReceivedBearerChallenge> parse_bearer_challenge(std::string_view value);

}  // namespace cardea
