// Strict base64, base64url and hex; see base64url.h.
#include "base/base64url.h"

#include <array>
#include <cstdint>

namespace cardea {
namespace {

constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view plain_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> inverse(std::string_view alphabet) {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

constexpr auto url_inverse = inverse(url_alphabet);
constexpr auto plain_inverse = inverse(plain_alphabet);

void append_encoded(std::string& out, std::string_view bytes, std::string_view alphabet) {
  const auto before = out.size();
  out.resize(before + (bytes.size() * 4 + 2) / 3);
  char* to = out.data() + before;
  const auto at = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(bytes[i]);
  };
  const auto put = [&](std::uint32_t sextets) { *to++ = alphabet[sextets & 63]; };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    put(group >> 18);
    put(group >> 12);
    put(group >> 6);
    put(group);
  }
  if (bytes.size() - i == 1) {
    put(at(i) >> 2);
    put(at(i) << 4);
  } else if (bytes.size() - i == 2) {
    put(at(i) >> 2);
    put(at(i) << 4 | at(i + 1) >> 4);
    put(at(i + 1) << 2);
  }
}

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  append_encoded(out, bytes, alphabet);
  return out;
}

constexpr std::size_t decoded_size(std::string_view text) {
  return text.size() * 3 / 4;
}

// Writes decoded_size(text) bytes; false when the text is none of the alphabet's, and then what was
// written means nothing.
bool decode_to(char* to, std::string_view text, const std::array<std::int8_t, 256>& table) {
  if (text.size() % 4 == 1) return false;
  const auto at = [&](std::size_t i) -> std::int32_t {
    return table[static_cast<unsigned char>(text[i])];
  };
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    // A foreign character is -1, which the shifts keep negative.
    const std::int32_t group = at(i) << 18 | at(i + 1) << 12 | at(i + 2) << 6 | at(i + 3);
    if (group < 0) return false;
    *to++ = static_cast<char>(group >> 16);
    *to++ = static_cast<char>(group >> 8);
    *to++ = static_cast<char>(group);
  }
  if (i == text.size()) return true;
  // Two or three characters are left; RFC 4648 3.5: their last four or two bits are zero.
  const bool three = text.size() - i == 3;
  const std::int32_t group = at(i) << 12 | at(i + 1) << 6 | (three ? at(i + 2) : 0);
  if (group < 0 || (group & (three ? 3 : 0x3ff)) != 0) return false;
  *to++ = static_cast<char>(group >> 10);
  if (three) *to = static_cast<char>(group >> 2);
  return true;
}

std::optional<std::string> decode(std::string_view text,
                                  const std::array<std::int8_t, 256>& table) {
  std::string out(decoded_size(text), '\0');
  if (!decode_to(out.data(), text, table)) return std::nullopt;
  return out;
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string base64url_encode(std::string_view bytes) {
  return encode(bytes, url_alphabet);
}

std::optional<std::string> base64url_decode(std::string_view text) {
  return decode(text, url_inverse);
}

void append_base64url(std::string& out, std::string_view bytes) {
  append_encoded(out, bytes, url_alphabet);
}

bool base64url_decode_to(std::span<char> out, std::string_view text) {
  return decoded_size(text) == out.size() && decode_to(out.data(), text, url_inverse);
}

std::string base64_encode(std::string_view bytes) {
  std::string out = encode(bytes, plain_alphabet);
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  return decode(text, plain_inverse);
}

std::string hex_encode(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::optional<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = nibble(text[i]);
    const int low = nibble(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

}  // namespace cardea
