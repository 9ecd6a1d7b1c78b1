// Software statements (RFC 7591 2.3): what a publisher says about a piece of software, signed, and
// presented by every copy of it that registers. Only publishers that the operator named count.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "jose/jwk.h"
#include "protocol/error.h"

namespace cardea {

// A publisher and the keys by which its statements are known.
struct StatementIssuer {
  std::string issuer;
  jose::JwkSet keys;
};

// The client metadata that a statement holds: its claims without those of the JWT itself. Refuses
// unapproved_software_statement (no issuer of the list) and invalid_software_statement (no JWT,
// another kind of JWT, bad signature, not of its time). Pure; now: the request's instant.
Result<json::Object, OAuthError> check_software_statement(
    std::string_view statement, const std::vector<StatementIssuer>& issuers, Instant now);

}  // namespace cardea
