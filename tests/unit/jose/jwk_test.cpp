// JWK and JWK Set as values: what is written comes back, what is kept, what is skipped. The
// refusals that a specification asks for are in tests/spec/rfc7517 and rfc7518.
#include "jose/jwk.h"

#include <gtest/gtest.h>

#include <array>

namespace cardea::jwk_test {

using crypto::PrivateKey;
using jose::SignatureAlgorithm;

constexpr std::array<SignatureAlgorithm, 5> algorithms = {
    SignatureAlgorithm::RS256, SignatureAlgorithm::PS256, SignatureAlgorithm::ES256,
    SignatureAlgorithm::ES384, SignatureAlgorithm::EdDSA};

TEST(Jwk, AlgorithmNamesAreExact) {
  for (const auto algorithm : algorithms) {
    EXPECT_EQ(jose::algorithm_named(jose::name_of(algorithm)), algorithm);
  }
  for (const auto* name :
       {"", "none", "None", "HS256", "rs256", "RS384", "ES512", "ES256 ", "Ed25519"}) {
    EXPECT_FALSE(jose::algorithm_named(name)) << name;
  }
}

TEST(Jwk, AWrittenKeyIsReadBackWithItsAlgorithm) {
  for (const auto algorithm : algorithms) {
    const auto key = PrivateKey::generate(algorithm);
    const auto jwk = jose::parse_jwk(jose::write_jwk(key, "the kid"));
    ASSERT_TRUE(jwk) << jwk.error();
    EXPECT_EQ(jwk->kid, "the kid");
    EXPECT_EQ(jwk->alg, algorithm);
    ASSERT_EQ(jwk->keys.size(), 1u);
    EXPECT_TRUE(jwk->keys[0].verify("m", key.sign("m")));
  }
}

std::vector<std::string> names(const json::Object& object) {
  std::vector<std::string> out;
  for (const auto& member : object.members()) out.push_back(member.name);
  return out;
}

TEST(Jwk, WritesPublicMembersOnlyAndInOrder) {
  using Names = std::vector<std::string>;
  const auto written = [](SignatureAlgorithm algorithm) {
    return jose::write_jwk(PrivateKey::generate(algorithm), "k");
  };
  EXPECT_EQ(names(written(SignatureAlgorithm::RS256)),
            (Names{"kty", "n", "e", "kid", "use", "alg"}));
  EXPECT_EQ(names(written(SignatureAlgorithm::ES384)),
            (Names{"kty", "crv", "x", "y", "kid", "use", "alg"}));
  EXPECT_EQ(names(written(SignatureAlgorithm::EdDSA)),
            (Names{"kty", "crv", "x", "kid", "use", "alg"}));
  EXPECT_FALSE(
      jose::write_jwk(PrivateKey::generate(SignatureAlgorithm::ES256), "").contains("kid"));
}

TEST(Jwk, AnRsaKeyWithoutAlgServesBothOfItsAlgorithms) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::RS256);
  auto object = jose::write_jwk(key, "k");
  object.erase("alg");
  const auto jwk = jose::parse_jwk(object);
  ASSERT_TRUE(jwk);
  EXPECT_FALSE(jwk->alg);
  EXPECT_EQ(jwk->keys.size(), 2u);
  const auto set = jose::JwkSet::parse(json::Object{{"keys", json::Array{object}}});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->candidates(SignatureAlgorithm::RS256, "k").size(), 1u);
  EXPECT_EQ(set->candidates(SignatureAlgorithm::PS256, "k").size(), 1u);
  EXPECT_EQ(set->candidates(SignatureAlgorithm::ES256, "k").size(), 0u);
}

TEST(JwkSet, CandidatesHaveTheAlgorithmAndTheKidWhereBothNameOne) {
  const auto ec = [](std::string_view kid) {
    return json::Value(jose::write_jwk(PrivateKey::generate(SignatureAlgorithm::ES256), kid));
  };
  const auto okp = jose::write_jwk(PrivateKey::generate(SignatureAlgorithm::EdDSA), "c");
  const auto set =
      jose::JwkSet::parse(json::Object{{"keys", json::Array{ec("a"), ec("b"), ec(""), okp}}});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->keys().size(), 4u);
  EXPECT_EQ(set->candidates(SignatureAlgorithm::ES256, "a").size(), 2u);  // a, and the nameless one
  EXPECT_EQ(set->candidates(SignatureAlgorithm::ES256, "x").size(), 1u);
  EXPECT_EQ(set->candidates(SignatureAlgorithm::ES256, "").size(), 3u);
  EXPECT_EQ(set->candidates(SignatureAlgorithm::EdDSA, "a").size(), 0u);
  EXPECT_TRUE(set->contains_kid("b"));
  EXPECT_FALSE(set->contains_kid("x"));
}

TEST(JwkSet, TextThatIsNoSetIsRefused) {
  for (const auto* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[1]})", R"({"keys":["x"]})",
                           R"({"keys":[],"keys":[]})"}) {
    EXPECT_FALSE(jose::JwkSet::parse(std::string_view(text))) << text;
  }
  EXPECT_TRUE(jose::JwkSet::parse(std::string_view(R"({"keys":[]})")));
}

}  // namespace cardea::jwk_test
