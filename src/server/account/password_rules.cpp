// Length, then strength as zxcvbn estimates it, which knows the common passwords.
#include "server/account/password_rules.h"

#include <zxcvbn.h>

#include <algorithm>

#include "base/limits.h"
#include "crypto/hash.h"

namespace cardea {
namespace {

// The estimate's work grows fast with length; what is strong is strong within this many bytes.
constexpr std::size_t judged_bytes_max = 64;

std::size_t count_characters(std::string_view utf8) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(utf8, begins));
}

double strength_of(std::string_view password, const std::vector<std::string>& own_words) {
  std::vector<const char*> words;
  for (const auto& word : own_words) words.push_back(word.c_str());
  words.push_back(nullptr);
  std::string judged(password.substr(0, judged_bytes_max));
  const double bits = ZxcvbnMatch(judged.c_str(), words.data(), nullptr);
  wipe(judged);
  return bits;
}

}  // namespace

std::optional<PasswordProblem> judge_password(const NewPassword& chosen,
                                              const std::vector<std::string>& own_words) {
  const auto text = chosen.password.reveal();
  if (count_characters(text) < password_characters_min) return PasswordProblem::too_short;
  if (text.size() > limits::password_bytes_max) return PasswordProblem::too_long;
  if (!crypto::constant_time_equal(text, chosen.repeated.reveal())) {
    return PasswordProblem::mismatch;
  }
  if (strength_of(text, own_words) < password_strength_min) return PasswordProblem::too_weak;
  return std::nullopt;
}

}  // namespace cardea
