// DPoP proofs (RFC 9449): a JWT signed by the key it carries, for one request. What it must say is
// here; that it is not used twice, and the nonce, are the server's to remember.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "jose/jwk.h"
#include "protocol/spec.h"
#include "protocol/vocabulary.h"

namespace cardea {

// Offered as dpop_signing_alg_values_supported; RS256 is not among them. Under a profile, what
// accepted_algorithms() leaves of them.
std::vector<jose::SignatureAlgorithm> dpop_algorithms(std::optional<Profile> profile = {});

std::string dpop_algorithm_names();  // the same, separated by spaces (RFC 9449 7.1)

struct DpopExpectations {
  std::string_view method;      // of the request: "POST"
  std::string_view url;         // of the request, as its server is known to clients; no query
  std::string_view alias = {};  // another name of that very address (RFC 8705 5); "" for none
  // The access token that comes with it, which `ath` must name; nothing at the token endpoint.
  std::optional<std::string_view> access_token;
  std::optional<Profile> profile = {};  // of the client, where it is known
  // Clients' clocks go wrong, and a proof is remembered for as long as it may be used.
  Seconds age_max{60};
  Seconds ahead_max{10};
};

struct DpopProof {
  std::string thumbprint;  // RFC 7638, SHA-256, base64url: the `jkt`
  std::string token_id;    // `jti`
  std::string nonce;       // "" when absent
  Instant usable_until{};
};

struct DpopRefusal {
  SpecRef spec;
  std::string reason;  // private; never the proof
};

// RFC 9449 4.3, steps 2 to 9, 11 and 12, in that order. Pure.
Result<DpopProof, DpopRefusal> check_dpop_proof(std::string_view proof,
                                                const DpopExpectations& expected, Instant now);

// The `ath` of an access token (RFC 9449 4.2).
std::string access_token_hash(std::string_view access_token);

// Whether the text may be a `dpop_jkt` (RFC 9449 10): 43 characters of base64url.
bool is_thumbprint(std::string_view text);

}  // namespace cardea
