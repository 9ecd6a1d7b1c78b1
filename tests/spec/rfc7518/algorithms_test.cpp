// RFC 7518: the algorithms and their keys.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "jose/jwk.h"
#include "vectors/read_vectors.h"

namespace cardea::rfc7518_test {

using crypto::EcPublic;
using crypto::PrivateKey;
using crypto::PublicKey;
using crypto::RsaPublic;
using jose::SignatureAlgorithm;

RsaPublic rsa_2048() {
  return PrivateKey::generate(SignatureAlgorithm::RS256).rsa_public().value();
}

bool is_good(const RsaPublic& parameters) {
  return PublicKey::rsa(SignatureAlgorithm::RS256, parameters).has_value();
}

// RFC7518-3.3: RSA keys have at least 2048 bits (and at most 8192, our own limit).
TEST(Rfc7518, S3_3_RsaKeysHaveAtLeast2048Bits) {
  const RsaPublic good = rsa_2048();
  EXPECT_TRUE(is_good(good));
  std::string bits_2047 = good.n;
  bits_2047[0] = '\x7f';
  EXPECT_FALSE(is_good({.n = bits_2047, .e = good.e}));
  EXPECT_FALSE(is_good({.n = good.n.substr(128), .e = good.e}));
  EXPECT_TRUE(is_good({.n = "\xff" + std::string(1022, '\x55') + "\x01", .e = good.e}));
  EXPECT_FALSE(is_good({.n = "\xff" + std::string(1023, '\x55') + "\x01", .e = good.e}));
  EXPECT_FALSE(is_good({.n = "", .e = good.e}));
}

// RFC7518-6.3.1: even numbers, small and huge exponents, and leading zero octets are refused.
TEST(Rfc7518, S6_3_1_RsaParametersAreSound) {
  const RsaPublic good = rsa_2048();
  for (const std::string& e : {std::string(), std::string("\x01"), std::string("\x03"),
                               std::string("\xff\xff"), std::string("\x01\x00\x02", 3),
                               std::string("\x00\x01\x00\x01", 4), std::string(9, '\x11')}) {
    EXPECT_FALSE(is_good({.n = good.n, .e = e})) << hex_encode(e);
  }
  EXPECT_TRUE(is_good({.n = good.n, .e = std::string("\x01\x00\x03", 3)}));
  EXPECT_FALSE(is_good({.n = '\0' + good.n, .e = good.e}));
  std::string even = good.n;
  even.back() = static_cast<char>(even.back() & ~1);
  EXPECT_FALSE(is_good({.n = even, .e = good.e}));
}

// RFC7518-3.4: an ES256 signature is r||s of exactly 64 octets; the DER form and other lengths are
// refused.
TEST(Rfc7518, S3_4_EcdsaSignaturesAreTwoNumbersOfFixedSize) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::ES256);
  const std::string good = key.sign("m");
  const auto verifies = [&](const std::string& signature) {
    return key.public_key().verify("m", signature);
  };
  EXPECT_TRUE(verifies(good));
  EXPECT_FALSE(verifies(good + '\0'));
  EXPECT_FALSE(verifies('\0' + good));
  EXPECT_FALSE(verifies(good.substr(0, 63)));
  EXPECT_FALSE(
      verifies(std::string(1, '\0') + good.substr(0, 32) + std::string(1, '\0') + good.substr(32)));
  const auto integer = [](std::string bytes) {
    if ((bytes[0] & 0x80) != 0) bytes = '\0' + bytes;
    return '\x02' + std::string(1, static_cast<char>(bytes.size())) + bytes;
  };
  const std::string body = integer(good.substr(0, 32)) + integer(good.substr(32));
  EXPECT_FALSE(verifies('\x30' + std::string(1, static_cast<char>(body.size())) + body));
}

