// Character classes and list handling; see ascii.h.
#include "base/ascii.h"

namespace cardea::ascii {

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
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (const auto part : split(text, ' ')) {
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

bool is_utf8(std::string_view bytes) {
  std::size_t i = 0;
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

}  // namespace cardea::ascii
