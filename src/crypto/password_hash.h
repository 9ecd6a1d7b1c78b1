// argon2id as PHC strings (decision E9). Costs tens of milliseconds and `memory_kib` of memory:
// called on the password pool only (server/sign_in/password_pool.h), never on an I/O context.
#pragma once

#include <string>
#include <string_view>

namespace cardea::crypto {

struct PasswordCost {
  std::size_t memory_kib = 19 * 1024;
  unsigned passes = 2;
  // parallelism is always 1.
  friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};

// "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". Empty only when memory ran out.
std::string hash_password(std::string_view password, const PasswordCost& cost);
// False also when the string is not an argon2id PHC string.
bool verify_password(std::string_view phc, std::string_view password);
// Whether the string was made with another cost and should be made anew at the next sign-in.
bool needs_rehash(std::string_view phc, const PasswordCost& cost);
// Whether the text is an argon2id PHC string that verify_password can use (parallelism 1).
bool is_password_hash(std::string_view phc);

}  // namespace cardea::crypto
