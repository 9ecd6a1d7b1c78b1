// Asking the issuer about an opaque token: RFC 7662. A pair of functions; the caller sends the
// request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "http/message.h"
#include "protocol/confirmation.h"
#include "protocol/token_response.h"

namespace cardea::resource {

using IntrospectionSecret = Secret<struct IntrospectionSecretTag>;

// How this resource proves who it is at the introspection endpoint (client_secret_basic).
struct IntrospectionCredentials {
  std::string client_id;
  IntrospectionSecret secret;
};

http::OutgoingRequest build_introspection(std::string_view endpoint,
                                          const IntrospectionCredentials& credentials,
                                          const AccessToken& token);

struct IntrospectionExpectations {
  std::string issuer;
  std::string audience;  // the identifier of this resource; must be a member of `aud`
  Seconds clock_tolerance{10};
  Confirmation proven;  // what the request proved to hold; a bound token must be bound to that
};

// An active token that is meant for this resource.
struct IntrospectedToken {
  std::string subject;  // "" when the issuer does not say (a client's own token)
  std::string client_id;
  std::vector<std::string> scope;
  std::optional<Instant> expires_at;
  Confirmation confirmation;
  json::Object claims;
};

// Why not, and whose fault it is.
struct IntrospectionRefusal {
  enum class Kind { token, surroundings } kind = Kind::token;
  std::string reason;
};

// Refuses the token: inactive, of another issuer or audience, expired, of another type, bound to
// what was not proven. Refuses for the surroundings: any status but 200, an answer that is
// malformed.
Result<IntrospectedToken, IntrospectionRefusal> process_introspection(
    const IntrospectionExpectations& expected, const http::Response& response, Instant now);

}  // namespace cardea::resource
