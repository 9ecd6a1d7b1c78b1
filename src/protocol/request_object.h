// Request objects: a request as a JWT that its client signed. One that asks for authorization (RFC
// 9101, OIDC Core 6), or one that asks a person elsewhere (CIBA Core 7.1.1). What the object says
// is the whole request; nothing outside of it counts (RFC 9101 6.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "jose/jwk.h"
#include "protocol/parameters.h"
#include "protocol/spec.h"
#include "protocol/vocabulary.h"

namespace cardea {

enum class RequestObjectKind { authorization, backchannel_authentication };

struct RequestObjectExpectations {
  RequestObjectKind kind = RequestObjectKind::authorization;
  std::string client_id;
  std::string issuer;
  // The one that the client registers; nothing: every one of accepted_algorithms().
  std::optional<jose::SignatureAlgorithm> algorithm;
  std::optional<Profile> profile;  // of the client
  Seconds clock_tolerance{10};
};

struct RequestObject {
  // The members as parameters, client_id among them: text as it is, numbers in decimal, objects and
  // lists as JSON text, the members of `resource` one by one. The JWT's own claims are left out.
  ParameterPairs parameters;
  // Of a backchannel authentication request, which is taken once: its `jti`, and when it is refused
  // whatever happens.
  std::string token_id;
  Instant expires_at{};
};

struct RequestObjectRefusal {
  SpecRef spec;
  std::string reason;  // private; never the object
};

// Checks signature, typ, iss, aud, client_id, exp, nbf and iat, and that it is no other kind of JWT
// (RFC 9101 4, 10.8; RFC 8725 3.11). A backchannel authentication request must have exp, nbf, iat
// and jti, and need not have client_id. Pure.
Result<RequestObject, RequestObjectRefusal> check_request_object(
    std::string_view object, const jose::JwkSet& keys, const RequestObjectExpectations& expected,
    Instant now);

}  // namespace cardea
