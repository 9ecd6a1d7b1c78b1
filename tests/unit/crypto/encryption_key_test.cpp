// Keys that decrypt: round trips, keeping, and that each does its own work only.
#include "crypto/encryption_key.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "vectors/read_vectors.h"

namespace cardea::encryption_key_test {

using crypto::AesKey;
using crypto::Curve;
using crypto::EncryptionKeyType;
using crypto::EncryptionPrivateKey;
using crypto::EncryptionPublicKey;
using crypto::PrivateKeyBytes;

constexpr EncryptionKeyType types[] = {EncryptionKeyType::RSA, EncryptionKeyType::P256,
                                       EncryptionKeyType::P384};

const EncryptionPrivateKey& rsa_key() {
  static const auto key = EncryptionPrivateKey::generate(EncryptionKeyType::RSA);
  return key;
}

TEST(EncryptionKey, OaepRoundTrip) {
  const AesKey content(std::string(32, 'c'));
  const auto encrypted = rsa_key().public_key().encrypt_oaep(content);
  ASSERT_EQ(encrypted.size(), 256U);
  EXPECT_NE(rsa_key().public_key().encrypt_oaep(content), encrypted);
  const auto decrypted = rsa_key().decrypt_oaep(encrypted, 32);
  ASSERT_TRUE(decrypted);
  EXPECT_EQ(decrypted->reveal(), content.reveal());
}

TEST(EncryptionKey, OaepOfAnotherSizeOrKeyIsNothing) {
  const auto encrypted = rsa_key().public_key().encrypt_oaep(AesKey(std::string(16, 'c')));
  EXPECT_TRUE(rsa_key().decrypt_oaep(encrypted, 16));
  EXPECT_FALSE(rsa_key().decrypt_oaep(encrypted, 32));
  EXPECT_FALSE(rsa_key().decrypt_oaep(encrypted.substr(1), 16));
  EXPECT_FALSE(rsa_key().decrypt_oaep('\0' + encrypted, 16));
  EXPECT_FALSE(rsa_key().decrypt_oaep("", 16));
  EXPECT_FALSE(rsa_key().decrypt_oaep(std::string(256, '\xff'), 16));
  const auto other = EncryptionPrivateKey::generate(EncryptionKeyType::RSA);
  EXPECT_FALSE(other.decrypt_oaep(encrypted, 16));
  // What failed before does not hinder the next.
  EXPECT_TRUE(rsa_key().decrypt_oaep(encrypted, 16));
}

TEST(EncryptionKey, BothSidesAgree) {
  for (const auto type : {EncryptionKeyType::P256, EncryptionKeyType::P384}) {
    const auto key = EncryptionPrivateKey::generate(type);
    const auto first = key.public_key().agree();
    const auto second = key.public_key().agree();
    EXPECT_NE(first.ephemeral.x, second.ephemeral.x);
    const auto curve = type == EncryptionKeyType::P256 ? Curve::P256 : Curve::P384;
    for (const auto* agreement : {&first, &second}) {
      const auto ephemeral = EncryptionPublicKey::ec(curve, agreement->ephemeral);
      ASSERT_TRUE(ephemeral);
      EXPECT_EQ(key.agree(*ephemeral).reveal(), agreement->secret.reveal());
    }
  }
}

TEST(EncryptionKey, GivesThePublishedAgreement) {  // RFC 7518 C
  for (const auto& vector : vectors::read("jose/key_agreement.json")) {
    const auto key_of = [&](std::string_view name) {
      return EncryptionPrivateKey::from_der(
                 EncryptionKeyType::P256,
                 PrivateKeyBytes(base64url_decode(vectors::text(vector, name)).value()))
          .value();
    };
    const auto alice = key_of("alice_pkcs8");
    const auto bob = key_of("bob_pkcs8");
    const auto z = vectors::text(vector, "z");
    EXPECT_EQ(base64url_encode(alice.agree(bob.public_key()).reveal()), z);
    EXPECT_EQ(base64url_encode(bob.agree(alice.public_key()).reveal()), z);
  }
}

TEST(EncryptionKey, IsKeptAsPkcs8) {
  for (const auto type : types) {
    const auto key = EncryptionPrivateKey::generate(type);
    const auto again = EncryptionPrivateKey::from_der(type, key.to_der());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->type(), type);
    for (const auto other : types) {
      EXPECT_EQ(EncryptionPrivateKey::from_der(other, key.to_der()).has_value(), other == type);
    }
    EXPECT_FALSE(EncryptionPrivateKey::from_der(type, PrivateKeyBytes("")));
    EXPECT_FALSE(EncryptionPrivateKey::from_der(
        type, PrivateKeyBytes(std::string(key.to_der().reveal()) + "x")));
  }
}

TEST(EncryptionKey, UnsoundParametersAreNoKey) {
  const auto rsa = *rsa_key().rsa_public();
  EXPECT_TRUE(EncryptionPublicKey::rsa(rsa));
  EXPECT_FALSE(EncryptionPublicKey::rsa({.n = rsa.n.substr(128), .e = rsa.e}));
  EXPECT_FALSE(EncryptionPublicKey::rsa({.n = rsa.n, .e = "\x03"}));
  const auto ec = *EncryptionPrivateKey::generate(EncryptionKeyType::P256).ec_public();
  EXPECT_TRUE(EncryptionPublicKey::ec(Curve::P256, ec));
  EXPECT_FALSE(EncryptionPublicKey::ec(Curve::P384, ec));
  EXPECT_FALSE(EncryptionPublicKey::ec(Curve::P256, {.x = ec.y, .y = ec.x}));
  EXPECT_FALSE(EncryptionPublicKey::ec(Curve::P256,
                                       {.x = std::string(32, '\0'), .y = std::string(32, '\0')}));
}

}  // namespace cardea::encryption_key_test
