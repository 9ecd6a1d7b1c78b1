// Compact JWE, made and opened; see jwe.h. The order of checks is size, form, header, key, content.
#include "jose/jwe.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/base64url.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "jose/jwk_members.h"

namespace cardea::jose {
namespace {

using crypto::AesKey;

// Private-key operations that one token can make us compute: a token without kid fits every key of
// its type, of which a ring has the next, the active and the retiring ones.
constexpr std::size_t keys_tried_max = 4;

std::size_t key_bytes(ContentEncryption encryption) {
  return encryption == ContentEncryption::A128GCM ? 16 : 32;
}

// --- key agreement, RFC 7518 4.6

void append_number(std::string& out, std::size_t number) {
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(number >> shift & 0xff);
}

void append_counted(std::string& out, std::string_view bytes) {
  append_number(out, bytes.size());
  out += bytes;
}

struct Parties {
  std::string apu;
  std::string apv;
};

// RFC 7518 4.6.2. For direct agreement the key is the content's own, else it wraps that.
AesKey derived_key(const crypto::SharedSecret& secret, KeyManagement management,
                   ContentEncryption encryption, const Parties& parties) {
  const bool direct = management == KeyManagement::ECDH_ES;
  const std::size_t size = direct ? key_bytes(encryption) : 32;
  std::string info;
  append_counted(info, direct ? name_of(encryption) : name_of(management));
  append_counted(info, parties.apu);
  append_counted(info, parties.apv);
  append_number(info, size * 8);
  return AesKey(crypto::concat_kdf_sha256(secret.reveal(), info, size));
}

// --- encryption, RFC 7516 5.1

struct SentKey {
  AesKey content_key;
  std::string encrypted_key;
  std::optional<json::Object> ephemeral;
};

// Steps 1 to 6.
SentKey make_key(const EncryptionChoice& choice, Random& random) {
  const auto& recipient = choice.key.key;
  SentKey out{.content_key = {}, .encrypted_key = {}, .ephemeral = std::nullopt};
  if (choice.management != KeyManagement::ECDH_ES) {
    out.content_key = AesKey(random.bytes(key_bytes(choice.encryption)));
  }
  if (choice.management == KeyManagement::RSA_OAEP_256) {
    out.encrypted_key = recipient.encrypt_oaep(out.content_key);
    return out;
  }
  const auto agreement = recipient.agree();
  out.ephemeral = write_ec(recipient.type(), agreement.ephemeral);
  auto derived = derived_key(agreement.secret, choice.management, choice.encryption, {});
  if (choice.management == KeyManagement::ECDH_ES) {
    out.content_key = std::move(derived);
  } else {
    out.encrypted_key = crypto::aes_wrap(derived, out.content_key);
  }
  return out;
}

std::string header_text(const EncryptionChoice& choice, const SentKey& sent) {
  json::ObjectText header;
  header.add_text("alg", name_of(choice.management));
  header.add_text("enc", name_of(choice.encryption));
  if (!choice.key.kid.empty()) header.add_text("kid", choice.key.kid);
  if (!choice.cty.empty()) header.add_text("cty", choice.cty);
  if (sent.ephemeral) header.add("epk", *sent.ephemeral);
  return std::move(header).take();
}

// --- decryption, RFC 7516 5.2

struct Parts {
  std::string_view header;
  std::string_view encrypted_key;
  std::string_view iv;
  std::string_view ciphertext;
  std::string_view tag;
};

Result<Parts, JweError> split(std::string_view text) {
  if (text.size() > limits::jwe_bytes_max) return refuse(JweError::too_large);
  if (!has_jwe_form(text)) return refuse(JweError::malformed);
  std::array<std::string_view, 5> parts;
  for (auto& part : parts) {
    const auto dot = std::min(text.find('.'), text.size());
    part = text.substr(0, dot);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return Parts{parts[0], parts[1], parts[2], parts[3], parts[4]};
}

struct Header {
  json::Object object;
  KeyManagement management = KeyManagement::RSA_OAEP_256;
  ContentEncryption encryption = ContentEncryption::A256GCM;
  std::string kid;
  std::string cty;
  Parties parties;
};

// A string member that may be absent; false when it is there with another type.
bool take_string(const json::Object& object, std::string_view name, std::string& out) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return true;
  const std::string* text = value->if_string();
  if (text != nullptr) out = *text;
  return text != nullptr;
}

// The same for base64url: apu and apv, RFC 7518 4.6.1.
bool take_octets(const json::Object& object, std::string_view name, std::string& out) {
  if (!object.contains(name)) return true;
  auto octets = octets_member(object, name);
  if (!octets) return false;
  out = *std::move(octets);
  return true;
}

Result<Header, JweError> read_header(std::string_view segment, const AllowedEncryption& allowed) {
  const auto text = base64url_decode(segment);
  if (!text) return refuse(JweError::bad_base64url);
  auto object = json::parse_object(*text);  // 8725-14: members are unique
  if (!object) return refuse(JweError::bad_json);
  // RFC 7516 4.1.13: no extension is understood. RFC 8725 3.6: nothing is inflated.
  if (object->contains("crit")) return refuse(JweError::critical_header);
  if (object->contains("zip")) return refuse(JweError::compressed);
  const auto alg = key_management_named(json::string_member(*object, "alg").value_or(""));
  const auto enc = content_encryption_named(json::string_member(*object, "enc").value_or(""));
  if (!alg || !enc) return refuse(JweError::unknown_algorithm);
  if (std::ranges::find(allowed.management, *alg) == allowed.management.end() ||
      std::ranges::find(allowed.encryption, *enc) == allowed.encryption.end()) {
    return refuse(JweError::algorithm_not_allowed);  // RFC 8725 3.1
  }
  Header header{.object = {}, .management = *alg, .encryption = *enc};
  if (!take_string(*object, "kid", header.kid) || !take_string(*object, "cty", header.cty)) {
    return refuse(JweError::malformed);
  }
  if (*alg != KeyManagement::RSA_OAEP_256 && (!take_octets(*object, "apu", header.parties.apu) ||
                                              !take_octets(*object, "apv", header.parties.apv))) {
    return refuse(JweError::malformed);
  }
  header.object = *std::move(object);
  return header;
}

// What else of the token is read before a key is touched.
struct Content {
  std::string encrypted_key;
  std::string iv;
  crypto::GcmSealed sealed;
};

Result<Content, JweError> read_content(const Parts& parts, const Header& header) {
  auto encrypted_key = base64url_decode(parts.encrypted_key);
  auto iv = base64url_decode(parts.iv);
  auto ciphertext = base64url_decode(parts.ciphertext);
  auto tag = base64url_decode(parts.tag);
  if (!encrypted_key || !iv || !ciphertext || !tag) return refuse(JweError::bad_base64url);
  // RFC 7518 5.3. RFC 7516 5.2 step 10: direct agreement has no encrypted key.
  const bool has_key = header.management != KeyManagement::ECDH_ES;
  if (iv->size() != crypto::gcm_iv_bytes || tag->size() != crypto::gcm_tag_bytes ||
      encrypted_key->empty() == has_key) {
    return refuse(JweError::malformed);
  }
  return Content{*std::move(encrypted_key),
                 *std::move(iv),
                 {.ciphertext = *std::move(ciphertext), .tag = *std::move(tag)}};
}

std::vector<const DecryptionKey*> candidates(const std::vector<DecryptionKey>& keys,
                                             const Header& header) {
  std::vector<const DecryptionKey*> out;
  for (const DecryptionKey& key : keys) {
    if (!header.kid.empty() && !key.kid.empty() && key.kid != header.kid) continue;
    if (fits(key.key.type(), header.management)) out.push_back(&key);
  }
  return out;
}

// The sender's ephemeral key, if it is one for this key of ours (RFC 8725 3.4).
std::optional<crypto::EncryptionPublicKey> ephemeral_for(const DecryptionKey& key,
                                                         const Header& header) {
  const json::Value* epk = header.object.find("epk");
  const json::Object* jwk = epk != nullptr ? epk->if_object() : nullptr;
  return jwk != nullptr ? read_ec(key.key.type(), *jwk) : std::nullopt;
}

// Steps 6 to 10 for one key; nothing when the encrypted key does not open.
std::optional<AesKey> content_key(const DecryptionKey& key, const Header& header,
                                  const crypto::EncryptionPublicKey* ephemeral,
                                  const Content& content) {
  if (ephemeral == nullptr) {
    return key.key.decrypt_oaep(content.encrypted_key, key_bytes(header.encryption));
  }
  auto derived =
      derived_key(key.key.agree(*ephemeral), header.management, header.encryption, header.parties);
  if (header.management == KeyManagement::ECDH_ES) return derived;
  auto unwrapped = crypto::aes_unwrap(derived, content.encrypted_key);
  if (unwrapped && unwrapped->reveal().size() != key_bytes(header.encryption)) unwrapped.reset();
  return unwrapped;
}

// RFC 7516 11.5: where the encrypted key did not open, the work goes on with another one, so that
// neither answer nor time tells which of the two steps failed.
std::optional<std::string> open(std::optional<AesKey> key, const Parts& parts, const Header& header,
                                const Content& content) {
  const bool is_genuine = key.has_value();
  if (!is_genuine) key = AesKey(std::string(key_bytes(header.encryption), '\0'));
  auto plaintext =
      crypto::gcm_open(*key, {.iv = content.iv, .associated = parts.header}, content.sealed);
  if (!is_genuine) plaintext.reset();
  return plaintext;
}

}  // namespace

std::string_view name_of(JweError error) {
  constexpr std::array<std::string_view, 11> names{
      "too_large",       "malformed",         "bad_base64url",
      "bad_json",        "unknown_algorithm", "algorithm_not_allowed",
      "critical_header", "compressed",        "bad_ephemeral_key",
      "no_key",          "undecryptable"};
  return names[static_cast<std::size_t>(error)];
}

std::string encrypt(std::string_view plaintext, const EncryptionChoice& choice, Random& random) {
  ensure(choice.key.fits(choice.management));
  const auto sent = make_key(choice, random);
  std::string text = base64url_encode(header_text(choice, sent));
  const auto iv = random.bytes(crypto::gcm_iv_bytes);
  // Steps 13 to 15: the encoded header is what is authenticated beside the content.
  const auto sealed = crypto::gcm_seal(sent.content_key, {.iv = iv, .associated = text}, plaintext);
  text.reserve(text.size() + (sent.encrypted_key.size() + plaintext.size()) * 4 / 3 + 48);
  for (const std::string_view part :
       {std::string_view(sent.encrypted_key), std::string_view(iv),
        std::string_view(sealed.ciphertext), std::string_view(sealed.tag)}) {
    text += '.';
    append_base64url(text, part);
  }
  return text;
}

Result<Decrypted, JweError> decrypt(std::string_view text, const std::vector<DecryptionKey>& keys,
                                    const AllowedEncryption& allowed) {
  const auto parts = split(text);
  if (!parts) return refuse(parts.error());
  auto header = read_header(parts->header, allowed);
  if (!header) return refuse(header.error());
  const auto content = read_content(*parts, *header);
  if (!content) return refuse(content.error());
  auto fitting = candidates(keys, *header);
  if (fitting.empty()) return refuse(JweError::no_key);
  fitting.resize(std::min(fitting.size(), keys_tried_max));
  bool has_tried = false;
  for (const DecryptionKey* key : fitting) {
    std::optional<crypto::EncryptionPublicKey> ephemeral;
    if (header->management != KeyManagement::RSA_OAEP_256) {
      ephemeral = ephemeral_for(*key, *header);
      if (!ephemeral) continue;
    }
    has_tried = true;
    auto plaintext = open(content_key(*key, *header, ephemeral ? &*ephemeral : nullptr, *content),
                          *parts, *header, *content);
    if (!plaintext) continue;
    return Decrypted{.header = std::move(header->object),
                     .management = header->management,
                     .encryption = header->encryption,
                     .cty = std::move(header->cty),
                     .plaintext = *std::move(plaintext)};
  }
  return refuse(has_tried ? JweError::undecryptable : JweError::bad_ephemeral_key);
}

bool has_jwe_form(std::string_view text) {
  return std::ranges::count(text, '.') == 4;
}

}  // namespace cardea::jose
