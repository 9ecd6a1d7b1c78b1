// AES as encrypted tokens use it: GCM over content (RFC 7518 5.3) and key wrap over content keys
// (RFC 3394). Key sizes are 128 and 256 bits; everything else about the sizes is fixed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace cardea::crypto {

using AesKey = Secret<struct AesKeyTag>;  // 16 or 32 raw bytes; another length is a bug

inline constexpr std::size_t gcm_iv_bytes = 12;   // RFC 7518 5.3: 96 bits
inline constexpr std::size_t gcm_tag_bytes = 16;  // RFC 7518 5.3: 128 bits
inline constexpr std::size_t aes_wrap_overhead_bytes = 8;

struct GcmSealed {
  std::string ciphertext;
  std::string tag;
};
// What goes with the content. iv: gcm_iv_bytes, never used before with this key.
struct GcmContext {
  std::string_view iv;
  std::string_view associated;
};
GcmSealed gcm_seal(const AesKey& key, const GcmContext& context, std::string_view plaintext);
// Nothing when a bit differs, or when iv or tag has another length: a short tag is easily guessed,
// and the library would compare as much as it is given.
std::optional<std::string> gcm_open(const AesKey& key, const GcmContext& context,
                                    const GcmSealed& sealed);

// RFC 3394 2.2.1 with the default initial value.
std::string aes_wrap(const AesKey& wrapping_key, const AesKey& content_key);
// Nothing when the integrity check fails or the length is not that of a wrapped AesKey.
std::optional<AesKey> aes_unwrap(const AesKey& wrapping_key, std::string_view wrapped);

}  // namespace cardea::crypto
