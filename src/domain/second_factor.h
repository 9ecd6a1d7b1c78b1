// The second factor of an account: an authenticator app (TOTP, RFC 6238) and the recovery codes
// that stand in for it. An account has one factor or none.
//
//   none --a code of the new app is shown--> active --removed, reset--> none
//
// There is no state between them: a secret that nobody has proven yet is sealed into the page that
// shows it and never stored.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "domain/identifiers.h"

namespace cardea {

struct SecondFactor {
  UserId user_id;
  std::string sealed_secret;  // with the user's id inside, so that rows cannot be swapped
  // The newest step whose code was used; only later ones are accepted (RFC 6238 5.2).
  std::int64_t last_used_step = 0;
  std::string recovery_key_id;  // under which the digests of the recovery codes were made
  Instant added_at{};
};

// What the account page and the steps of a sign-in look at.
struct KeptSecondFactor : SecondFactor {
  std::int64_t recovery_codes_left = 0;
};

// What proved the factor. It is used up in the same write as what it allows, so that nothing is
// allowed twice by one code.
struct FactorUse {
  UserId user_id;
  std::int64_t step = 0;  // of the app's code; 0: a recovery code was shown
  RecoveryDigest recovery_code;
};

// The password was proven in an interaction, and the second factor is awaited. It counts for the
// user's security version of then, and not for long.
struct FirstFactor {
  UserId user_id;
  std::int64_t security_version = 0;
  Instant proven_at{};
};

// How long a proven password waits for the second factor.
inline constexpr Seconds first_factor_lifetime = minutes(10);
// Wrong codes in one interaction before it begins again with the password (security corpus H06).
inline constexpr std::int64_t factor_failures_max = 5;
// A factor may be added by a session whose sign-in is at most this old (ASVS 7.5.1).
inline constexpr Seconds fresh_sign_in = minutes(10);

inline constexpr int recovery_codes_count = 10;

}  // namespace cardea
