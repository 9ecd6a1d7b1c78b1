// RFC 7516, with the algorithms of RFC 7518 4 and 5: what a sender may write into an encrypted
// token, and that only what the key's owner allowed is opened. Every token here is well encrypted
// unless the row is about the encryption.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "jose/jwe.h"
#include "jose/jwk_members.h"
#include "jose/jws.h"
#include "vectors/read_vectors.h"

namespace cardea::rfc7516_test {

using crypto::AesKey;
using crypto::EncryptionKeyType;
using crypto::EncryptionPrivateKey;
using jose::ContentEncryption;
using jose::KeyManagement;

const jose::AllowedEncryption all{
    {std::begin(jose::every_key_management), std::end(jose::every_key_management)},
    {std::begin(jose::every_content_encryption), std::end(jose::every_content_encryption)}};

const EncryptionPrivateKey& rsa() {
  static const auto key = EncryptionPrivateKey::generate(EncryptionKeyType::RSA);
  return key;
}
const EncryptionPrivateKey& p256() {
  static const auto key = EncryptionPrivateKey::generate(EncryptionKeyType::P256);
  return key;
}

std::vector<jose::DecryptionKey> ring() {
  return {{"rsa", rsa()}, {"p256", p256()}};
}

// "opened", or the name of the error.
std::string outcome(std::string_view token, const jose::AllowedEncryption& allowed = all) {
  const auto opened = jose::decrypt(token, ring(), allowed);
  return opened ? "opened" : std::string(jose::name_of(opened.error()));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out = base64url_encode(parts[0]);
  for (std::size_t i = 1; i < parts.size(); ++i) out += "." + base64url_encode(parts[i]);
  return out;
}

// The five parts, decoded.
std::vector<std::string> parts_of(std::string_view token) {
  std::vector<std::string> out;
  while (true) {
    const auto dot = token.find('.');
    out.push_back(base64url_decode(token.substr(0, dot)).value());
    if (dot == std::string_view::npos) return out;
    token.remove_prefix(dot + 1);
  }
}

const std::string iv(12, 'i');
const AesKey content_key(std::string(32, 'c'));

// Encrypted to rsa() under exactly this header.
std::string with_header(std::string_view header, std::string_view plaintext = "text") {
  const auto sealed =
      crypto::gcm_seal(content_key, {.iv = iv, .associated = base64url_encode(header)}, plaintext);
  return joined({std::string(header), rsa().public_key().encrypt_oaep(content_key), iv,
                 sealed.ciphertext, sealed.tag});
}

std::string to_p256(KeyManagement management) {
  crypto::SystemRandom random;
  const auto key = jose::parse_recipient_key(jose::write_encryption_jwk(p256(), "p256")).value();
  return jose::encrypt("text", {.key = key, .management = management}, random);
}

// RFC7516-5.2: the tokens that all rows below change are opened as they are.
TEST(Rfc7516, TheUnchangedTokensAreOpened) {
  EXPECT_EQ(outcome(with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"rsa"})")),
            "opened");
  EXPECT_EQ(outcome(with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})")), "opened");
  EXPECT_EQ(outcome(to_p256(KeyManagement::ECDH_ES)), "opened");
  EXPECT_EQ(outcome(to_p256(KeyManagement::ECDH_ES_A256KW)), "opened");
}

// RFC7518-C; 7516-01: the published agreement, with apu and apv, gives the published key.
TEST(Rfc7518, SC_ThePublishedKeyAgreementIsOpened) {
  for (const auto& vector : vectors::read("jose/key_agreement.json")) {
    const auto bob = EncryptionPrivateKey::from_der(
        EncryptionKeyType::P256,
        crypto::PrivateKeyBytes(base64url_decode(vectors::text(vector, "bob_pkcs8")).value()));
    ASSERT_TRUE(bob);
    const auto token = vectors::text(vector, "token");
    const auto opened = jose::decrypt(token, {{"", *bob}}, all);
    ASSERT_TRUE(opened) << jose::name_of(opened.error());
    EXPECT_EQ(opened->plaintext, vectors::text(vector, "plaintext"));
    // Other names of the parties give another key.
    auto parts = parts_of(token);
    auto header = json::parse_object(parts[0]).value();
    header.set("apv", "Qm9j");
    parts[0] = json::write(header);
    EXPECT_EQ(jose::decrypt(joined(parts), {{"", *bob}}, all).error(),
              jose::JweError::undecryptable);
  }
}

