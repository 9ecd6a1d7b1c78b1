// A fuzz input taken apart: lines for texts, so that seeds can be read and dictionaries bite, and
// single bytes for choices. Past the end everything is empty or 0, so every input means something.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cardea::fuzz {

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }

  // A number below `count`, from one byte.
  std::size_t below(std::size_t count) { return byte() % count; }

  // Up to the next line feed, which is taken as well.
  std::string_view line() {
    const auto end = std::min(rest_.find('\n'), rest_.size());
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

  std::string_view rest() {
    const auto all = rest_;
    rest_ = {};
    return all;
  }

 private:
  std::string_view rest_;
};

}  // namespace cardea::fuzz