// RFC7518-3.4; 8725-04: r and s are in [1, n-1], so that no signature of zeros verifies
// (CVE-2022-21449).
TEST(Rfc7518, S3_4_RAndSAreInRange) {
  const std::string n =
      hex_decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").value();
  const std::string zero(32, '\0');
  const std::string one = std::string(31, '\0') + '\x01';
  const auto key = PrivateKey::generate(SignatureAlgorithm::ES256);
  const std::string good = key.sign("m");
  const std::string r = good.substr(0, 32);
  const std::string s = good.substr(32);
  for (const std::string& bad : {zero + zero, zero + s, r + zero, n + s, r + n, n + n,
                                 std::string(64, '\xff'), one + one, n + zero}) {
    EXPECT_FALSE(key.public_key().verify("m", bad)) << hex_encode(bad);
  }
  const auto p384 = PrivateKey::generate(SignatureAlgorithm::ES384);
  EXPECT_FALSE(p384.public_key().verify("m", std::string(96, '\0')));
  EXPECT_FALSE(p384.public_key().verify("m", std::string(96, '\xff')));
}

// RFC7518-3.5: the salt of PS256 is 32 octets, and the hash of RS256 is SHA-256.
TEST(Rfc7518, S3_5_AnotherSaltLengthOrHashIsRefused) {
  int refused = 0;
  for (const auto& vector : vectors::read("jose/independent.json")) {
    const auto jwk = jose::parse_jwk(*vector.find("jwk")->if_object());
    ASSERT_TRUE(jwk);
    const std::string token = vectors::text(vector, "token");
    const auto dot = token.rfind('.');
    const bool good =
        jwk->keys[0].verify(token.substr(0, dot), base64url_decode(token.substr(dot + 1)).value());
    EXPECT_EQ(good, json::bool_member(vector, "valid")) << vectors::text(vector, "name");
    refused += good ? 0 : 1;
  }
  EXPECT_EQ(refused, 2);
}

// RFC7518-6.2.1.2: coordinates have the full size of the field.
TEST(Rfc7518, S6_2_1_CoordinatesHaveFullSize) {
  const EcPublic good = PrivateKey::generate(SignatureAlgorithm::ES256).ec_public().value();
  const auto is_point = [](const EcPublic& point) {
    return PublicKey::ec(SignatureAlgorithm::ES256, point).has_value();
  };
  EXPECT_TRUE(is_point(good));
  EXPECT_FALSE(is_point({.x = '\0' + good.x, .y = good.y}));
  EXPECT_FALSE(is_point({.x = good.x.substr(1), .y = good.y}));
  EXPECT_FALSE(is_point({.x = good.x, .y = ""}));
  EXPECT_FALSE(is_point({.x = good.x + good.y, .y = ""}));
}

// RFC7518-6.2.1; 8725-04: the point is on the named curve; neither infinity nor another curve's
// point passes.
TEST(Rfc7518, S6_2_1_ThePointIsOnTheCurve) {
  const EcPublic good = PrivateKey::generate(SignatureAlgorithm::ES256).ec_public().value();
  const EcPublic other = PrivateKey::generate(SignatureAlgorithm::ES384).ec_public().value();
  const auto is_point = [](SignatureAlgorithm algorithm, const EcPublic& point) {
    return PublicKey::ec(algorithm, point).has_value();
  };
  std::string off = good.y;
  off.back() = static_cast<char>(off.back() ^ 1);
  EXPECT_FALSE(is_point(SignatureAlgorithm::ES256, {.x = good.x, .y = off}));
  EXPECT_FALSE(is_point(SignatureAlgorithm::ES256,
                        {.x = std::string(32, '\0'), .y = std::string(32, '\0')}));
  EXPECT_FALSE(is_point(SignatureAlgorithm::ES256, {.x = std::string(32, '\xff'), .y = good.y}));
  EXPECT_FALSE(is_point(SignatureAlgorithm::ES256, other));
  EXPECT_FALSE(is_point(SignatureAlgorithm::ES384, good));
  EXPECT_TRUE(is_point(SignatureAlgorithm::ES384, other));
}

}  // namespace cardea::rfc7518_test