// RFC7516-4.1.1; 8725-17; 7516-02: RSA1_5, PBES2, dir, plain key wrap, SHA-1 OAEP and CBC have no
// name here, whatever else is in the header; nothing is computed for them.
TEST(Rfc8725, S3_2_WeakAlgorithmsAreOff) {
  for (const auto* alg :
       {"RSA1_5", "RSA-OAEP", "rsa-oaep-256", "RSA-OAEP-512", "dir", "A256KW", "A256GCMKW",
        "ECDH-ES+A128KW", "PBES2-HS256+A128KW", "PBES2-HS512+A256KW", "none", "", "RS256"}) {
    const auto header =
        std::string(R"({"alg":")") + alg + R"(","enc":"A256GCM","p2s":"AAAA","p2c":2147483647})";
    EXPECT_EQ(outcome(with_header(header)), "unknown_algorithm") << alg;
  }
  for (const auto* enc : {"A128CBC-HS256", "A256CBC-HS512", "A192GCM", "a256gcm", "none", ""}) {
    const auto header = std::string(R"({"alg":"RSA-OAEP-256","enc":")") + enc + "\"}";
    EXPECT_EQ(outcome(with_header(header)), "unknown_algorithm") << enc;
  }
  for (const auto* header :
       {"{}", R"({"alg":"RSA-OAEP-256"})", R"({"enc":"A256GCM"})",
        R"({"alg":["RSA-OAEP-256"],"enc":"A256GCM"})", R"({"alg":null,"enc":"A256GCM"})"}) {
    EXPECT_EQ(outcome(with_header(header)), "unknown_algorithm") << header;
  }
}

// RFC8725-3.1; 7516-03: the caller chooses the algorithms, not the header.
TEST(Rfc7516, S4_1_TheCallerChoosesTheAlgorithms) {
  const auto token = with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})");
  EXPECT_EQ(outcome(token, {{KeyManagement::ECDH_ES}, {ContentEncryption::A256GCM}}),
            "algorithm_not_allowed");
  EXPECT_EQ(outcome(token, {{KeyManagement::RSA_OAEP_256}, {ContentEncryption::A128GCM}}),
            "algorithm_not_allowed");
  EXPECT_EQ(outcome(token, {{}, {}}), "algorithm_not_allowed");
  EXPECT_EQ(outcome(token, {{KeyManagement::RSA_OAEP_256}, {ContentEncryption::A256GCM}}),
            "opened");
}

// RFC8725-3.6; 8725-06: compressed content is refused before anything is decrypted or inflated.
TEST(Rfc8725, S3_6_CompressedContentIsRefused) {
  for (const auto* zip : {R"("DEF")", R"("def")", R"("")", "null", "1"}) {
    const auto header = std::string(R"({"alg":"RSA-OAEP-256","enc":"A256GCM","zip":)") + zip + "}";
    EXPECT_EQ(outcome(with_header(header)), "compressed") << zip;
  }
}

// RFC7516-4.1.13; 8725-11: no critical header is understood.
TEST(Rfc7516, S4_1_13_EveryCriticalHeaderIsRefused) {
  for (const auto* crit : {R"(["exp"])", "[]", R"(["alg"])", R"("exp")", "null"}) {
    const auto header =
        std::string(R"({"alg":"RSA-OAEP-256","enc":"A256GCM","exp":1,"crit":)") + crit + "}";
    EXPECT_EQ(outcome(with_header(header)), "critical_header") << crit;
  }
}

// RFC7516-4; 8725-14: duplicate members, other JSON than an object, members of another type.
TEST(Rfc7516, S4_TheHeaderIsOneStrictObject) {
  EXPECT_EQ(outcome(with_header(R"({"alg":"RSA1_5","alg":"RSA-OAEP-256","enc":"A256GCM"})")),
            "bad_json");
  EXPECT_EQ(outcome(with_header(R"(["alg"])")), "bad_json");
  EXPECT_EQ(outcome(with_header("")), "bad_json");
  EXPECT_EQ(outcome(with_header("\xef\xbb\xbf{}")), "bad_json");
  EXPECT_EQ(outcome(with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM","kid":1})")), "malformed");
  EXPECT_EQ(outcome(with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM","cty":["JWT"]})")),
            "malformed");
}

// RFC7518-5.3; 8725-18; D06: the tag has 128 bits and the initialisation vector 96, whatever the
// token brings: a tag of four bytes would be guessed.
TEST(Rfc7518, S5_3_TagsAndVectorsHaveTheirFullLength) {
  const auto parts = parts_of(with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})"));
  for (const std::size_t size : {0U, 1U, 4U, 8U, 12U, 15U, 17U, 32U}) {
    auto changed = parts;
    changed[4].resize(size);
    EXPECT_EQ(outcome(joined(changed)), "malformed") << size;
  }
  for (const std::size_t size : {0U, 8U, 11U, 13U, 16U}) {
    auto changed = parts;
    changed[2].resize(size);
    EXPECT_EQ(outcome(joined(changed)), "malformed") << size;
  }
  // The same rule below, where the library would compare as much as it is given.
  const std::string associated = base64url_encode(parts[0]);
  for (const std::size_t size : {0U, 4U, 8U, 12U, 15U}) {
    EXPECT_FALSE(crypto::gcm_open(content_key, {.iv = iv, .associated = associated},
                                  {parts[3], parts[4].substr(0, size)}));
  }
  EXPECT_EQ(outcome(joined(parts)), "opened");
}

