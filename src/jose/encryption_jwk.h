// JSON Web Keys of use "enc": public ones that we encrypt to, and our own. RFC 7517 4, RFC 7518 4
// and 6. The names of algorithms that this program encrypts with; the rest (RSA1_5, dir, PBES2, AES
// key wrap alone, CBC) has no name here and so cannot be asked for (RFC 8725 3.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/encryption_key.h"

namespace cardea::jose {

// `alg` (RFC 7518 4.1): RSA-OAEP-256, ECDH-ES, ECDH-ES+A256KW.
enum class KeyManagement { RSA_OAEP_256, ECDH_ES, ECDH_ES_A256KW };
std::string_view name_of(KeyManagement management);
std::optional<KeyManagement> key_management_named(std::string_view name);  // exact case
inline constexpr KeyManagement every_key_management[] = {
    KeyManagement::RSA_OAEP_256, KeyManagement::ECDH_ES, KeyManagement::ECDH_ES_A256KW};

// `enc` (RFC 7518 5.1).
enum class ContentEncryption { A128GCM, A256GCM };
std::string_view name_of(ContentEncryption encryption);
std::optional<ContentEncryption> content_encryption_named(std::string_view name);  // exact case
inline constexpr ContentEncryption every_content_encryption[] = {ContentEncryption::A128GCM,
                                                                 ContentEncryption::A256GCM};

// Whether a key of this type can do that.
bool fits(crypto::EncryptionKeyType type, KeyManagement management);

// A public key of somebody who decrypts.
struct RecipientKey {
  std::string kid;                   // "" when the key has none
  std::optional<KeyManagement> alg;  // the key's own `alg`
  crypto::EncryptionPublicKey key;

  bool fits(KeyManagement management) const;
};

// A JWK of use "enc", or of none whose `alg` is one of ours. Refuses: private members, another use
// or alg, key_ops without an operation of encryption, parameters that are not sound.
Result<RecipientKey, std::string> parse_recipient_key(const json::Object& jwk);
// The first that fits; null when there is none.
const RecipientKey* find_recipient(const std::vector<RecipientKey>& keys, KeyManagement management);

// A private key of ours.
struct DecryptionKey {
  std::string kid;
  crypto::EncryptionPrivateKey key;
};
// kty and the public parameters, kid, use "enc"; alg for RSA alone, for an EC key serves two.
json::Object write_encryption_jwk(const crypto::EncryptionPrivateKey& key, std::string_view kid);
// RFC 7638 3.
std::string thumbprint(const crypto::EncryptionPrivateKey& key);

// The members of an EC public key, for a JWK and for `epk`.
json::Object write_ec(crypto::EncryptionKeyType type, const crypto::EcPublic& parameters);
// The same read: kty, crv and coordinates must be those of the type. Other members are ignored, but
// private ones are refused. Nothing for RSA.
std::optional<crypto::EncryptionPublicKey> read_ec(crypto::EncryptionKeyType type,
                                                   const json::Object& jwk);

}  // namespace cardea::jose
