// Keys of use "enc"; see encryption_jwk.h.
#include "jose/encryption_jwk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "jose/jwk.h"
#include "jose/jwk_members.h"

namespace cardea::jose {
namespace {

using crypto::Curve;
using crypto::EncryptionKeyType;
using crypto::EncryptionPublicKey;
using json::string_member;

constexpr std::array<std::pair<KeyManagement, std::string_view>, 3> management_names{
    {{KeyManagement::RSA_OAEP_256, "RSA-OAEP-256"},
     {KeyManagement::ECDH_ES, "ECDH-ES"},
     {KeyManagement::ECDH_ES_A256KW, "ECDH-ES+A256KW"}}};
constexpr std::array<std::pair<ContentEncryption, std::string_view>, 2> encryption_names{
    {{ContentEncryption::A128GCM, "A128GCM"}, {ContentEncryption::A256GCM, "A256GCM"}}};

template <class Names, class Value>
std::string_view spelled(const Names& names, Value value) {
  for (const auto& [each, name] : names) {
    if (each == value) return name;
  }
  ensure(false);
  return {};
}

template <class Names>
auto named(const Names& names, std::string_view text) {
  std::optional<typename Names::value_type::first_type> found;
  for (const auto& [value, name] : names) {
    if (name == text) found = value;
  }
  return found;
}

Curve curve_of(EncryptionKeyType type) {
  return type == EncryptionKeyType::P384 ? Curve::P384 : Curve::P256;
}

// RFC 7517 4.3.
bool is_for_encrypting(std::string_view operation) {
  return operation == "encrypt" || operation == "wrapKey" || operation == "deriveKey" ||
         operation == "deriveBits";
}

// RFC 7517 4.2, 4.3. Without `use` the key may sign as well, unless its alg says what it is for.
Status<std::string> check_use(const json::Object& jwk, const RecipientKey& key) {
  const bool says_so =
      jwk.contains("use") ? string_member(jwk, "use") == "enc" : key.alg.has_value();
  if (!says_so) return refuse(std::string("use is not enc"));
  if (!jwk.contains("key_ops")) return Unit{};
  const auto operations = json::strings_member(jwk, "key_ops");
  if (!operations || std::ranges::none_of(*operations, is_for_encrypting)) {
    return refuse(std::string("key_ops holds no operation of encryption"));
  }
  return Unit{};
}

std::optional<EncryptionPublicKey> read_parameters(const json::Object& jwk) {
  if (string_member(jwk, "kty") == "RSA") {
    const auto rsa = rsa_members(jwk);
    return rsa ? EncryptionPublicKey::rsa(*rsa) : std::nullopt;
  }
  const bool is_p384 = string_member(jwk, "crv") == name_of(Curve::P384);
  return read_ec(is_p384 ? EncryptionKeyType::P384 : EncryptionKeyType::P256, jwk);
}

json::Object public_members(const crypto::EncryptionPrivateKey& key) {
  if (const auto rsa = key.rsa_public()) return write_members(*rsa);
  return write_ec(key.type(), *key.ec_public());
}

}  // namespace

std::string_view name_of(KeyManagement management) {
  return spelled(management_names, management);
}
std::optional<KeyManagement> key_management_named(std::string_view name) {
  return named(management_names, name);
}
std::string_view name_of(ContentEncryption encryption) {
  return spelled(encryption_names, encryption);
}
std::optional<ContentEncryption> content_encryption_named(std::string_view name) {
  return named(encryption_names, name);
}

bool fits(EncryptionKeyType type, KeyManagement management) {
  return (type == EncryptionKeyType::RSA) == (management == KeyManagement::RSA_OAEP_256);
}

bool RecipientKey::fits(KeyManagement management) const {
  return jose::fits(key.type(), management) && (!alg || *alg == management);
}

Result<RecipientKey, std::string> parse_recipient_key(const json::Object& jwk) {
  if (has_private_member(jwk)) return refuse(std::string("the key holds a private member"));
  auto parameters = read_parameters(jwk);
  if (!parameters) return refuse(std::string("kty, crv or the parameters are not of use here"));
  RecipientKey key{.kid = {}, .alg = std::nullopt, .key = *std::move(parameters)};
  if (jwk.contains("alg")) {
    key.alg = key_management_named(string_member(jwk, "alg").value_or(""));
    if (!key.alg) return refuse(std::string("alg is not a key management algorithm in use here"));
    if (!fits(key.key.type(), *key.alg)) return refuse(std::string("alg does not fit kty"));
  }
  if (auto use = check_use(jwk, key); !use) return refuse(use.error());
  if (jwk.contains("kid")) {
    auto kid = string_member(jwk, "kid");
    if (!kid) return refuse(std::string("kid is not a string"));
    key.kid = *std::move(kid);
  }
  return key;
}

const RecipientKey* find_recipient(const std::vector<RecipientKey>& keys,
                                   KeyManagement management) {
  const auto at =
      std::ranges::find_if(keys, [&](const RecipientKey& key) { return key.fits(management); });
  return at == keys.end() ? nullptr : &*at;
}

json::Object write_encryption_jwk(const crypto::EncryptionPrivateKey& key, std::string_view kid) {
  json::Object out = public_members(key);
  if (!kid.empty()) out.set("kid", kid);
  out.set("use", "enc");
  if (key.type() == EncryptionKeyType::RSA) out.set("alg", name_of(KeyManagement::RSA_OAEP_256));
  return out;
}

std::string thumbprint(const crypto::EncryptionPrivateKey& key) {
  return thumbprint(public_members(key)).value();
}

json::Object write_ec(EncryptionKeyType type, const crypto::EcPublic& parameters) {
  return write_members(curve_of(type), parameters);
}

std::optional<EncryptionPublicKey> read_ec(EncryptionKeyType type, const json::Object& jwk) {
  if (type == EncryptionKeyType::RSA || has_private_member(jwk)) return std::nullopt;
  if (string_member(jwk, "kty") != "EC") return std::nullopt;
  if (string_member(jwk, "crv") != name_of(curve_of(type))) return std::nullopt;
  const auto parameters = ec_members(jwk);
  return parameters ? EncryptionPublicKey::ec(curve_of(type), *parameters) : std::nullopt;
}

}  // namespace cardea::jose
