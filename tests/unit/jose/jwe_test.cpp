// Encrypting and decrypting: tokens of our own, of an independent implementation and of the
// specification. The refusals are in tests/spec/rfc7516 and rfc8725.
#include "jose/jwe.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "crypto/random.h"
#include "jose/jwk.h"
#include "vectors/read_vectors.h"

namespace cardea::jwe_test {

using crypto::EncryptionKeyType;
using crypto::EncryptionPrivateKey;
using crypto::PrivateKeyBytes;
using jose::ContentEncryption;
using jose::KeyManagement;

const jose::AllowedEncryption all{
    {std::begin(jose::every_key_management), std::end(jose::every_key_management)},
    {std::begin(jose::every_content_encryption), std::end(jose::every_content_encryption)}};

jose::RecipientKey recipient(const EncryptionPrivateKey& key, std::string_view kid) {
  return jose::parse_recipient_key(jose::write_encryption_jwk(key, kid)).value();
}

json::Object header_of(std::string_view token) {
  return json::parse_object(base64url_decode(token.substr(0, token.find('.'))).value()).value();
}

TEST(Jwe, OpensWhatItEncrypted) {
  crypto::SystemRandom random;
  for (const auto type :
       {EncryptionKeyType::RSA, EncryptionKeyType::P256, EncryptionKeyType::P384}) {
    const auto key = EncryptionPrivateKey::generate(type);
    const auto to = recipient(key, "k\"1");
    for (const auto management : jose::every_key_management) {
      EXPECT_EQ(to.fits(management), jose::fits(type, management));
      if (!to.fits(management)) continue;
      for (const auto encryption : jose::every_content_encryption) {
        const std::string plaintext = "text \xc3\xa4" + std::string(300, 'x');
        const auto token = jose::encrypt(
            plaintext,
            {.key = to, .management = management, .encryption = encryption, .cty = "JWT"}, random);
        const auto header = header_of(token);
        EXPECT_EQ(json::string_member(header, "alg"), jose::name_of(management));
        EXPECT_EQ(json::string_member(header, "enc"), jose::name_of(encryption));
        EXPECT_EQ(json::string_member(header, "kid"), "k\"1");
        EXPECT_EQ(json::string_member(header, "cty"), "JWT");
        EXPECT_EQ(header.contains("epk"), type != EncryptionKeyType::RSA);
        const auto opened = jose::decrypt(token, {{"k\"1", key}}, all);
        ASSERT_TRUE(opened) << jose::name_of(opened.error());
        EXPECT_EQ(opened->plaintext, plaintext);
        EXPECT_EQ(opened->cty, "JWT");
        EXPECT_EQ(opened->management, management);
        EXPECT_EQ(opened->encryption, encryption);
      }
    }
  }
}

TEST(Jwe, OpensWhatAnIndependentImplementationEncrypted) {
  int opened_count = 0;
  for (const auto& vector : vectors::read("jose/encrypted.json")) {
    const auto name = vectors::text(vector, "name");
    const auto kind = vectors::text(vector, "type");
    const auto type = kind == "RSA"     ? EncryptionKeyType::RSA
                      : kind == "P-256" ? EncryptionKeyType::P256
                                        : EncryptionKeyType::P384;
    const auto key = EncryptionPrivateKey::from_der(
        type, PrivateKeyBytes(base64url_decode(vectors::text(vector, "pkcs8")).value()));
    ASSERT_TRUE(key) << name;
    const auto opened = jose::decrypt(vectors::text(vector, "token"), {{"go", *key}}, all);
    ASSERT_TRUE(opened) << name << ": " << jose::name_of(opened.error());
    EXPECT_EQ(opened->plaintext, "what go-jose encrypted \xc3\xa4") << name;
    EXPECT_EQ(jose::name_of(opened->management), vectors::text(vector, "alg"));
    EXPECT_EQ(jose::name_of(opened->encryption), vectors::text(vector, "enc"));
    ++opened_count;
  }
  EXPECT_EQ(opened_count, 10);
}

TEST(Jwe, TheKidChoosesAndWithoutOneEveryKeyOfTheTypeIsTried) {
  crypto::SystemRandom random;
  const auto first = EncryptionPrivateKey::generate(EncryptionKeyType::P256);
  const auto second = EncryptionPrivateKey::generate(EncryptionKeyType::P256);
  const std::vector<jose::DecryptionKey> ring{{"first", first}, {"second", second}};
  const auto sealed = [&](std::string_view kid) {
    return jose::encrypt(
        "text", {.key = recipient(second, kid), .management = KeyManagement::ECDH_ES}, random);
  };
  EXPECT_TRUE(jose::decrypt(sealed("second"), ring, all));
  EXPECT_TRUE(jose::decrypt(sealed(""), ring, all));
  EXPECT_EQ(jose::decrypt(sealed("first"), ring, all).error(), jose::JweError::undecryptable);
  EXPECT_EQ(jose::decrypt(sealed("third"), ring, all).error(), jose::JweError::no_key);
}

TEST(EncryptionJwk, OnlyKeysForEncryptingAreRecipients) {
  const auto key = EncryptionPrivateKey::generate(EncryptionKeyType::P256);
  const auto jwk = jose::write_encryption_jwk(key, "k");
  EXPECT_EQ(json::string_member(jwk, "use"), "enc");
  EXPECT_FALSE(jwk.contains("alg"));
  const auto reason = [&](std::string name, json::Value value) {
    auto changed = jwk;
    changed.set(std::move(name), std::move(value));
    const auto parsed = jose::parse_recipient_key(changed);
    return parsed ? "" : parsed.error();
  };
  EXPECT_EQ(reason("use", "enc"), "");
  EXPECT_EQ(reason("use", "sig"), "use is not enc");
  EXPECT_EQ(reason("use", 1), "use is not enc");
  EXPECT_EQ(reason("d", "AA"), "the key holds a private member");
  EXPECT_EQ(reason("alg", "ES256"), "alg is not a key management algorithm in use here");
  EXPECT_EQ(reason("alg", "RSA-OAEP-256"), "alg does not fit kty");
  EXPECT_EQ(reason("alg", "ECDH-ES+A256KW"), "");
  EXPECT_EQ(reason("key_ops", json::Array{"verify"}), "key_ops holds no operation of encryption");
  EXPECT_EQ(reason("key_ops", json::Array{"deriveKey"}), "");
  EXPECT_EQ(reason("crv", "P-521"), "kty, crv or the parameters are not of use here");
  EXPECT_EQ(reason("kid", 7), "kid is not a string");
  auto without_use = jwk;
  without_use.erase("use");
  EXPECT_FALSE(jose::parse_recipient_key(without_use));
  without_use.set("alg", "ECDH-ES");
  const auto parsed = jose::parse_recipient_key(without_use);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->fits(KeyManagement::ECDH_ES));
  EXPECT_FALSE(parsed->fits(KeyManagement::ECDH_ES_A256KW));
}

// 8725-01: a key set keeps keys that verify apart from keys to encrypt to.
TEST(EncryptionJwk, ASetKeepsTheTwoApart) {
  const auto signer = crypto::PrivateKey::generate(jose::SignatureAlgorithm::ES256);
  const auto receiver = EncryptionPrivateKey::generate(EncryptionKeyType::P256);
  const auto set = jose::JwkSet::parse(
      json::Object{{"keys", json::Array{jose::write_encryption_jwk(receiver, "same"),
                                        jose::write_jwk(signer, "same")}}});
  ASSERT_TRUE(set);
  ASSERT_EQ(set->keys().size(), 1U);
  ASSERT_EQ(set->recipients().size(), 1U);
  EXPECT_EQ(set->candidates(jose::SignatureAlgorithm::ES256, "").size(), 1U);
  EXPECT_EQ(jose::find_recipient(set->recipients(), KeyManagement::RSA_OAEP_256), nullptr);
  EXPECT_NE(jose::find_recipient(set->recipients(), KeyManagement::ECDH_ES), nullptr);
}

}  // namespace cardea::jwe_test
