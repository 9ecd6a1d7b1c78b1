// JWT assertions (RFC 7521, RFC 7523 3, RFC 8725): what the claims of one must say, whether it
// proves a client or is a grant. Whether the `jti` was seen before is the server's to remember.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "jose/jwk.h"
#include "jose/jws.h"
#include "protocol/spec.h"
#include "protocol/vocabulary.h"

namespace cardea {

struct AssertionExpectations {
  std::string issuer;
  std::optional<std::string> subject;  // nothing: any, but there must be one
  // Decision Q13: `aud` is one of these, or an array of nothing else; under a profile no array.
  std::vector<std::string> audiences;
  std::optional<Profile> profile;
  std::string_view typ;  // the kind's own; "JWT" and none are taken too
  // Of a signature; absent: every one of accepted_algorithms() that the key allows.
  std::optional<jose::SignatureAlgorithm> algorithm = std::nullopt;
  Seconds lifetime_max = hours(1);
  Seconds clock_tolerance{10};
};

struct Assertion {
  std::string token_id;  // `jti`
  Instant expires_at{};  // when it is refused whatever happens
  json::Object claims;
};

struct AssertionRefusal {
  SpecRef spec;
  std::string reason;  // private; never the assertion
};

// What a claim says before anything is proven; nothing when it is no JWT or the claim no text.
std::optional<std::string> unverified_text(std::string_view assertion, std::string_view claim);

// Checks signature or MAC, then typ, iss, sub, aud, exp, nbf, iat and jti. Pure. The caller chooses
// between keys and secrets, never the header.
Result<Assertion, AssertionRefusal> check_assertion(std::string_view assertion,
                                                    const jose::JwkSet& keys,
                                                    const AssertionExpectations& expected,
                                                    Instant now);
Result<Assertion, AssertionRefusal> check_assertion(std::string_view assertion,
                                                    const std::vector<jose::MacSecret>& secrets,
                                                    const AssertionExpectations& expected,
                                                    Instant now);

}  // namespace cardea
