// What people type as codes: base32 against a bit by bit reader, and one-time codes against a
// search over all steps. Input: a line of base32, a line that is a code, and the step of the
// moment.
#include <string>

#include "base/base32.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "protocol/totp.h"

namespace cardea::fuzz {
namespace {

// As RFC 4648 6 says it: a string of bits, cut into eights; the rest must be zeros, and fewer than
// a character's.
std::optional<std::string> naive_base32(std::string_view text) {
  std::string bits;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= '2' && c <= '7') value = c - '2' + 26;
    if (value < 0) return std::nullopt;
    for (int bit = 4; bit >= 0; --bit) bits += ((value >> bit) & 1) != 0 ? '1' : '0';
  }
  std::string bytes;
  while (bits.size() >= 8) {
    bytes += static_cast<char>(std::stoi(bits.substr(0, 8), nullptr, 2));
    bits.erase(0, 8);
  }
  if (bits.size() >= 5 || bits.find('1') != bits.npos) return std::nullopt;
  return bytes;
}

}  // namespace

void one_time_code(std::string_view input) {
  Bytes bytes(input);
  const std::string text(bytes.line());
  const std::string code(bytes.line());
  const auto decoded = base32_decode(text);
  expect(decoded == naive_base32(text), "base32 is read differently");
  if (decoded) expect(base32_encode(*decoded) == text, "base32 has two spellings");
  expect(base32_decode(base32_encode(code)) == code, "base32 does not read back");

  const totp::SharedSecret secret(decoded.value_or("12345678901234567890"));
  const std::int64_t step = static_cast<std::int64_t>(bytes.below(100'000)) + 2;
  const auto found =
      totp::find_step(secret, code, Instant::from_seconds(step * totp::step_seconds));
  std::optional<std::int64_t> earliest;
  for (auto each = step + 1; each >= step - 1; --each) {
    if (totp::code_of(secret, each) == code) earliest = each;
  }
  expect(found == earliest, "the step of a code is another");
}

}  // namespace cardea::fuzz
