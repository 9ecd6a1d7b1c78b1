// Character classes and list handling; see ascii.h.
#include "base/ascii.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace cardea::ascii {
namespace {

// Eight bytes at a time, as one number. What a test gives has the top bit of each byte it found;
// the lowest of them is exact, those above may come from a borrow.
constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
constexpr std::uint64_t tops = ones * 0x80;
constexpr std::size_t stride = sizeof(std::uint64_t);

constexpr std::uint64_t below(std::uint64_t eight, std::uint64_t limit) {
  return (eight - ones * limit) & ~eight & tops;
}
constexpr std::uint64_t equal_to(std::uint64_t eight, std::uint64_t byte) {
  return below(eight ^ ones * byte, 1);
}
constexpr std::uint64_t controls(std::uint64_t eight) {
  return below(eight, 0x20) | equal_to(eight, 0x7f);
}

// The first byte in memory is the number's lowest.
std::uint64_t load(const char* from, std::size_t size) {
  std::uint64_t eight = ones * ' ';
  std::memcpy(&eight, from, size);
  if constexpr (std::endian::native == std::endian::big) eight = __builtin_bswap64(eight);
  return eight;
}

// How many bytes stand before the first that the test finds.
template <class Test>
std::size_t prefix_without(std::string_view bytes, Test test) {
  for (std::size_t at = 0; at < bytes.size(); at += stride) {
    const auto size = std::min(stride, bytes.size() - at);
    const std::uint64_t found =
        test(size == stride ? load(bytes.data() + at, stride) : load(bytes.data() + at, size));
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  return bytes.size();
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (const auto part : Parts(text, separator)) parts.push_back(part);
  return parts;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const auto part : Parts(text, ' ')) {
    if (!part.empty()) out.emplace_back(part);
  }
  return out;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::size_t ascii_prefix(std::string_view bytes) {
  return prefix_without(bytes, [](std::uint64_t eight) { return eight & tops; });
}

std::size_t uncontrolled_prefix(std::string_view bytes) {
  return prefix_without(bytes, controls);
}

std::size_t unescaped_prefix(std::string_view bytes) {
  return prefix_without(bytes, [](std::uint64_t eight) {
    return controls(eight) | equal_to(eight, '"') | equal_to(eight, '\\');
  });
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_utf8(std::string_view bytes) {
  std::size_t i = ascii_prefix(bytes);
  const auto at = [&](std::size_t k) { return static_cast<unsigned char>(bytes[k]); };
  const auto tail = [&](std::size_t k) { return k < bytes.size() && (at(k) & 0xc0) == 0x80; };
  while (i < bytes.size()) {
    const unsigned char c = at(i);
    if (c < 0x80) {
      i += 1;
    } else if (c >= 0xc2 && c <= 0xdf) {
      if (!tail(i + 1)) return false;
      i += 2;
    } else if (c >= 0xe0 && c <= 0xef) {
      if (!tail(i + 1) || !tail(i + 2)) return false;
      if (c == 0xe0 && at(i + 1) < 0xa0) return false;  // overlong
      if (c == 0xed && at(i + 1) > 0x9f) return false;  // surrogate
      i += 3;
    } else if (c >= 0xf0 && c <= 0xf4) {
      if (!tail(i + 1) || !tail(i + 2) || !tail(i + 3)) return false;
      if (c == 0xf0 && at(i + 1) < 0x90) return false;  // overlong
      if (c == 0xf4 && at(i + 1) > 0x8f) return false;  // above U+10FFFF
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

bool holds_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    // In UTF-8, C1 is C2 80 to C2 9F.
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

}  // namespace cardea::ascii
