// Client assertions of private_key_jwt and client_secret_jwt (RFC 7523 3, OIDC Core 9, RFC 8725):
// what the claims must say. Whether the `jti` was seen before is the server's to remember.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "jose/jwk.h"
#include "jose/jws.h"
#include "protocol/assertion.h"

namespace cardea {

inline constexpr std::string_view client_assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// No assertion may be valid for longer: its `jti` is remembered until then (8725-13).
inline constexpr Seconds client_assertion_lifetime_max = hours(1);

struct ClientAssertionExpectations {
  std::string client_id;
  // Decision Q13: `aud` is one of these, or an array of nothing else; under a profile it is the
  // issuer and no array (FAPI 2.0 Security Profile 5.3.2.1).
  std::string issuer;
  std::vector<std::string> endpoints;  // the token endpoint, and where the request came
  std::optional<Profile> profile;      // of the client
  // Of a signature, as registered; absent: every asymmetric one that the key allows.
  std::optional<jose::SignatureAlgorithm> algorithm = std::nullopt;
  Seconds clock_tolerance{10};
};

struct ClientAssertion {
  std::string token_id;  // `jti`
  Instant expires_at{};
};

using ClientAssertionRefusal = AssertionRefusal;

// Who the assertion says it is from, before anything is proven; nothing when it is no JWT.
std::optional<std::string> unverified_subject(std::string_view assertion);

// check_assertion() where issuer and subject are the client. Pure. What the client registered
// decides which of the two is called: a header has no say (RFC 8725 2.1).
Result<ClientAssertion, ClientAssertionRefusal> check_client_assertion(
    std::string_view assertion, const jose::JwkSet& keys,
    const ClientAssertionExpectations& expected, Instant now);
Result<ClientAssertion, ClientAssertionRefusal> check_client_assertion(
    std::string_view assertion, const std::vector<jose::MacSecret>& secrets,
    const ClientAssertionExpectations& expected, Instant now);

}  // namespace cardea
