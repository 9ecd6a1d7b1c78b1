// XChaCha20-Poly1305 with random nonces (decision Q6): nothing here needs a counter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace cardea::crypto {

using AeadKey = Secret<struct AeadKeyTag>;  // 32 raw bytes

inline constexpr std::size_t aead_key_bytes = 32;
inline constexpr std::size_t aead_overhead_bytes = 24 + 16;  // nonce and tag

// nonce || ciphertext || tag. `associated` is authenticated and not stored.
std::string seal(const AeadKey& key, std::string_view associated, std::string_view plaintext,
                 Random& random);
// Nothing when the key, the associated data or a single bit differs.
std::optional<std::string> open(const AeadKey& key, std::string_view associated,
                                std::string_view sealed);

}  // namespace cardea::crypto
