// What a new password must be: long enough, and not one that is guessed first. No rule about kinds
// of characters (ASVS 6.2.1, 6.2.4, 6.2.5). Never used on a password that is only verified.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/sign_in/password_pool.h"

namespace cardea {

// A password as typed twice.
struct NewPassword {
  Password password;
  Password repeated;
};

enum class PasswordProblem { too_short, too_long, too_weak, mismatch };

inline constexpr std::size_t password_characters_min = 8;
// Bits of guessing work (zxcvbn): an attacker who tries a hundred passwords a second needs weeks.
inline constexpr double password_strength_min = 27;

// Pure; takes a millisecond or two. own_words: what is easy to guess about this person (login).
// Length counts characters of UTF-8, the upper limit bytes (limits::password_bytes_max).
std::optional<PasswordProblem> judge_password(const NewPassword& chosen,
                                              const std::vector<std::string>& own_words);

}  // namespace cardea
