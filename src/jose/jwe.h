// Compact JWE (RFC 7516) with the algorithms of encryption_jwk.h, under RFC 8725: the caller says
// which algorithms may be used, compression and critical headers are refused, sizes are exact and
// bounded, and everything that goes wrong with a key is one error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "base/result.h"
#include "jose/encryption_jwk.h"

namespace cardea::jose {

enum class JweError {
  too_large,
  malformed,  // also an initialisation vector or tag of another length
  bad_base64url,
  bad_json,
  unknown_algorithm,
  algorithm_not_allowed,
  critical_header,
  compressed,
  bad_ephemeral_key,
  no_key,
  undecryptable  // wrong key, wrong padding, wrong tag: nobody is told which (RFC 7516 11.5)
};
std::string_view name_of(JweError error);

// What to encrypt with; `key` fits `management`.
struct EncryptionChoice {
  const RecipientKey& key;
  KeyManagement management = KeyManagement::RSA_OAEP_256;
  ContentEncryption encryption = ContentEncryption::A256GCM;
  std::string_view cty;  // "JWT" around a signed token (RFC 7519 5.2); "" for none
};
// The header holds alg, enc, kid (where the key has one), cty and epk. Thread-safe.
std::string encrypt(std::string_view plaintext, const EncryptionChoice& choice, Random& random);

// What the caller admits; two lists, for any of the one may go with any of the other.
struct AllowedEncryption {
  std::vector<KeyManagement> management;
  std::vector<ContentEncryption> encryption;
};

struct Decrypted {
  json::Object header;
  KeyManagement management = KeyManagement::RSA_OAEP_256;
  ContentEncryption encryption = ContentEncryption::A256GCM;
  std::string cty;  // as sent, "" when absent
  std::string plaintext;
};
// Opens with the keys whose type fits the header and whose kid is the header's, where both have
// one. Whoever encrypted is not known by this: anybody can, with a public key. Thread-safe.
Result<Decrypted, JweError> decrypt(std::string_view text, const std::vector<DecryptionKey>& keys,
                                    const AllowedEncryption& allowed);

// Whether the text has the five parts of a compact JWE (RFC 7516 9); a JWS has three.
bool has_jwe_form(std::string_view text);

}  // namespace cardea::jose
