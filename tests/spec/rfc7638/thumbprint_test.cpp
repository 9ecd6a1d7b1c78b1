// RFC 7638: thumbprints.
#include <gtest/gtest.h>

#include "jose/jwk.h"
#include "vectors/read_vectors.h"

namespace cardea::rfc7638_test {

using crypto::PrivateKey;
using jose::SignatureAlgorithm;

// RFC7638-3.1: the published thumbprints of all three key types, whatever other members the key
// has.
TEST(Rfc7638, S3_1_TheVectorsHold) {
  for (const auto& vector : vectors::read("jose/thumbprints.json")) {
    json::Object jwk = *vector.find("jwk")->if_object();
    EXPECT_EQ(jose::thumbprint(jwk).value(), vectors::text(vector, "thumbprint"))
        << vectors::text(vector, "source");
    jwk.set("use", "sig");
    EXPECT_EQ(jose::thumbprint(jwk).value(), vectors::text(vector, "thumbprint"));
  }
}

// RFC7638-3.2: only the required members count, in their order, and all of them must be strings.
TEST(Rfc7638, S3_2_RequiredMembersMustBeThere) {
  for (const auto& vector : vectors::read("jose/thumbprints.json")) {
    const json::Object jwk = *vector.find("jwk")->if_object();
    for (const auto* name : {"kty", "crv", "x", "y", "n", "e"}) {
      if (!jwk.contains(name)) continue;
      json::Object without = jwk;
      without.erase(name);
      EXPECT_FALSE(jose::thumbprint(without)) << name;
      json::Object number = jwk;
      number.set(name, 1);
      EXPECT_FALSE(jose::thumbprint(number)) << name;
    }
  }
  EXPECT_FALSE(jose::thumbprint(json::Object{{"kty", "oct"}, {"k", "AAAA"}}));
}

// RFC7638-3: the thumbprint of a private key is that of its public half.
TEST(Rfc7638, S3_OfAPrivateKeyThePublicHalfCounts) {
  for (const auto algorithm : {SignatureAlgorithm::RS256, SignatureAlgorithm::ES256,
                               SignatureAlgorithm::ES384, SignatureAlgorithm::EdDSA}) {
    const auto key = PrivateKey::generate(algorithm);
    EXPECT_EQ(jose::thumbprint(key), jose::thumbprint(jose::write_jwk(key, "kid")).value());
    EXPECT_EQ(jose::thumbprint(key).size(), 43u);
  }
}

}  // namespace cardea::rfc7638_test
