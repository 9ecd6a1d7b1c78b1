// Proof Key for Code Exchange (RFC 7636) with S256 alone (decision Q1): making and checking the
// pair of values. `plain` has no spelling here.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace cardea::pkce {

using Verifier = Secret<struct PkceVerifierTag>;

inline constexpr std::string_view method = "S256";

// 32 random bytes as 43 characters (RFC 7636 4.1).
Verifier make_verifier(Random& random);
// base64url(SHA-256(verifier)), 43 characters (RFC 7636 4.2).
std::string challenge_of(const Verifier& verifier);

// Whether the text may be a verifier: 43 to 128 unreserved characters (RFC 7636 4.1).
bool is_verifier(std::string_view text);
// Whether the text may be an S256 challenge: 32 bytes in base64url, so exactly 43 characters and
// one spelling (RFC 7636 4.2).
bool is_challenge(std::string_view text);

struct Proof {
  std::string_view challenge;  // kept from the authorization request
  std::string_view verifier;   // as received at the token endpoint
};
// RFC 7636 4.6, in constant time. False when either is not well formed.
bool holds(const Proof& proof);

}  // namespace cardea::pkce
