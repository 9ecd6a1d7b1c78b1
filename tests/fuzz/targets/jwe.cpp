// Compact JWE (security corpus 7.8): a token is opened if and only if it was encrypted to a key of
// the ring, unchanged in every byte, under a header that the rules admit; and what comes out is
// what went in. The reference knows what was encrypted; it decrypts nothing itself. Input: key
// byte, algorithm byte, mask of allowed algorithms, header line (merged over a right one),
// plaintext line, then edits of the finished token: place and byte, or in place of all a raw token.
#include "jose/jwe.h"

#include <array>
#include <string>

#include "base/base64url.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "jose/jwk.h"

namespace cardea::fuzz {
namespace {

using crypto::EncryptionKeyType;
using crypto::EncryptionPrivateKey;

constexpr std::uint8_t raw_token = 0xff;

struct Ring {
  std::vector<jose::DecryptionKey> keys;  // kid "e0", "e1", "e2"
  std::vector<jose::RecipientKey> recipients;
};

const Ring& ring() {
  static const Ring made = [] {
    Ring out;
    for (const auto type :
         {EncryptionKeyType::RSA, EncryptionKeyType::P256, EncryptionKeyType::P384}) {
      const auto kid = "e" + std::to_string(out.keys.size());
      out.keys.push_back({kid, EncryptionPrivateKey::generate(type)});
      auto jwk = jose::write_encryption_jwk(out.keys.back().key, kid);
      auto parsed = jose::parse_recipient_key(jwk);
      ensure(parsed.ok());
      out.recipients.push_back(*std::move(parsed));
    }
    return out;
  }();
  return made;
}

jose::AllowedEncryption allowed_by(unsigned mask) {
  jose::AllowedEncryption allowed;
  for (const auto management : jose::every_key_management) {
    if ((mask & 1U) != 0) allowed.management.push_back(management);
    mask >>= 1;
  }
  for (const auto encryption : jose::every_content_encryption) {
    if ((mask & 1U) != 0) allowed.encryption.push_back(encryption);
    mask >>= 1;
  }
  return allowed;
}

template <class Value>
bool holds(const std::vector<Value>& list, Value value) {
  return std::ranges::find(list, value) != list.end();
}

void expect_refused(std::string_view token, const jose::AllowedEncryption& allowed) {
  const auto opened = jose::decrypt(token, ring().keys, allowed);
  expect(!opened.ok(), "a token that was not encrypted to us is opened");
}

// A token encrypted by hand over any header text, as a sender of RSA-OAEP-256 and A256GCM.
std::string by_hand(std::string_view header, std::string_view plaintext) {
  const crypto::AesKey key(std::string(32, 'c'));
  const std::string iv(12, 'i');
  const auto protected_header = base64url_encode(header);
  const auto sealed = crypto::gcm_seal(key, {.iv = iv, .associated = protected_header}, plaintext);
  std::string token = protected_header;
  for (const auto& part :
       {ring().keys[0].key.public_key().encrypt_oaep(key), iv, sealed.ciphertext, sealed.tag}) {
    token += "." + base64url_encode(part);
  }
  return token;
}

// RFC 7516 5.2, RFC 8725 3.1, 3.6: what of by_hand() must be opened.
bool reference_opens(std::string_view text, std::string_view token,
                     const jose::AllowedEncryption& allowed) {
  const auto header = json::parse_object(text);
  if (!header || header->contains("crit") || header->contains("zip")) return false;
  if (json::string_member(*header, "alg") != "RSA-OAEP-256") return false;
  if (json::string_member(*header, "enc") != "A256GCM") return false;
  for (const auto* name : {"kid", "cty"}) {
    if (header->contains(name) && !json::string_member(*header, name)) return false;
  }
  const auto kid = json::string_member(*header, "kid").value_or("");
  if (!kid.empty() && kid != "e0") return false;
  return token.size() <= limits::jwe_bytes_max &&
         holds(allowed.management, jose::KeyManagement::RSA_OAEP_256) &&
         holds(allowed.encryption, jose::ContentEncryption::A256GCM);
}

// Edits: place and byte. Whether anything changed.
std::string edited(std::string token, Bytes& bytes) {
  for (int edits = 0; edits < 8 && !bytes.empty(); ++edits) {
    const auto place = (bytes.byte() * 256U + bytes.byte()) % (token.size() + 1);
    if (const auto byte = static_cast<char>(bytes.byte()); place < token.size()) {
      token[place] = byte;
    } else {
      token += byte;
    }
  }
  return token;
}

void expect_verdict(std::string_view token, bool good, std::string_view plaintext,
                    const jose::AllowedEncryption& allowed) {
  if (!good) return expect_refused(token, allowed);
  const auto opened = jose::decrypt(token, ring().keys, allowed);
  expect(opened.ok(), "a genuine token is refused");
  expect(opened->plaintext == plaintext, "what comes out is not what went in");
}

}  // namespace

void jwe(std::string_view input) {
  Bytes bytes(input);
  const auto choice = bytes.byte();
  const auto algorithms = bytes.byte();
  const auto allowed = allowed_by(bytes.byte());
  if (choice == raw_token) return expect_refused(bytes.rest(), allowed);
  const auto header = bytes.line();
  const auto plaintext = bytes.line();
  if (!header.empty()) {
    const auto token = by_hand(header, plaintext);
    const auto sent = edited(token, bytes);
    return expect_verdict(sent, sent == token && reference_opens(header, token, allowed), plaintext,
                          allowed);
  }
  crypto::SystemRandom random;
  const auto& recipient = ring().recipients[choice % ring().recipients.size()];
  const auto management = jose::every_key_management[algorithms % 3];
  const auto encryption = jose::every_content_encryption[algorithms / 3 % 2];
  if (!recipient.fits(management)) return;
  const auto token = jose::encrypt(
      plaintext, {.key = recipient, .management = management, .encryption = encryption, .cty = ""},
      random);
  const auto sent = edited(token, bytes);
  const bool good = sent == token && token.size() <= limits::jwe_bytes_max &&
                    holds(allowed.management, management) && holds(allowed.encryption, encryption);
  expect_verdict(sent, good, plaintext, allowed);
}

}  // namespace cardea::fuzz
