// The operating system's randomness through libsodium, which ends the process when there is none.
#include "crypto/random.h"

#include "crypto/sodium.h"

namespace cardea::crypto {

void SystemRandom::fill(std::span<std::byte> out) {
  start_sodium();
  randombytes_buf(out.data(), out.size());
}

}  // namespace cardea::crypto
