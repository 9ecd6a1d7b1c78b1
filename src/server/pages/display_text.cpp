// Decodes leniently: every malformed byte becomes one replacement character (Unicode 15 3.9).
#include "server/pages/display_text.h"

#include "base/ascii.h"

namespace cardea {
namespace {

// The length that the first byte of a UTF-8 sequence announces; 1 for bytes that begin none.
std::size_t announced_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}

// The first character of a text: its bytes, or one byte that is no UTF-8.
std::string_view first_character(std::string_view text) {
  const auto bytes = text.substr(0, announced_length(text.front()));
  return ascii::is_utf8(bytes) ? bytes : text.substr(0, 1);
}

bool is_between(std::string_view character, std::string_view low, std::string_view high) {
  return character.size() == low.size() && character >= low && character <= high;
}

bool is_control(std::string_view character) {
  const auto byte = static_cast<unsigned char>(character.front());
  return byte < 0x20 || byte == 0x7f || is_between(character, "\xc2\x80", "\xc2\x9f");
}

bool reorders(std::string_view character) {
  return is_between(character, "\xe2\x80\xa8", "\xe2\x80\xae") ||  // U+2028-202E
         is_between(character, "\xe2\x81\xa6", "\xe2\x81\xa9");    // U+2066-2069
}

}  // namespace

std::string inert(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_character(text);
    text.remove_prefix(character.size());
    if (!ascii::is_utf8(character)) {
      out += "\xef\xbf\xbd";
    } else if (is_control(character)) {
      out += ' ';
    } else if (!reorders(character)) {
      out += character;
    }
  }
  return out;
}

std::string initial_of(std::string_view name) {
  const std::string shown = inert(name);
  const auto text = ascii::trim(shown);
  if (text.empty()) return "";
  std::string first(first_character(text));
  if (ascii::is_lower(first[0])) first[0] = static_cast<char>(first[0] - 32);
  return first;
}

}  // namespace cardea
