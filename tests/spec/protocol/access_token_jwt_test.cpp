// Each rule of RFC 9068 4 broken one at a time, in an otherwise perfect access token.
#include "protocol/access_token_jwt.h"

#include <gtest/gtest.h>

#include "jose/jws.h"

namespace cardea::access_token_jwt_test {

using crypto::PrivateKey;
using jose::SignatureAlgorithm;

const Instant now = Instant::from_seconds(1'800'000'000);

const PrivateKey& signing_key() {
  static const auto key = PrivateKey::generate(SignatureAlgorithm::ES256);
  return key;
}

jose::JwkSet keys() {
  return jose::JwkSet::parse(
             json::Object{{"keys", json::Array{jose::write_jwk(signing_key(), "es")}}})
      .value();
}

json::Object good_claims() {
  return json::Object{{"iss", "https://issuer.example"},
                      {"sub", "alice"},
                      {"client_id", "web"},
                      {"aud", json::Array{"https://api.example", "https://issuer.example"}},
                      {"jti", "t1"},
                      {"scope", "openid calendar.read"},
                      {"exp", now.unix_seconds() + 600},
                      {"iat", now.unix_seconds()}};
}

std::string verdict(const json::Object& claims, std::string_view typ = "at+jwt",
                    std::vector<SignatureAlgorithm> algorithms = {SignatureAlgorithm::ES256}) {
  AccessTokenExpectations expected{.issuer = "https://issuer.example",
                                   .audience = "https://api.example"};
  expected.algorithms = std::move(algorithms);
  const auto token = jose::sign_jwt(signing_key(), "es", typ, claims);
  const auto checked = check_access_token_jwt(token, keys(), expected, now);
  return checked ? "ok" : std::string(name_of(checked.error().rule));
}

std::string with(std::string name, json::Value value) {
  auto claims = good_claims();
  claims.set(std::move(name), std::move(value));
  return verdict(claims);
}

std::string without(std::string_view name) {
  auto claims = good_claims();
  claims.erase(name);
  return verdict(claims);
}

// RFC9068-4; 9068-04: a token that keeps every rule is accepted and says what it says.
TEST(Rfc9068, S4_GoodTokenIsAccepted) {
  const AccessTokenExpectations expected{.issuer = "https://issuer.example",
                                         .audience = "https://api.example"};
  const auto checked = check_access_token_jwt(
      jose::sign_jwt(signing_key(), "es", "at+jwt", good_claims()), keys(), expected, now);
  ASSERT_TRUE(checked) << checked.error().reason;
  EXPECT_EQ(checked->subject(), "alice");
  EXPECT_EQ(checked->client_id(), "web");
  EXPECT_EQ(checked->token_id(), "t1");
  EXPECT_EQ(checked->scope(), (std::vector<std::string>{"openid", "calendar.read"}));
  EXPECT_EQ(checked->expires_at(), now + Seconds{600});
}

// RFC9068-4; RFC9068-5; 9068-04; 9068-05; 8725-10: typ is at+jwt, so nothing else passes.
TEST(Rfc9068, S4_TypMustBeAccessToken) {
  EXPECT_EQ(verdict(good_claims(), "application/at+jwt"), "ok");
  EXPECT_EQ(verdict(good_claims(), "AT+JWT"), "ok");
  for (const std::string_view typ : {"JWT", "", "logout+jwt", "dpop+jwt", "at+jwt "}) {
    EXPECT_EQ(verdict(good_claims(), typ), "typ") << typ;
  }
}

// RFC9068-4; 9068-04; 8725-01: the algorithm is on the list of this resource.
TEST(Rfc9068, S4_AlgorithmIsAllowListed) {
  EXPECT_EQ(verdict(good_claims(), "at+jwt", {SignatureAlgorithm::RS256}), "alg");
  EXPECT_EQ(verdict(good_claims(), "at+jwt", {}), "alg");
}

// RFC9068-4; 9068-04: the signature is made with a key of the issuer.
TEST(Rfc9068, S4_SignatureMustVerify) {
  const auto stranger = PrivateKey::generate(SignatureAlgorithm::ES256);
  const AccessTokenExpectations expected{.issuer = "https://issuer.example",
                                         .audience = "https://api.example"};
  for (const std::string_view kid : {"es", "other"}) {
    const auto checked = check_access_token_jwt(
        jose::sign_jwt(stranger, kid, "at+jwt", good_claims()), keys(), expected, now);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().rule, AccessTokenRule::signature);
  }
}

// RFC9068-4; 9068-04: iss is the configured issuer, byte for byte.
TEST(Rfc9068, S4_IssuerMustBeExact) {
  EXPECT_EQ(with("iss", "https://issuer.example/"), "iss");
  EXPECT_EQ(with("iss", 1), "iss");
  EXPECT_EQ(without("iss"), "iss");
}

// RFC9068-4; 9068-04: this resource is one of the audiences.
TEST(Rfc9068, S4_AudienceMustHoldThisResource) {
  EXPECT_EQ(with("aud", "https://api.example"), "ok");
  EXPECT_EQ(with("aud", "https://api.example/"), "aud");
  EXPECT_EQ(with("aud", "web"), "aud");
  EXPECT_EQ(with("aud", json::Array{"https://issuer.example"}), "aud");
  EXPECT_EQ(with("aud", json::Array{"https://api.example", 1}), "aud");
  EXPECT_EQ(without("aud"), "aud");
}

// RFC9068-4; 9068-04; 8725-12: exp lies ahead.
TEST(Rfc9068, S4_ExpiredIsRefused) {
  EXPECT_EQ(with("exp", now.unix_seconds() - 9), "ok");
  EXPECT_EQ(with("exp", now.unix_seconds() - 10), "exp");
  EXPECT_EQ(with("exp", "2099"), "exp");
  EXPECT_EQ(with("exp", 1e300), "exp");
  EXPECT_EQ(without("exp"), "exp");
}

// RFC9068-2.2; RFC7519-4.1.5: a token from the future is refused.
TEST(Rfc9068, S2_2_NotYetValidIsRefused) {
  EXPECT_EQ(with("iat", now.unix_seconds() + 11), "iat");
  EXPECT_EQ(without("iat"), "iat");
  EXPECT_EQ(with("nbf", now.unix_seconds() + 10), "ok");
  EXPECT_EQ(with("nbf", now.unix_seconds() + 11), "iat");
  EXPECT_EQ(with("nbf", "soon"), "iat");
}

// RFC9068-2.2: sub, client_id and jti are required, scope is a string.
TEST(Rfc9068, S2_2_RequiredClaims) {
  for (const std::string_view name : {"sub", "client_id", "jti"}) {
    EXPECT_EQ(without(name), "claims") << name;
    EXPECT_EQ(with(std::string(name), 5), "claims") << name;
  }
  EXPECT_EQ(with("scope", json::Array{"calendar.read"}), "claims");
  EXPECT_EQ(without("scope"), "ok");
}

// RFC9449-7.1: a token bound to a key is not a bearer token.
TEST(Rfc9068, S4_BoundTokenIsNoBearerToken) {
  EXPECT_EQ(with("cnf", json::Object{{"jkt", "x"}}), "binding");
}

}  // namespace cardea::access_token_jwt_test
