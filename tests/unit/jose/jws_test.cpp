// Signing and verifying tokens of our own and of an independent implementation, and the small rules
// beside them.
#include "jose/jws.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/base64url.h"
#include "vectors/read_vectors.h"

namespace cardea::jws_test {

using crypto::PrivateKey;
using jose::JwsError;
using jose::SignatureAlgorithm;

const std::vector<SignatureAlgorithm> all = {SignatureAlgorithm::RS256, SignatureAlgorithm::PS256,
                                             SignatureAlgorithm::ES256, SignatureAlgorithm::ES384,
                                             SignatureAlgorithm::EdDSA};

jose::JwkSet set_of(const json::Object& jwk) {
  return jose::JwkSet::parse(json::Object{{"keys", json::Array{jwk}}}).value();
}

TEST(Jws, VerifiesWhatItSigned) {
  const json::Object claims{
      {"iss", "https://issuer.example"}, {"exp", 1}, {"x", json::Array{"\xc3\xa4"}}};
  for (const auto algorithm : all) {
    const auto key = PrivateKey::generate(algorithm);
    const std::string token = jose::sign_jwt(key, "k\"1", "at+jwt", claims);
    const auto verified =
        jose::verify_jwt(token, set_of(jose::write_jwk(key, "k\"1")), {algorithm});
    ASSERT_TRUE(verified) << jose::name_of(verified.error());
    EXPECT_EQ(verified->claims, claims);
    EXPECT_EQ(verified->algorithm, algorithm);
    EXPECT_EQ(verified->typ, "at+jwt");
    EXPECT_EQ(json::write(verified->header), std::string("{\"alg\":\"") +
                                                 std::string(jose::name_of(algorithm)) +
                                                 R"(","kid":"k\"1","typ":"at+jwt"})");
  }
}

TEST(Jws, AnEmptyKidOrTypIsLeftOut) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::EdDSA);
  const auto parsed = jose::parse_unverified(jose::sign_jwt(key, "", "", json::Object{}));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(json::write(parsed->unverified_header), R"({"alg":"EdDSA"})");
  EXPECT_EQ(parsed->kid, "");
}

TEST(Jws, VerifiesWhatAnIndependentImplementationSigned) {
  int right = 0;
  for (const auto& vector : vectors::read("jose/independent.json")) {
    const std::string name = vectors::text(vector, "name");
    const auto set = set_of(*vector.find("jwk")->if_object());
    const auto verified = jose::verify_jwt(vectors::text(vector, "token"), set, all);
    if (*json::bool_member(vector, "valid")) {
      ASSERT_TRUE(verified) << name;
      EXPECT_EQ(json::string_member(verified->claims, "sub"), "a\xc3\xa9\"b");
      ++right;
    } else {
      ASSERT_FALSE(verified) << name;
      EXPECT_EQ(verified.error(), JwsError::bad_signature) << name;
    }
  }
  EXPECT_EQ(right, 5);
}

TEST(Jws, DeterministicSignaturesAreThoseOfAnIndependentImplementation) {
  int compared = 0;
  for (const auto& vector : vectors::read("jose/independent.json")) {
    const auto algorithm = jose::algorithm_named(vectors::text(vector, "alg")).value();
    const auto der = base64url_decode(vectors::text(vector, "pkcs8")).value();
    const auto key = PrivateKey::from_der(algorithm, crypto::PrivateKeyBytes(der));
    ASSERT_TRUE(key) << vectors::text(vector, "name");
    const std::string token = vectors::text(vector, "token");
    const auto dot = token.rfind('.');
    const std::string signature = base64url_encode(key->sign(token.substr(0, dot)));
    const bool deterministic =
        algorithm == SignatureAlgorithm::RS256 || algorithm == SignatureAlgorithm::EdDSA;
    if (!deterministic || !*json::bool_member(vector, "valid")) continue;
    EXPECT_EQ(signature, token.substr(dot + 1));
    ++compared;
  }
  EXPECT_EQ(compared, 2);
}

TEST(Jws, OfManyKeysWithoutKidOnlySixteenAreTried) {
  json::Array keys;
  std::vector<PrivateKey> made;
  for (int i = 0; i < 17; ++i) {
    made.push_back(PrivateKey::generate(SignatureAlgorithm::EdDSA));
    keys.push_back(jose::write_jwk(made.back(), "k" + std::to_string(i)));
  }
  const auto set = jose::JwkSet::parse(json::Object{{"keys", keys}});
  ASSERT_TRUE(set);
  const auto verify = [&](int at, const std::string& kid) {
    return jose::verify_jwt(
               jose::sign_jwt(made[static_cast<std::size_t>(at)], kid, "", json::Object{}), *set,
               all)
        .ok();
  };
  EXPECT_TRUE(verify(15, ""));
  EXPECT_FALSE(verify(16, ""));
  EXPECT_TRUE(verify(16, "k16"));
}

TEST(Jws, HalfHashesAreThoseOfOpenIdConnect) {  // OIDC Core A.3, A.4
  EXPECT_EQ(
      jose::half_hash(SignatureAlgorithm::RS256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
      "77QmUPtjPfzWtF2AnpK9RQ");
  EXPECT_EQ(jose::half_hash(SignatureAlgorithm::RS256,
                            "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
            "LDktKdoQak3Pk0cnXxCltA");
  EXPECT_EQ(jose::half_hash(SignatureAlgorithm::ES256, "abc").size(), 22u);  // 16 bytes
  EXPECT_EQ(jose::half_hash(SignatureAlgorithm::ES384, "abc").size(), 32u);  // 24
  EXPECT_EQ(jose::half_hash(SignatureAlgorithm::EdDSA, "abc").size(), 43u);  // 32
}

TEST(Jws, EveryErrorHasAName) {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(JwsError::bad_signature); ++i) {
    names.push_back(jose::name_of(static_cast<JwsError>(i)));
    EXPECT_NE(names.back(), "unknown");
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

}  // namespace cardea::jws_test
