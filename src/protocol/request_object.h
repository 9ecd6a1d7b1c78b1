// Request objects: an authorization request as a JWT that its client signed (RFC 9101, OIDC Core
// 6). What the object says is the whole request; nothing outside of it counts (RFC 9101 6.3).
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

struct RequestObjectExpectations {
  std::string client_id;
  std::string issuer;
  // The one that the client registers; nothing: every asymmetric one.
  std::optional<jose::SignatureAlgorithm> algorithm;
  std::optional<Profile> profile;  // of the client
  Seconds clock_tolerance{10};
};

struct RequestObject {
  // The members as parameters, client_id among them: text as it is, numbers in decimal, objects and
  // lists as JSON text, the members of `resource` one by one. The JWT's own claims are left out.
  ParameterPairs parameters;
};

struct RequestObjectRefusal {
  SpecRef spec;
  std::string reason;  // private; never the object
};

// Checks signature, typ, iss, aud, client_id, exp, nbf and iat, and that it is no other kind of JWT
// (RFC 9101 4, 10.8; RFC 8725 3.11). Pure.
Result<RequestObject, RequestObjectRefusal> check_request_object(
    std::string_view object, const jose::JwkSet& keys, const RequestObjectExpectations& expected,
    Instant now);

}  // namespace cardea
