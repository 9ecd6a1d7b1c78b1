// What a person types for the code of a device (RFC 8628 6.1): our reader against one that writes
// down what it keeps; a code as it is shown reads back as itself.
#include "server/device/user_code.h"

#include <algorithm>
#include <string>

#include "fuzz/finding.h"

namespace cardea::fuzz {
namespace {

// Letters alone, large; "?" for anything that is neither one of the twenty nor a separator.
std::string kept(std::string_view typed) {
  std::string out;
  for (const char c : typed) {
    if (std::string_view(" -._\t").find(c) != std::string_view::npos) continue;
    const auto at = std::string_view("bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ").find(c);
    out += at == std::string_view::npos ? '?' : "BCDFGHJKLMNPQRSTVWXZ"[at % 20];
  }
  return out;
}

}  // namespace

void user_code(std::string_view input) {
  const auto code = read_user_code(input);
  const auto expected = kept(input);
  const bool is_code =
      input.size() <= 64 && expected.size() == 8 && expected.find('?') == std::string::npos;
  expect(code.has_value() == is_code, "the reference takes other texts for codes");
  if (!code) return;
  expect(*code == expected, "the reference reads another code");
  expect(read_user_code(shown_user_code(*code)) == code, "a shown code reads back as another");
}

}  // namespace cardea::fuzz
