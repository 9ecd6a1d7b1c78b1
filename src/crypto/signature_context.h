// OpenSSL contexts ready to sign or verify, kept per thread and key: making one costs a quarter of
// an ES256 signature. The caches are bounded and name keys by a number that is never used twice, so
// a destroyed key cannot be taken for a later one at the same address. Internal to crypto/.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/ecdsa_form.h"
#include "crypto/key.h"
#include "crypto/owned.h"

namespace cardea::crypto {

using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;

// An OpenSSL key with its one algorithm (not EdDSA). Outlives no context: contexts hold their own
// reference, and are dropped from a full cache first when `alive` has ended.
struct SignatureKey {
  SignatureKey(SignatureAlgorithm algorithm_in, OwnedKey key_in);

  SignatureAlgorithm algorithm;
  OwnedKey key;
  std::uint64_t id;
  std::shared_ptr<const int> alive;
};

// JOSE form; empty when the key does not compute, which loading it has ruled out. Thread-safe.
std::string sign_with(const SignatureKey& key, std::string_view message);
bool verify_with(const SignatureKey& key, std::string_view message, std::string_view signature);

// Nothing for algorithms that are not ECDSA.
const CurveForm* curve_of(SignatureAlgorithm algorithm);

}  // namespace cardea::crypto
