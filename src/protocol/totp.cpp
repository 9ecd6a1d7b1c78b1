// RFC 6238 1.2, 4.2 over RFC 4226; see totp.h.
#include "protocol/totp.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/base32.h"
#include "base/result.h"
#include "crypto/hash.h"

namespace cardea::totp {
namespace {

std::string eight_bytes(std::int64_t number) {
  std::string bytes(8, '\0');
  for (auto at = bytes.rbegin(); at != bytes.rend(); ++at) {
    *at = static_cast<char>(number & 0xff);
    number >>= 8;
  }
  return bytes;
}

// RFC 3986 2.1; `%20` and not `+`, which apps show as it is.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (ascii::is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', hex[byte >> 4], hex[byte & 15]};
    }
  }
  return out;
}

}  // namespace

SharedSecret make_secret(Random& random) {
  return SharedSecret(random.bytes(20));
}

std::int64_t step_at(Instant now) {
  return now.unix_seconds() / step_seconds;
}

std::string code_of(const SharedSecret& secret, std::int64_t step, int digits) {
  ensure(digits >= 6 && digits <= 8);
  // RFC 4226 5.3: step 1.
  const std::string hmac = crypto::hmac_sha1(secret.reveal(), eight_bytes(step));
  // Step 2: four bytes from the offset that the last half byte names, without the sign.
  const auto offset = static_cast<std::size_t>(hmac.back() & 0x0f);
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number = (number << 8) | static_cast<unsigned char>(hmac[offset + i]);
  }
  number &= 0x7fffffff;
  // Step 3.
  std::string code(static_cast<std::size_t>(digits), '0');
  for (auto at = code.rbegin(); at != code.rend(); ++at) {
    *at = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return code;
}

std::optional<std::int64_t> find_step(const SharedSecret& secret, std::string_view code,
                                      Instant now) {
  if (code.size() != code_digits || !std::ranges::all_of(code, ascii::is_digit))
    return std::nullopt;
  std::optional<std::int64_t> found;
  const std::int64_t current = step_at(now);
  for (std::int64_t step = current + window_steps; step >= current - window_steps; --step) {
    if (step > 0 && crypto::constant_time_equal(code_of(secret, step), code)) found = step;
  }
  return found;
}

SharedSecret enrolment_uri(const SharedSecret& secret, const Account& account) {
  const std::string issuer = percent_encoded(account.issuer);
  // The defaults (SHA1, 6, 30) are not written: some apps take only addresses without them.
  return SharedSecret("otpauth://totp/" + issuer + ":" + percent_encoded(account.login) +
                      "?secret=" + base32_encode(secret.reveal()) + "&issuer=" + issuer);
}

}  // namespace cardea::totp
