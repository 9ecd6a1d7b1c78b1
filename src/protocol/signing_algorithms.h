// With which algorithms others may sign what they send us: client assertions, assertions of trusted
// issuers, request objects, backchannel authentication requests and DPoP proofs. RFC 8725 3.1; FAPI
// 2.0 Security Profile 5.4.1.
#pragma once

#include <optional>
#include <vector>

#include "jose/jwk.h"
#include "protocol/vocabulary.h"

namespace cardea {

// Every one that is taken; of a client under a profile, what that leaves of it: PS256, ES256, EdDSA
// with Ed25519.
const std::vector<jose::SignatureAlgorithm>& accepted_algorithms(std::optional<Profile> profile);

// The registered one alone, where there is one and the profile admits it; none where it does not.
std::vector<jose::SignatureAlgorithm> accepted_algorithms(
    std::optional<Profile> profile, std::optional<jose::SignatureAlgorithm> registered);

}  // namespace cardea
