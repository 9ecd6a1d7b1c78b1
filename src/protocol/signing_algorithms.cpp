// The lists; see signing_algorithms.h.
#include "protocol/signing_algorithms.h"

#include <algorithm>

namespace cardea {

const std::vector<jose::SignatureAlgorithm>& accepted_algorithms(std::optional<Profile> profile) {
  using enum jose::SignatureAlgorithm;
  static const std::vector every{RS256, PS256, ES256, ES384, EdDSA};
  static const std::vector of_fapi2{PS256, ES256, EdDSA};
  return profile ? of_fapi2 : every;
}

std::vector<jose::SignatureAlgorithm> accepted_algorithms(
    std::optional<Profile> profile, std::optional<jose::SignatureAlgorithm> registered) {
  auto accepted = accepted_algorithms(profile);
  if (registered) std::erase_if(accepted, [&](auto each) { return each != *registered; });
  return accepted;
}

}  // namespace cardea