// RFC7516-11.5; 7516-04: whatever is wrong with key, padding or content has one name.
TEST(Rfc7516, S11_5_WhatDoesNotDecryptLooksTheSame) {
  const auto parts = parts_of(with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})"));
  for (const std::size_t part : {1U, 3U, 4U}) {
    auto changed = parts;
    changed[part].back() ^= 1;
    EXPECT_EQ(outcome(joined(changed)), "undecryptable") << part;
  }
  auto changed = parts;
  changed[1] = std::string(256, '\0');
  EXPECT_EQ(outcome(joined(changed)), "undecryptable");
  changed[1].resize(255);
  EXPECT_EQ(outcome(joined(changed)), "undecryptable");
  // A content key of another length than enc wants.
  changed[1] = rsa().public_key().encrypt_oaep(AesKey(std::string(16, 'c')));
  EXPECT_EQ(outcome(joined(changed)), "undecryptable");
  // The key that stands in for one that did not open is no way in.
  const AesKey zeros(std::string(32, '\0'));
  const auto sealed =
      crypto::gcm_seal(zeros, {.iv = iv, .associated = base64url_encode(parts[0])}, "text");
  EXPECT_EQ(outcome(joined({parts[0], std::string(256, '\0'), iv, sealed.ciphertext, sealed.tag})),
            "undecryptable");

  auto wrapped = parts_of(to_p256(KeyManagement::ECDH_ES_A256KW));
  ASSERT_EQ(wrapped[1].size(), 40U);
  wrapped[1][0] ^= 1;
  EXPECT_EQ(outcome(joined(wrapped)), "undecryptable");
  wrapped[1].resize(24);
  EXPECT_EQ(outcome(joined(wrapped)), "undecryptable");
}

// RFC7516-5.2: direct agreement has no encrypted key, the others have one.
TEST(Rfc7516, S5_2_TheEncryptedKeyIsThereWhereItBelongs) {
  auto direct = parts_of(to_p256(KeyManagement::ECDH_ES));
  EXPECT_EQ(direct[1], "");
  direct[1] = "x";
  EXPECT_EQ(outcome(joined(direct)), "malformed");
  auto wrapped = parts_of(to_p256(KeyManagement::ECDH_ES_A256KW));
  wrapped[1].clear();
  EXPECT_EQ(outcome(joined(wrapped)), "malformed");
  auto oaep = parts_of(with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})"));
  oaep[1].clear();
  EXPECT_EQ(outcome(joined(oaep)), "malformed");
}

std::string with_ephemeral(const json::Value& epk) {
  auto parts = parts_of(to_p256(KeyManagement::ECDH_ES));
  auto header = json::parse_object(parts[0]).value();
  header.set("epk", epk);
  parts[0] = json::write(header);
  return joined(parts);
}

// RFC7518-4.6.1.1; 8725-04; 7516-05: the ephemeral key is a point of the curve of our key.
TEST(Rfc7518, S4_6_1_1_TheEphemeralKeyIsOnTheCurve) {
  const auto other = EncryptionPrivateKey::generate(EncryptionKeyType::P256);
  const auto good = jose::write_ec(EncryptionKeyType::P256, *other.ec_public());
  EXPECT_EQ(outcome(with_ephemeral(good)), "undecryptable");  // a good key, but not the sender's
  const auto changed = [&](std::string name, json::Value value) {
    auto epk = good;
    epk.set(std::move(name), std::move(value));
    return outcome(with_ephemeral(epk));
  };
  const auto x = base64url_decode(*json::string_member(good, "x")).value();
  auto beside = x;
  beside[31] ^= 1;
  EXPECT_EQ(changed("x", base64url_encode(beside)), "bad_ephemeral_key");
  EXPECT_EQ(changed("y", *json::string_member(good, "x")), "bad_ephemeral_key");
  EXPECT_EQ(changed("x", base64url_encode('\0' + x)), "bad_ephemeral_key");
  EXPECT_EQ(changed("x", base64url_encode(x.substr(1))), "bad_ephemeral_key");
  EXPECT_EQ(changed("x", 1), "bad_ephemeral_key");
  EXPECT_EQ(changed("crv", "P-384"), "bad_ephemeral_key");
  EXPECT_EQ(changed("kty", "OKP"), "bad_ephemeral_key");
  EXPECT_EQ(changed("d", "AA"), "bad_ephemeral_key");
  const std::string zero = base64url_encode(std::string(32, '\0'));
  EXPECT_EQ(outcome(with_ephemeral(
                json::Object{{"kty", "EC"}, {"crv", "P-256"}, {"x", zero}, {"y", zero}})),
            "bad_ephemeral_key");
  const auto p384 = EncryptionPrivateKey::generate(EncryptionKeyType::P384);
  EXPECT_EQ(outcome(with_ephemeral(jose::write_ec(EncryptionKeyType::P384, *p384.ec_public()))),
            "bad_ephemeral_key");
  for (const json::Value& epk : {json::Value(), json::Value("x"), json::Value(json::Object{})}) {
    EXPECT_EQ(outcome(with_ephemeral(epk)), "bad_ephemeral_key");
  }
  auto parts = parts_of(to_p256(KeyManagement::ECDH_ES));
  parts[0] = R"({"alg":"ECDH-ES","enc":"A256GCM","kid":"p256"})";
  EXPECT_EQ(outcome(joined(parts)), "bad_ephemeral_key");
}

