// How a stream of bytes is cut into the pieces in which it arrives.
#pragma once

#include <cstddef>

namespace cardea::fuzz {

// Cuts of one size, or of sizes that follow from the seed.
class Cuts {
 public:
  explicit Cuts(std::size_t whole) : size_(whole) {}
  static Cuts random(unsigned seed) {
    Cuts cuts(0);
    cuts.state_ = seed * 2654435761U + 1;
    return cuts;
  }
  std::size_t next() {
    if (size_ != 0) return size_;
    state_ = state_ * 1664525U + 1013904223U;
    return 1 + (state_ >> 24) % 61;
  }

 private:
  std::size_t size_;
  unsigned state_ = 0;
};

}  // namespace cardea::fuzz
