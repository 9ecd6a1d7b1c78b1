// Signing and verifying with OpenSSL keys, over contexts that are kept per thread and key
// (context_cache.h). Internal to crypto/.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/ecdsa_form.h"
#include "crypto/openssl_key.h"

namespace cardea::crypto {

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
