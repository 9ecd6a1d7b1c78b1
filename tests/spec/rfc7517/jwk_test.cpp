// RFC 7517: JSON Web Keys and sets.
#include <gtest/gtest.h>

#include "jose/jwk.h"

namespace cardea::rfc7517_test {

using crypto::PrivateKey;
using jose::SignatureAlgorithm;

json::Object ec_jwk(std::string_view kid) {
  return jose::write_jwk(PrivateKey::generate(SignatureAlgorithm::ES256), kid);
}

json::Object with(json::Object jwk, std::string name, json::Value value) {
  jwk.set(std::move(name), std::move(value));
  return jwk;
}

json::Object set_object(json::Array keys) {
  return json::Object{{"keys", std::move(keys)}};
}

// RFC7517-4.1: kty is required and case-sensitive.
TEST(Rfc7517, S4_1_KtyIsRequiredAndExact) {
  json::Object jwk = ec_jwk("k");
  EXPECT_TRUE(jose::parse_jwk(jwk));
  for (const auto* kty : {"ec", "RSA", "OKP", "oct", ""})
    EXPECT_FALSE(jose::parse_jwk(with(jwk, "kty", kty)));
  jwk.erase("kty");
  EXPECT_FALSE(jose::parse_jwk(jwk));
}

// RFC7517-4.2: a key for encryption verifies nothing.
TEST(Rfc7517, S4_2_AKeyOfAnotherUseIsRefused) {
  json::Object jwk = ec_jwk("k");
  EXPECT_FALSE(jose::parse_jwk(with(jwk, "use", "enc")));
  EXPECT_FALSE(jose::parse_jwk(with(jwk, "use", "SIG")));
  EXPECT_FALSE(jose::parse_jwk(with(jwk, "use", nullptr)));
  jwk.erase("use");
  EXPECT_TRUE(jose::parse_jwk(jwk));
}

// RFC7517-4.3: key_ops, where given, holds verify.
TEST(Rfc7517, S4_3_KeyOpsHoldsVerify) {
  const json::Object jwk = ec_jwk("k");
  EXPECT_TRUE(jose::parse_jwk(with(jwk, "key_ops", json::Array{"verify"})));
  EXPECT_FALSE(jose::parse_jwk(with(jwk, "key_ops", json::Array{"sign"})));
  EXPECT_FALSE(jose::parse_jwk(with(jwk, "key_ops", json::Array{})));
  EXPECT_FALSE(jose::parse_jwk(with(jwk, "key_ops", json::Array{"verify", "verify"})));
  EXPECT_FALSE(jose::parse_jwk(with(jwk, "key_ops", "verify")));
}

// RFC7517-4.4; 8725-01: alg must fit the type and curve of the key.
TEST(Rfc7517, S4_4_AlgFitsTheKey) {
  const json::Object jwk = ec_jwk("k");
  for (const auto* alg : {"ES384", "RS256", "EdDSA", "HS256", "none", "es256", "ECDH-ES"}) {
    EXPECT_FALSE(jose::parse_jwk(with(jwk, "alg", alg))) << alg;
  }
  EXPECT_FALSE(jose::parse_jwk(with(jwk, "alg", 1)));
}

// RFC7517-4.5: kid is a string, and no two signing keys of a set share one.
TEST(Rfc7517, S4_5_KidsAreStringsAndUnique) {
  EXPECT_FALSE(jose::parse_jwk(with(ec_jwk("k"), "kid", 1)));
  EXPECT_FALSE(jose::JwkSet::parse(set_object({ec_jwk("k"), ec_jwk("k")})));
  EXPECT_TRUE(jose::JwkSet::parse(set_object({ec_jwk("k"), ec_jwk("K")})));
  EXPECT_TRUE(jose::JwkSet::parse(set_object({ec_jwk(""), ec_jwk("")})));
  EXPECT_TRUE(jose::JwkSet::parse(set_object({ec_jwk("k"), with(ec_jwk("k"), "use", "enc")})));
}

// RFC7517-5: keys that are not understood, incomplete or out of range are skipped, the others are
// used.
TEST(Rfc7517, S5_KeysThatAreNotUnderstoodAreSkipped) {
  json::Object incomplete = ec_jwk("i");
  incomplete.erase("y");
  const auto set = jose::JwkSet::parse(set_object({
      json::Object{{"kty", "NEW"}, {"kid", "n"}},
      json::Object{},
      with(ec_jwk("c"), "crv", "P-521"),
      with(ec_jwk("a"), "alg", "ES512"),
      with(ec_jwk("u"), "use", "enc"),
      with(ec_jwk("x"), "x", "AAAA"),
      incomplete,
      with(ec_jwk("good"), "unknown", json::Object{{"x", 1}}),
  }));
  ASSERT_TRUE(set);
  ASSERT_EQ(set->keys().size(), 1u);
  EXPECT_EQ(set->keys()[0].kid, "good");
}

// RFC7517-9.2; 8725-02: a set with private or symmetric key material is refused as a whole.
TEST(Rfc7517, S9_2_PrivateMembersRefuseTheSet) {
  for (const auto* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    const json::Object leaking = with(ec_jwk("k"), name, "AAAA");
    EXPECT_FALSE(jose::parse_jwk(leaking)) << name;
    EXPECT_FALSE(jose::JwkSet::parse(set_object({ec_jwk("good"), leaking}))) << name;
  }
  EXPECT_FALSE(jose::JwkSet::parse(set_object({json::Object{{"kty", "oct"}, {"k", "AAAA"}}})));
  EXPECT_FALSE(jose::JwkSet::parse(set_object({json::Object{{"kty", "NEW"}, {"d", "AAAA"}}})));
}

// RFC7517-5; 8725-16: a set of more than a hundred keys, or of more than 256 KiB, is refused.
TEST(Rfc7517, S5_LargeSetsAreRefused) {
  const json::Object unknown{{"kty", "NEW"}};
  EXPECT_TRUE(jose::JwkSet::parse(set_object(json::Array(100, unknown))));
  EXPECT_FALSE(jose::JwkSet::parse(set_object(json::Array(101, unknown))));
  EXPECT_FALSE(jose::JwkSet::parse(json::write(set_object(json::Array(10'000, unknown)))));
  const std::string padding(256 * 1024, ' ');
  EXPECT_TRUE(jose::JwkSet::parse(std::string_view("{\"keys\":[]}")));
  EXPECT_FALSE(jose::JwkSet::parse(std::string_view("{\"keys\":[]}" + padding)));
}

}  // namespace cardea::rfc7517_test
