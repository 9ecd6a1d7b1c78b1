// User codes; see user_code.h.
#include "server/device/user_code.h"

namespace cardea {
namespace {

constexpr std::string_view alphabet = "BCDFGHJKLMNPQRSTVWXZ";  // RFC 8628 6.1
constexpr std::size_t length = 8;
constexpr std::size_t typed_bytes_max = 64;

bool is_separator(char c) {
  return c == ' ' || c == '-' || c == '.' || c == '_' || c == '\t';
}

}  // namespace

std::string new_user_code(Random& random) {
  // Bytes of 240 and above would make the first characters likelier.
  constexpr auto usable = 256 / alphabet.size() * alphabet.size();
  std::string code;
  while (code.size() < length) {
    const auto byte = static_cast<unsigned char>(random.bytes(1).front());
    if (byte < usable) code += alphabet[byte % alphabet.size()];
  }
  return code;
}

std::string shown_user_code(std::string_view code) {
  return std::string(code.substr(0, length / 2)) + "-" + std::string(code.substr(length / 2));
}

std::optional<std::string> read_user_code(std::string_view typed) {
  if (typed.size() > typed_bytes_max) return std::nullopt;
  std::string code;
  for (const char c : typed) {
    if (is_separator(c)) continue;
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (alphabet.find(upper) == std::string_view::npos) return std::nullopt;
    code += upper;
  }
  if (code.size() != length) return std::nullopt;
  return code;
}

UserCodeDigest digest_of_user_code(const Seals& seals, std::string_view code) {
  return UserCodeDigest(seals.mac(SealPurpose::user_code, code));
}

}  // namespace cardea
