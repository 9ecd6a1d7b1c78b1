// The tokens that a grant of a person gives: the same at the first exchange and at every refresh
// (OIDC Core 12.2, RFC 9068 2.2.1).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/client.h"
#include "domain/grant.h"
#include "domain/user.h"
#include "protocol/token_response.h"
#include "server/deps.h"

namespace cardea {

struct MintWish {
  const Grant& grant;  // recorded before: nothing is minted without it (style rule 21)
  const Client& client;
  const User* user;                        // whom an ID token describes; null: no ID token
  const std::vector<std::string>& scopes;  // of this token; within the grant's
  std::string_view nonce;                  // "" at refresh
};
// Access token and, with a user and `openid` in scopes, ID token; no refresh token. Call can_sign
// first.
TokenResponse mint_tokens(const Deps& deps, const MintWish& wish, Instant now);

// Whether keys exist for what would be signed; asked before anything is spent.
bool can_sign(const Deps& deps, const Client& client, const std::optional<ResourceId>& resource);

}  // namespace cardea
