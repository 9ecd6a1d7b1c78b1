// Chance as an input. The real source is crypto::SystemRandom; only it draws entropy (style rule
// 18).
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace cardea {

// Thread-safe in every implementation.
class Random {
 public:
  virtual ~Random() = default;
  // Fills the span with unpredictable bytes. Cannot fail: a machine without entropy ends the
  // process.
  virtual void fill(std::span<std::byte> out) = 0;

  // `size` raw bytes.
  std::string bytes(std::size_t size) {
    std::string out(size, '\0');
    fill(std::as_writable_bytes(std::span(out)));
    return out;
  }
};

}  // namespace cardea
