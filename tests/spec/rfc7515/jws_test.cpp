// RFC 7515: compact JWS.
#include <gtest/gtest.h>

#include "base/ascii.h"
#include "base/base64url.h"
#include "jose/jws.h"
#include "vectors/read_vectors.h"

namespace cardea::rfc7515_test {

using crypto::PrivateKey;
using jose::JwsError;
using jose::SignatureAlgorithm;

json::Object published(std::string_view source) {
  for (const auto& vector : vectors::read("jose/rfc_signatures.json")) {
    if (vectors::text(vector, "source") == source) return vector;
  }
  return {};
}

jose::JwkSet set_of(const json::Object& jwk) {
  return jose::JwkSet::parse(json::Object{{"keys", json::Array{jwk}}}).value();
}

// RFC7515-A.2: the published RS256 token verifies, and its key makes the same signature.
TEST(Rfc7515, A2_Rs256) {
  const auto vector = published("RFC 7515 A.2");
  const std::string token = vectors::text(vector, "token");
  const auto verified = jose::verify_jwt(token, set_of(*vector.find("jwk")->if_object()),
                                         {SignatureAlgorithm::RS256});
  ASSERT_TRUE(verified);
  EXPECT_EQ(json::string_member(verified->claims, "iss"), "joe");
  EXPECT_EQ(json::integer_member(verified->claims, "exp"), 1300819380);
  EXPECT_EQ(verified->typ, "");
  const auto der = base64url_decode(vectors::text(vector, "pkcs8")).value();
  const auto key = PrivateKey::from_der(SignatureAlgorithm::RS256, crypto::PrivateKeyBytes(der));
  ASSERT_TRUE(key);
  const auto dot = token.rfind('.');
  EXPECT_EQ(base64url_encode(key->sign(token.substr(0, dot))), token.substr(dot + 1));
}

// RFC7515-A.3: the published ES256 token verifies; a new signature by its key differs and verifies
// too.
TEST(Rfc7515, A3_Es256) {
  const auto vector = published("RFC 7515 A.3");
  const std::string token = vectors::text(vector, "token");
  const auto set = set_of(*vector.find("jwk")->if_object());
  ASSERT_TRUE(jose::verify_jwt(token, set, {SignatureAlgorithm::ES256}));
  const auto der = base64url_decode(vectors::text(vector, "pkcs8")).value();
  const auto key = PrivateKey::from_der(SignatureAlgorithm::ES256, crypto::PrivateKeyBytes(der));
  ASSERT_TRUE(key);
  const std::string input = token.substr(0, token.rfind('.'));
  const std::string again = input + "." + base64url_encode(key->sign(input));
  EXPECT_NE(again, token);
  EXPECT_TRUE(jose::verify_jwt(again, set, {SignatureAlgorithm::ES256}));
}

// RFC7515-5.2: any change to header, payload or signature is refused.
TEST(Rfc7515, S5_2_EveryChangedCharacterIsRefused) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::EdDSA);
  const auto set = set_of(jose::write_jwk(key, "k"));
  const std::string token = jose::sign_jwt(key, "k", "JWT", json::Object{{"sub", "alice"}});
  ASSERT_TRUE(jose::verify_jwt(token, set, {SignatureAlgorithm::EdDSA}));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(jose::verify_jwt(changed, set, {SignatureAlgorithm::EdDSA})) << i;
  }
}

// RFC7515-7.1: a compact JWS has exactly three parts.
TEST(Rfc7515, S7_1_ExactlyThreeParts) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::EdDSA);
  const auto set = set_of(jose::write_jwk(key, "k"));
  const std::string token = jose::sign_jwt(key, "k", "JWT", json::Object{});
  const std::string two = token.substr(0, token.rfind('.'));
  for (const std::string& bad :
       {std::string(), std::string("a"), two, token + ".", token + ".x", token + ".x.y"}) {
    const auto verified = jose::verify_jwt(bad, set, {SignatureAlgorithm::EdDSA});
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error(), JwsError::malformed) << bad;
    EXPECT_EQ(jose::parse_unverified(bad).error(), JwsError::malformed) << bad;
  }
  for (const std::string& bad :
       {std::string(".."), "." + token.substr(token.find('.') + 1), two + "."}) {
    EXPECT_FALSE(jose::verify_jwt(bad, set, {SignatureAlgorithm::EdDSA})) << bad;
  }
}

// RFC7515-4.1.4: kid and typ are strings where they are given.
TEST(Rfc7515, S4_1_4_HeaderMembersHaveTheirTypes) {
  const auto parse = [](std::string_view header) {
    return jose::parse_unverified(base64url_encode(header) + "." + base64url_encode("{}") +
                                  ".AAAA");
  };
  ASSERT_TRUE(parse(R"({"alg":"ES256","kid":"k","typ":"JWT","x":{"y":1}})"));
  EXPECT_EQ(parse(R"({"alg":"ES256","kid":"k"})")->kid, "k");
  EXPECT_EQ(parse(R"({"alg":"ES256","kid":1})").error(), JwsError::malformed);
  EXPECT_EQ(parse(R"({"alg":"ES256","typ":["JWT"]})").error(), JwsError::malformed);
  EXPECT_EQ(parse(R"({"alg":["ES256"]})").error(), JwsError::unknown_algorithm);
}

// RFC7515-4.1.9; 8725-10: typ is compared without case, and "application/" may be left out on
// either side.
TEST(Rfc7515, S4_1_9_TypIsAMediaType) {
  EXPECT_TRUE(jose::typ_matches("at+jwt", "at+jwt"));
  EXPECT_TRUE(jose::typ_matches("AT+JWT", "at+jwt"));
  EXPECT_TRUE(jose::typ_matches("application/at+jwt", "at+jwt"));
  EXPECT_TRUE(jose::typ_matches("Application/AT+jwt", "at+jwt"));
  EXPECT_TRUE(jose::typ_matches("at+jwt", "application/at+jwt"));
  for (const auto* other : {"", "JWT", "at+jwt ", " at+jwt", "at+jw", "x/at+jwt", "application/",
                            "application/application/at+jwt", "logout+jwt", "dpop+jwt"}) {
    EXPECT_FALSE(jose::typ_matches(other, "at+jwt")) << other;
  }
}

}  // namespace cardea::rfc7515_test
