// Minting ID tokens (OIDC Core 2) and choosing claims (OIDC Core 5.4, 5.5; decision Q4).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "domain/client.h"
#include "domain/session.h"
#include "domain/user.h"
#include "server/deps.h"
#include "server/tokens/recipient.h"

namespace cardea {

// Where claims are delivered (OIDC Core 5.5).
enum class ClaimsTarget { id_token, userinfo };

// The user's claims that these scopes and this `claims` parameter release for the target. Never
// reserved names; never null members. claims_request: JSON text that was accepted, or "".
json::Object released_claims(const Settings& settings, const User& user,
                             const std::vector<std::string>& scopes,
                             std::string_view claims_request, ClaimsTarget target);

struct IdTokenFacts {
  const Client& client;
  const User& user;
  const Authentication& authentication;
  const SessionId& session_id;
  const std::vector<std::string>& scopes;
  std::string_view nonce;                     // "" for none
  std::string_view claims_request;            // "" for none
  std::string_view access_token;              // for at_hash; "" for none
  std::string_view code;                      // for c_hash; "" for none
  const std::optional<Recipient>& recipient;  // of find_recipient(): to whom it is encrypted
};
// Signed with the client's id_token_signed_response_alg, then encrypted where there is a recipient
// (OIDC Core 2); the caller made sure that a key exists (KeyRing).
std::string mint_id_token(const Deps& deps, const IdTokenFacts& facts, Instant now);

}  // namespace cardea
