// Each rule of OIDC Core 3.1.3.7 broken one at a time, in an otherwise perfect ID token.
#include "protocol/id_token.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "jose/jws.h"

namespace cardea::id_token_test {

using crypto::PrivateKey;
using jose::SignatureAlgorithm;

const Instant now = Instant::from_seconds(1'800'000'000);

const PrivateKey& key_of(SignatureAlgorithm algorithm) {
  static const auto rs = PrivateKey::generate(SignatureAlgorithm::RS256);
  static const auto es = PrivateKey::generate(SignatureAlgorithm::ES256);
  static const auto ed = PrivateKey::generate(SignatureAlgorithm::EdDSA);
  if (algorithm == SignatureAlgorithm::EdDSA) return ed;
  return algorithm == SignatureAlgorithm::ES256 ? es : rs;
}

jose::JwkSet keys() {
  json::Array list;
  list.emplace_back(jose::write_jwk(key_of(SignatureAlgorithm::RS256), "rs"));
  list.emplace_back(jose::write_jwk(key_of(SignatureAlgorithm::ES256), "es"));
  list.emplace_back(jose::write_jwk(key_of(SignatureAlgorithm::EdDSA), "ed"));
  return jose::JwkSet::parse(json::Object{{"keys", list}}).value();
}

json::Object good_claims() {
  return json::Object{{"iss", "https://issuer.example"},
                      {"sub", "248289761001"},
                      {"aud", "web"},
                      {"exp", now.unix_seconds() + 600},
                      {"iat", now.unix_seconds() - 1},
                      {"auth_time", now.unix_seconds() - 20},
                      {"acr", "urn:example:silver"},
                      {"nonce", "n-0S6_WzA2Mj"},
                      {"at_hash", jose::half_hash(SignatureAlgorithm::RS256, "access")},
                      {"c_hash", jose::half_hash(SignatureAlgorithm::RS256, "code")}};
}

IdTokenExpectations expectations() {
  IdTokenExpectations out;
  out.issuer = "https://issuer.example";
  out.client_id = "web";
  out.nonce = "n-0S6_WzA2Mj";
  out.acr_values = {"urn:example:silver", "urn:example:gold"};
  out.max_age = Seconds{60};
  out.access_token = "access";
  out.code = "code";
  return out;
}

std::string sign(const json::Object& claims, std::string_view typ = "JWT") {
  return jose::sign_jwt(key_of(SignatureAlgorithm::RS256), "rs", typ, claims);
}

// A token made of any header, with a signature that is right for the RS256 key.
std::string sign_raw(const json::Object& header, const json::Object& claims) {
  const std::string input =
      base64url_encode(json::write(header)) + "." + base64url_encode(json::write(claims));
  return input + "." + base64url_encode(key_of(SignatureAlgorithm::RS256).sign(input));
}

// The rule that refused, or "ok".
std::string verdict(std::string_view token, const IdTokenExpectations& expected = expectations()) {
  const auto checked = check_id_token(token, keys(), expected, now);
  return checked ? "ok" : std::string(name_of(checked.error().rule));
}

std::string with(std::string name, json::Value value) {
  auto claims = good_claims();
  claims.set(std::move(name), std::move(value));
  return verdict(sign(claims));
}

std::string without(std::string_view name) {
  auto claims = good_claims();
  claims.erase(name);
  return verdict(sign(claims));
}

// OIDCC-3.1.3.7: a token that keeps every rule is accepted and says what it says.
TEST(OidcCore, S3_1_3_7_GoodTokenIsAccepted) {
  const auto checked = check_id_token(sign(good_claims()), keys(), expectations(), now);
  ASSERT_TRUE(checked) << checked.error().reason;
  EXPECT_EQ(checked->subject(), "248289761001");
  EXPECT_EQ(checked->audience(), std::vector<std::string>{"web"});
  EXPECT_EQ(checked->expires_at(), now + Seconds{600});
  EXPECT_EQ(checked->auth_time(), now - Seconds{20});
  EXPECT_EQ(checked->acr(), "urn:example:silver");
}

// OIDCC-3.1.3.7-2: iss is the issuer that was discovered, byte for byte.
TEST(OidcCore, S3_1_3_7_2_IssuerMustBeExact) {
  EXPECT_EQ(with("iss", "https://issuer.example/"), "iss");
  EXPECT_EQ(with("iss", "https://ISSUER.example"), "iss");
  EXPECT_EQ(with("iss", 7), "iss");
  EXPECT_EQ(without("iss"), "iss");
}

// OIDCC-3.1.3.7-3; 8725-08; 6819-07: aud holds this client and nobody who is not trusted.
TEST(OidcCore, S3_1_3_7_3_AudienceMustBeThisClient) {
  EXPECT_EQ(with("aud", "spa"), "aud");
  EXPECT_EQ(with("aud", "WEB"), "aud");
  EXPECT_EQ(with("aud", json::Array{}), "aud");
  EXPECT_EQ(with("aud", 1), "aud");
  EXPECT_EQ(with("aud", json::Array{"web", 1}), "aud");
  EXPECT_EQ(without("aud"), "aud");
  EXPECT_EQ(with("aud", json::Array{"web"}), "ok");
  auto claims = good_claims();
  claims.set("aud", json::Array{"web", "other"});
  claims.set("azp", "web");
  EXPECT_EQ(verdict(sign(claims)), "aud");
  auto trusting = expectations();
  trusting.trusted_audiences = {"other"};
  EXPECT_EQ(verdict(sign(claims), trusting), "ok");
}

// OIDCC-3.1.3.7-4: several audiences need an azp.
TEST(OidcCore, S3_1_3_7_4_SeveralAudiencesNeedAzp) {
  auto claims = good_claims();
  claims.set("aud", json::Array{"web", "other"});
  auto trusting = expectations();
  trusting.trusted_audiences = {"other"};
  EXPECT_EQ(verdict(sign(claims), trusting), "azp");
}

// OIDCC-3.1.3.7-5: azp, where present, is this client.
TEST(OidcCore, S3_1_3_7_5_AzpMustBeThisClient) {
  EXPECT_EQ(with("azp", "web"), "ok");
  EXPECT_EQ(with("azp", "other"), "azp");
  EXPECT_EQ(with("azp", nullptr), "azp");
}

// OIDCC-3.1.3.7-6: the signature is checked with the issuer's keys.
TEST(OidcCore, S3_1_3_7_6_SignatureMustVerify) {
  const auto token = sign(good_claims());
  auto claims = good_claims();
  claims.set("sub", "somebody else");
  const auto other = sign(claims);
  // The body of one with the signature of the other.
  EXPECT_EQ(verdict(other.substr(0, other.rfind('.')) + token.substr(token.rfind('.'))),
            "signature");
  const auto stranger = PrivateKey::generate(SignatureAlgorithm::RS256);
  EXPECT_EQ(verdict(jose::sign_jwt(stranger, "rs", "JWT", good_claims())), "signature");
  EXPECT_EQ(verdict(jose::sign_jwt(stranger, "unknown", "JWT", good_claims())), "signature");
  EXPECT_EQ(verdict(token.substr(0, token.rfind('.') + 1)), "signature");
}

// OIDCC-3.1.3.7-7; 8725-01: the algorithm is the configured one, whatever the header says.
TEST(OidcCore, S3_1_3_7_7_AlgorithmIsConfigured) {
  const auto& es = key_of(SignatureAlgorithm::ES256);
  EXPECT_EQ(verdict(jose::sign_jwt(es, "es", "JWT", good_claims())), "alg");
  auto expected = expectations();
  expected.algorithms = {SignatureAlgorithm::ES256};
  EXPECT_EQ(verdict(jose::sign_jwt(es, "es", "JWT", good_claims()), expected), "ok");
  EXPECT_EQ(verdict(sign(good_claims()), expected), "alg");
  for (const json::Value& alg : {json::Value("none"), json::Value("None"), json::Value("nOnE"),
                                 json::Value(""), json::Value("HS256"), json::Value(5)}) {
    EXPECT_NE(verdict(sign_raw(json::Object{{"alg", alg}}, good_claims())), "ok");
  }
  EXPECT_NE(verdict(sign_raw(json::Object{{"typ", "JWT"}}, good_claims())), "ok");
}

// OIDCC-3.1.3.7-9; 8725-12: exp lies ahead, within the tolerance for clocks.
TEST(OidcCore, S3_1_3_7_9_ExpiredIsRefused) {
  EXPECT_EQ(with("exp", now.unix_seconds() - 29), "ok");
  EXPECT_EQ(with("exp", now.unix_seconds() - 30), "exp");
  EXPECT_EQ(with("exp", std::to_string(now.unix_seconds() + 600)), "exp");
  EXPECT_EQ(with("exp", 1e300), "exp");
  EXPECT_EQ(with("exp", -1), "exp");
  EXPECT_EQ(without("exp"), "exp");
}

// OIDCC-3.1.3.7-10: iat is recent and not ahead.
TEST(OidcCore, S3_1_3_7_10_IssuedAtIsRecent) {
  EXPECT_EQ(with("iat", now.unix_seconds() + 30), "ok");
  EXPECT_EQ(with("iat", now.unix_seconds() + 31), "iat");
  EXPECT_EQ(with("iat", now.unix_seconds() - 631), "iat");
  EXPECT_EQ(with("iat", "now"), "iat");
  EXPECT_EQ(without("iat"), "iat");
}

// OIDCC-3.1.3.7-11: the nonce is the one that was sent.
TEST(OidcCore, S3_1_3_7_11_NonceMustBeTheOneSent) {
  EXPECT_EQ(with("nonce", "another"), "nonce");
  EXPECT_EQ(with("nonce", ""), "nonce");
  EXPECT_EQ(with("nonce", 5), "nonce");
  EXPECT_EQ(without("nonce"), "nonce");
}

// OIDCC-3.1.3.7-12: acr is one of those asked for.
TEST(OidcCore, S3_1_3_7_12_AcrMustBeAskedFor) {
  EXPECT_EQ(with("acr", "urn:example:gold"), "ok");
  EXPECT_EQ(with("acr", "urn:example:bronze"), "acr");
  EXPECT_EQ(without("acr"), "acr");
}

// OIDCC-3.1.3.7-13: with max_age, auth_time is there and recent enough.
TEST(OidcCore, S3_1_3_7_13_AuthTimeWithinMaxAge) {
  EXPECT_EQ(with("auth_time", now.unix_seconds() - 90), "ok");
  EXPECT_EQ(with("auth_time", now.unix_seconds() - 91), "auth_time");
  EXPECT_EQ(with("auth_time", "yesterday"), "auth_time");
  EXPECT_EQ(without("auth_time"), "auth_time");
}

// OIDCC-2: sub is there, ASCII, at most 255 characters.
TEST(OidcCore, S2_SubjectForm) {
  EXPECT_EQ(with("sub", std::string(255, 'a')), "ok");
  EXPECT_EQ(with("sub", std::string(256, 'a')), "sub");
  EXPECT_EQ(with("sub", "al\xc3\xad"), "sub");
  EXPECT_EQ(with("sub", ""), "sub");
  EXPECT_EQ(without("sub"), "sub");
}

// OIDCC-3.1.3.8: at_hash, where present, is that of the access token.
TEST(OidcCore, S3_1_3_8_AccessTokenHash) {
  EXPECT_EQ(with("at_hash", jose::half_hash(SignatureAlgorithm::RS256, "stolen")), "at_hash");
  EXPECT_EQ(with("at_hash", nullptr), "at_hash");
  EXPECT_EQ(without("at_hash"), "ok");
  // EdDSA hashes with SHA-512.
  auto expected = expectations();
  expected.algorithms = {SignatureAlgorithm::EdDSA};
  auto claims = good_claims();
  const auto& ed = key_of(SignatureAlgorithm::EdDSA);
  claims.erase("c_hash");
  EXPECT_EQ(verdict(jose::sign_jwt(ed, "ed", "JWT", claims), expected), "at_hash");
  claims.set("at_hash", jose::half_hash(SignatureAlgorithm::EdDSA, "access"));
  EXPECT_EQ(verdict(jose::sign_jwt(ed, "ed", "JWT", claims), expected), "ok");
}

// OIDCC-3.3.2.11; oidc-04: c_hash, where present, is that of the code.
TEST(OidcCore, S3_3_2_11_CodeHash) {
  EXPECT_EQ(with("c_hash", jose::half_hash(SignatureAlgorithm::RS256, "stolen")), "c_hash");
  EXPECT_EQ(without("c_hash"), "ok");
}

// OIDCC-3.3.2.11; oidc-04: an ID token of the authorization endpoint vouches for what came beside
// it.
TEST(OidcCore, S3_3_2_11_HashesAreRequiredFromTheAuthorizationEndpoint) {
  auto hybrid = expectations();
  hybrid.source = IdTokenExpectations::Source::authorization_endpoint;
  EXPECT_EQ(verdict(sign(good_claims()), hybrid), "ok");
  for (const std::string name : {"c_hash", "at_hash"}) {
    auto claims = good_claims();
    claims.erase(name);
    EXPECT_EQ(verdict(sign(claims), hybrid), name);
    claims.set(name, jose::half_hash(SignatureAlgorithm::RS256, "stolen"));
    EXPECT_EQ(verdict(sign(claims), hybrid), name);
  }
  // `code id_token`: no access token, so no hash of one.
  hybrid.access_token.reset();
  auto claims = good_claims();
  claims.erase("at_hash");
  EXPECT_EQ(verdict(sign(claims), hybrid), "ok");
}

// OIDCC-12.2; oidc-15: a refreshed token is about the same person and the same sign-in.
TEST(OidcCore, S12_2_RefreshedTokenIsAboutTheSamePerson) {
  auto expected = expectations();
  expected.nonce_presence = IdTokenExpectations::NoncePresence::may_be_absent;
  expected.subject = "248289761001";
  expected.original_auth_time = now - Seconds{20};
  auto claims = good_claims();
  claims.erase("nonce");
  EXPECT_EQ(verdict(sign(claims), expected), "ok");
  claims.set("nonce", "another");
  EXPECT_EQ(verdict(sign(claims), expected), "nonce");
  claims.erase("nonce");
  claims.set("auth_time", now.unix_seconds() - 1);
  EXPECT_EQ(verdict(sign(claims), expected), "auth_time");
  claims.set("sub", "mallory");
  claims.set("auth_time", now.unix_seconds() - 20);
  EXPECT_EQ(verdict(sign(claims), expected), "sub");
}

// RFC8725-3.11; 8725-10: tokens of another type are no ID tokens.
TEST(Rfc8725, S3_11_OtherTypesAreNoIdTokens) {
  EXPECT_EQ(verdict(sign(good_claims(), "at+jwt")), "typ");
  EXPECT_EQ(verdict(sign(good_claims(), "application/at+jwt")), "typ");
  EXPECT_EQ(verdict(sign(good_claims(), "logout+jwt")), "typ");
  EXPECT_EQ(verdict(sign(good_claims(), "dpop+jwt")), "typ");
  EXPECT_EQ(verdict(sign(good_claims(), "oauth-authz-req+jwt")), "typ");
  EXPECT_EQ(verdict(sign(good_claims(), "")), "ok");  // no typ at all: usual for ID tokens
  EXPECT_EQ(with("events", json::Object{{"http://schemas.openid.net/event/backchannel-logout",
                                         json::Object{}}}),
            "typ");
}

// RFC8725-3.10; 8725-11; 8725-15: what is not a plain JWS is refused.
TEST(Rfc8725, S3_10_MalformedTokensAreRefused) {
  const auto token = sign(good_claims());
  for (const std::string& bad : {std::string(), std::string("x"), token + ".x", "." + token,
                                 token + "=", " " + token, std::string(20'000, 'a')}) {
    EXPECT_EQ(verdict(bad), "form") << bad.substr(0, 40);
  }
  EXPECT_EQ(verdict(sign_raw(json::Object{{"alg", "RS256"}, {"crit", json::Array{"exp2"}}},
                             good_claims())),
            "form");
}

// RFC8725-3.1: a JWK in the header is no key.
TEST(Rfc8725, S3_1_EmbeddedKeysAreIgnored) {
  const auto stranger = PrivateKey::generate(SignatureAlgorithm::RS256);
  const json::Object header{{"alg", "RS256"}, {"jwk", jose::write_jwk(stranger, "x")}};
  const std::string input =
      base64url_encode(json::write(header)) + "." + base64url_encode(json::write(good_claims()));
  EXPECT_EQ(verdict(input + "." + base64url_encode(stranger.sign(input))), "signature");
}

}  // namespace cardea::id_token_test
