// Digests without allocation, for the signatures and MACs of this room. Each algorithm is fetched
// once per process, each thread reuses one context per algorithm (fetching per call stops two
// threads from scaling). Internal to crypto/.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <string_view>

namespace cardea::crypto {

enum class Digest { sha256, sha384, sha512 };

// The bytes of a digest; the first `size` count.
struct DigestBytes {
  std::array<unsigned char, 64> bytes;
  std::size_t size = 0;
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }
};

// Thread-safe. Never null; lives as long as the process.
const EVP_MD* fetched(Digest digest);
DigestBytes digest_of(Digest digest, std::string_view message);

inline const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace cardea::crypto
