// The operating system's randomness.
#pragma once

#include "base/random.h"

namespace cardea::crypto {

// Thread-safe. Draws from the library's generator, which the kernel seeds.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

}  // namespace cardea::crypto
