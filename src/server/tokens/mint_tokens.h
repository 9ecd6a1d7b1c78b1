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
#include "server/tokens/choose_resources.h"
#include "server/tokens/recipient.h"
#include "task/task.h"

namespace cardea {

// That everything is there which tokens of a person's grant need: keys that sign, and the client's
// own where an ID token is encrypted. Asked for before anything is spent.
class Minting {
 public:
  const std::optional<Recipient>& id_token_recipient() const { return recipient_; }

 private:
  friend class MintingCheck;
  explicit Minting(std::optional<Recipient> recipient) : recipient_(std::move(recipient)) {}
  std::optional<Recipient> recipient_;
};
struct MintingNeeds {
  const Client& client;
  const TokenTarget& target;  // with `openid` among its scopes an ID token is due
};
// Refuses: server_error (no key for a configured algorithm); invalid_request (find_recipient).
Task<Result<Minting, OAuthError>> prepare_minting(const Deps& deps, MintingNeeds needs,
                                                  Instant now);

struct MintWish {
  const Minting& minting;
  const Grant& grant;  // recorded before: nothing is minted without it (style rule 21)
  const Client& client;
  const User* user;                          // whom an ID token describes; null: no ID token
  const TokenTarget& target;                 // of this token; within the grant's
  const std::string& authorization_details;  // of this token; within the grant's
  std::string_view nonce;                    // "" at refresh
  const Confirmation& confirmation;          // what the request proved: exchange.confirmation
};
// Access token and, with a user and `openid` in scopes, ID token; no refresh token.
TokenResponse mint_tokens(const Deps& deps, const MintWish& wish, Instant now);

// No key for a configured algorithm: server_error. A restart makes keys for every algorithm in use.
OAuthError cannot_sign();
// Whether keys exist for what would be signed: for tokens without a person.
bool can_sign(const Deps& deps, const Client& client, const std::vector<ResourceId>& resources);

}  // namespace cardea
