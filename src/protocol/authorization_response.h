// The answer to an authorization request, success or error, and its encodings. RFC 6749 4.1.2 and
// 4.1.2.1; OAuth 2.0 Multiple Response Types 2.1; Form Post Response Mode 2; RFC 9207 2.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"
#include "protocol/error.h"
#include "protocol/parameters.h"
#include "protocol/vocabulary.h"

namespace cardea {

// What every answer carries: `state` as it came, and `iss` always (RFC 9207 2, decision Q11).
struct AuthorizationResponseFrame {
  std::string_view state;   // "" for none
  std::string_view issuer;  // never empty
};

// What a success gives; "" where the response type has none.
struct AuthorizationSuccess {
  std::string_view code;
  std::string_view id_token;
};

ParameterPairs success_parameters(const AuthorizationSuccess& success,
                                  const AuthorizationResponseFrame& frame);
ParameterPairs error_parameters(const OAuthError& error, const AuthorizationResponseFrame& frame);

// JARM 2.1: what a signed answer says instead: the parameters, for the client alone and until an
// instant. At most ten minutes are recommended.
inline constexpr Seconds response_jwt_lifetime = minutes(10);
json::ObjectText response_claims(const ParameterPairs& parameters, std::string_view client_id,
                                 Instant expires_at);

// The Location for query and fragment: redirect_uri byte for byte, then the parameters. Not for
// form_post.
std::string response_location(std::string_view redirect_uri, ResponseMode mode,
                              const ParameterPairs& parameters);

// The mode used when none is asked for: query for a code alone, else fragment (Multiple Response
// Types 5).
ResponseMode default_response_mode(std::string_view response_type_text);

}  // namespace cardea
