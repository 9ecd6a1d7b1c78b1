// JSON Web Keys and key sets (RFC 7517, RFC 7518 6, RFC 8037 2) and thumbprints (RFC 7638). Public
// keys only: a set that holds private members is refused, so a private key can never pass for a
// public one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/key.h"
#include "jose/encryption_jwk.h"

namespace cardea::jose {

using crypto::SignatureAlgorithm;

std::string_view name_of(SignatureAlgorithm algorithm);  // "RS256", ...
std::optional<SignatureAlgorithm> algorithm_named(
    std::string_view name);  // exact case; "none", "HS256": nothing

struct Jwk {
  std::string kid;  // "" when the key has none
  std::optional<SignatureAlgorithm>
      alg;  // the key's `alg`, or the only one its type allows (EC, OKP)
  // One prepared key for each algorithm this JWK may be used with: one for EC and OKP or where
  // `alg` is given, RS256 and PS256 for an RSA key without `alg`.
  std::vector<crypto::PublicKey> keys;
};

// A JWK object of use "sig" (or none) and key_ops holding "verify" (or none).
Result<Jwk, std::string> parse_jwk(const json::Object& object);
// kty and the public parameters, then kid (unless empty), use "sig" and alg.
json::Object write_jwk(const crypto::PrivateKey& key, std::string_view kid);
// base64url(SHA-256) of the required members (RFC 7638 3).
std::string thumbprint(const crypto::PrivateKey& key);
Result<std::string, std::string> thumbprint(const json::Object& public_jwk);

class JwkSet {
 public:
  // {"keys":[...]}. Keys of unknown type, use or algorithm are skipped (RFC 7517 5); more than
  // limits::jwks_keys_max, a duplicate kid, or any private member refuses the set.
  static Result<JwkSet, std::string> parse(std::string_view text);
  static Result<JwkSet, std::string> parse(const json::Object& object);

  const std::vector<Jwk>& keys() const { return keys_; }
  // The keys of use "enc", which verify nothing and are in no other list.
  const std::vector<RecipientKey>& recipients() const { return recipients_; }
  // DER of the certificates of its signature keys: the first of each x5c, where that speaks of the
  // key beside which it stands (RFC 7517 4.7).
  const std::vector<std::string>& certificates() const { return certificates_; }
  // Keys that may verify a token with this header: same algorithm, and same kid where both name
  // one.
  std::vector<const crypto::PublicKey*> candidates(SignatureAlgorithm algorithm,
                                                   std::string_view kid) const;
  bool contains_kid(std::string_view kid) const;

 private:
  std::vector<Jwk> keys_;
  std::vector<RecipientKey> recipients_;
  std::vector<std::string> certificates_;
};

}  // namespace cardea::jose
