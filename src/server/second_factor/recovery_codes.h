// Recovery codes: ten one-time codes that stand in for the authenticator app (asvs-6.5.2 to 6.5.4).
// Shown once; kept as digests under a key of their own, for 60 bits alone could be searched.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/second_factor.h"
#include "server/seals/seals.h"

namespace cardea {

using RecoveryCode = Secret<struct RecoveryCodeTextTag>;  // "k7qm-x2vp-9dtr"

struct NewRecoveryCodes {
  std::vector<RecoveryCode> codes;
  std::string key_id;
  std::vector<RecoveryDigest> digests;
};
NewRecoveryCodes make_recovery_codes(const Seals& seals, const UserId& user_id, Random& random);

// The digest of a code as typed: case, spaces and hyphens do not matter, nor that o is taken for 0
// and i or l for 1. Nothing when no code looks like it.
std::optional<RecoveryDigest> digest_of_recovery_code(const Seals& seals,
                                                      const SecondFactor& factor,
                                                      std::string_view typed);

}  // namespace cardea
