// Time-based one-time passwords (RFC 6238) as authenticator apps make them: HMAC-SHA-1, steps of 30
// seconds, six digits. Pure; that a step is used once only is the store's work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"

namespace cardea::totp {

using SharedSecret = Secret<struct TotpSharedSecretTag>;  // raw bytes

inline constexpr int code_digits = 6;
inline constexpr std::int64_t step_seconds = 30;  // RFC 6238 5.2
// One step each way, for clocks that differ and people who type slowly (RFC 6238 5.2, 6).
inline constexpr std::int64_t window_steps = 1;

// 20 random bytes, as long as the HMAC's output (RFC 6238 5.1; RFC 4226 4, R6).
SharedSecret make_secret(Random& random);
// T of RFC 6238 4.2, with T0 = 0.
std::int64_t step_at(Instant now);
// The code of a step, with leading zeros (RFC 4226 5.3). digits: 6 to 8.
std::string code_of(const SharedSecret& secret, std::int64_t step, int digits = code_digits);
// The step within the window whose code this is, the earliest of several. Compares all of them, in
// constant time. code: six digits and nothing else.
std::optional<std::int64_t> find_step(const SharedSecret& secret, std::string_view code,
                                      Instant now);

struct Account {
  std::string_view issuer;  // whose sign-in it is, for people
  std::string_view login;
};
// otpauth://totp/<issuer>:<login>?secret=...: what a QR code holds. All of it is the secret.
SharedSecret enrolment_uri(const SharedSecret& secret, const Account& account);

}  // namespace cardea::totp
