// Digests, MACs, key derivation and comparison. All thread-safe; all take and give raw bytes.
#pragma once

#include <string>
#include <string_view>

namespace cardea::crypto {

std::string sha256(std::string_view bytes);  // 32 bytes
std::string sha384(std::string_view bytes);  // 48
std::string sha512(std::string_view bytes);  // 64

std::string hmac_sha256(std::string_view key, std::string_view message);  // 32 bytes
// For one-time passwords alone (RFC 4226 5.2), where the apps know nothing else; 20 bytes.
std::string hmac_sha1(std::string_view key, std::string_view message);

// HKDF-SHA-256 (RFC 5869): extract with `salt` (may be empty), expand with `info` to `size` bytes
// (<= 8160).
std::string hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info,
                        std::size_t size);

// The Concatenation Key Derivation Function with SHA-256 (NIST SP 800-56A 5.8.1, as RFC 7518 4.6.2
// uses it). other_info: AlgorithmID to SuppPrivInfo, already joined. size: <= 8160 bytes.
std::string concat_kdf_sha256(std::string_view shared_secret, std::string_view other_info,
                              std::size_t size);

// Compares without revealing where two strings differ. Different lengths: false at once.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace cardea::crypto
