// RFC 8037: Ed25519 in JOSE.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "jose/jwk.h"
#include "vectors/read_vectors.h"

namespace cardea::rfc8037_test {

using crypto::PrivateKey;
using crypto::PublicKey;
using jose::SignatureAlgorithm;

json::Object a4() {
  for (const auto& vector : vectors::read("jose/rfc_signatures.json")) {
    if (vectors::text(vector, "source") == "RFC 8037 A.4") return vector;
  }
  return {};
}

// RFC8037-A.4, RFC8037-A.5: the published signature is made and verified.
TEST(Rfc8037, A4_ThePublishedSignatureIsMadeAndVerified) {
  const std::string token = vectors::text(a4(), "token");
  const auto dot = token.rfind('.');
  const std::string message = token.substr(0, dot);
  const auto der = base64url_decode(vectors::text(a4(), "pkcs8")).value();
  const auto key = PrivateKey::from_der(SignatureAlgorithm::EdDSA, crypto::PrivateKeyBytes(der));
  ASSERT_TRUE(key);
  EXPECT_EQ(base64url_encode(key->sign(message)), token.substr(dot + 1));
  const auto jwk = jose::parse_jwk(*a4().find("jwk")->if_object());
  ASSERT_TRUE(jwk);
  EXPECT_TRUE(jwk->keys[0].verify(message, base64url_decode(token.substr(dot + 1)).value()));
}

// RFC8037-2: crv is Ed25519 in its exact case; Ed448 and the key agreement curves are not for
// signatures here.
TEST(Rfc8037, S2_OtherCurvesAreRefused) {
  json::Object jwk = *a4().find("jwk")->if_object();
  EXPECT_TRUE(jose::parse_jwk(jwk));
  for (const auto* crv : {"Ed448", "X25519", "ed25519", "P-256", ""}) {
    jwk.set("crv", crv);
    EXPECT_FALSE(jose::parse_jwk(jwk)) << crv;
  }
}

// RFC8037-2; 8725-04: x is 32 bytes, and a point of the prime-order group.
TEST(Rfc8037, S2_ThePublicKeyIsAPointOfTheGroup) {
  const std::string good = base64url_decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").value();
  EXPECT_TRUE(PublicKey::okp({.x = good}));
  EXPECT_FALSE(PublicKey::okp({.x = good.substr(1)}));
  EXPECT_FALSE(PublicKey::okp({.x = good + '\0'}));
  EXPECT_FALSE(PublicKey::okp({.x = ""}));
  EXPECT_FALSE(PublicKey::okp({.x = std::string(32, '\0')}));           // order 4
  EXPECT_FALSE(PublicKey::okp({.x = '\x01' + std::string(31, '\0')}));  // the neutral element
  EXPECT_FALSE(PublicKey::okp({.x = std::string(32, '\xff')}));         // not canonical
  EXPECT_FALSE(PublicKey::okp({.x = '\x02' + std::string(31, '\0')}));  // off the curve
}

// RFC8037-3.1: a signature whose S was raised by the group order verifies nowhere (RFC 8032 5.1.7).
TEST(Rfc8037, S3_1_AMalleatedSignatureIsRefused) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::EdDSA);
  std::string signature = key.sign("m");
  const std::string order =
      hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").value();
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]);
    carry += static_cast<unsigned char>(order[i]);
    signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_TRUE(key.public_key().verify("m", key.sign("m")));
  EXPECT_FALSE(key.public_key().verify("m", signature));
}

}  // namespace cardea::rfc8037_test