// RFC7518-4.6.1.2: apu and apv are base64url.
TEST(Rfc7518, S4_6_1_2_PartyNamesAreBase64url) {
  for (const auto* name : {"apu", "apv"}) {
    for (const json::Value& value : {json::Value("QWxpY2U="), json::Value(1)}) {
      auto parts = parts_of(to_p256(KeyManagement::ECDH_ES));
      auto header = json::parse_object(parts[0]).value();
      header.set(name, value);
      parts[0] = json::write(header);
      EXPECT_EQ(outcome(joined(parts)), "malformed") << name;
    }
  }
}

// RFC7516-7.1; 8725-15; 7516-06: five parts of strict base64url, and no other serialization.
TEST(Rfc7516, S7_1_OnlyTheCompactForm) {
  const auto token = with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})");
  EXPECT_EQ(outcome(""), "malformed");
  EXPECT_EQ(outcome("...."), "bad_json");
  EXPECT_EQ(outcome(token + "."), "malformed");
  EXPECT_EQ(outcome(token.substr(0, token.rfind('.'))), "malformed");
  EXPECT_EQ(outcome(token + "="), "bad_base64url");
  EXPECT_EQ(outcome(token + " "), "bad_base64url");
  EXPECT_EQ(outcome(" " + token), "bad_base64url");
  EXPECT_EQ(outcome(R"({"protected":"","recipients":[],"iv":"","ciphertext":"","tag":""})"),
            "malformed");
  EXPECT_TRUE(jose::has_jwe_form(token));
  EXPECT_FALSE(jose::has_jwe_form("a.b.c"));
}

// RFC8725-3.10; 8725-16: size is looked at before anything else.
TEST(Rfc7516, SizesAreBounded) {
  const auto fitting = with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})",
                                   std::string(limits::jwt_bytes_max, 'x'));
  EXPECT_LE(fitting.size(), limits::jwe_bytes_max);
  EXPECT_EQ(outcome(fitting), "opened");
  EXPECT_EQ(outcome(fitting + std::string(limits::jwe_bytes_max, 'x')), "too_large");
  EXPECT_EQ(outcome(std::string(limits::jwe_bytes_max + 1, '.')), "too_large");
}

// RFC8725-3.3; 8725-03: a token inside is verified for itself: encryption proves no sender.
TEST(Rfc8725, S3_3_TheSignatureInsideIsVerified) {
  const auto signer = crypto::PrivateKey::generate(jose::SignatureAlgorithm::ES256);
  const auto forger = crypto::PrivateKey::generate(jose::SignatureAlgorithm::ES256);
  const auto keys =
      jose::JwkSet::parse(json::Object{{"keys", json::Array{jose::write_jwk(signer, "k")}}})
          .value();
  const auto verifies = [&](const std::string& inner) {
    const auto opened = jose::decrypt(
        with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT"})", inner), ring(), all);
    return opened.ok() && opened->cty == "JWT" &&
           jose::verify_jwt(opened->plaintext, keys, {jose::SignatureAlgorithm::ES256}).ok();
  };
  const json::Object claims{{"sub", "alice"}};
  EXPECT_TRUE(verifies(jose::sign_jwt(signer, "k", "JWT", claims)));
  EXPECT_FALSE(verifies(jose::sign_jwt(forger, "k", "JWT", claims)));
  EXPECT_FALSE(verifies(R"({"sub":"alice"})"));
  // And neither form passes for the other.
  const auto token = with_header(R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})");
  EXPECT_FALSE(jose::verify_jwt(token, keys, {jose::SignatureAlgorithm::ES256}));
  EXPECT_EQ(outcome(jose::sign_jwt(signer, "k", "JWT", claims)), "malformed");
}

}  // namespace cardea::rfc7516_test
