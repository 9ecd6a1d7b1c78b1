// Tokens of a person's grant; see mint_tokens.h.
#include "server/tokens/mint_tokens.h"

#include <utility>

#include "protocol/scope.h"
#include "server/tokens/access_token.h"
#include "server/tokens/id_token.h"
#include "server/tokens/subject.h"

namespace cardea {

class MintingCheck {
 public:
  static Task<Result<Minting, OAuthError>> run(const Deps& deps, MintingNeeds needs, Instant now) {
    if (!can_sign(deps, needs.client, needs.target.resources)) co_return refuse(cannot_sign());
    std::optional<Recipient> recipient;
    if (has_scope(needs.target.scopes, "openid") &&
        is_encrypted(needs.client, ClientAnswer::id_token)) {
      auto found = co_await find_recipient(deps, needs.client, ClientAnswer::id_token, now);
      if (!found) co_return refuse(std::move(found).error());
      recipient = *std::move(found);
    }
    co_return Minting(std::move(recipient));
  }
};

Task<Result<Minting, OAuthError>> prepare_minting(const Deps& deps, MintingNeeds needs,
                                                  Instant now) {
  return MintingCheck::run(deps, needs, now);
}

OAuthError cannot_sign() {
  return {.code = ErrorCode::server_error,
          .rule = "CARDEA-TOKEN-009",
          .spec = cardea_policy("Q3"),
          .description = "The server has no key for a configured algorithm.",
          .reason = "no active signing key for the client's or the resource's algorithm"};
}

TokenResponse mint_tokens(const Deps& deps, const MintWish& wish, Instant now) {
  const auto lifetime = deps.settings.lifetimes.access_token;
  const AccessTokenFacts facts{.token_id = new_token_id(wish.grant.grant_id, deps.random),
                               .client_id = wish.client.client_id,
                               .subject = subject_of(deps.seals, wish.client, wish.grant.user_id),
                               .resources = wish.target.resources,
                               .scopes = wish.target.scopes,
                               .authorization_details = wish.authorization_details,
                               .issued_at = now,
                               // Whole seconds, as expires_in and `exp` state it (6749-30).
                               .expires_at = Instant::from_seconds(now.unix_seconds()) + lifetime,
                               .authentication = wish.grant.authentication,
                               .confirmation = wish.confirmation};
  auto access_token = mint_access_token(deps, facts);
  ensure(access_token.has_value());
  TokenResponse response{.access_token = *std::move(access_token),
                         .token_type = token_type_of(wish.confirmation),
                         .expires_in = lifetime,
                         .refresh_token = std::nullopt,
                         .scope = std::nullopt,
                         .id_token = std::nullopt};
  if (!wish.target.scopes.empty()) response.scope = wish.target.scopes;
  response.authorization_details = wish.authorization_details;
  if (wish.user != nullptr && has_scope(wish.target.scopes, "openid")) {
    response.id_token = IdTokenText(mint_id_token(deps,
                                                  {.client = wish.client,
                                                   .user = *wish.user,
                                                   .authentication = wish.grant.authentication,
                                                   .session_id = wish.grant.session_id,
                                                   .scopes = wish.target.scopes,
                                                   .nonce = wish.nonce,
                                                   .claims_request = wish.grant.claims_request,
                                                   .access_token = response.access_token.reveal(),
                                                   .code = "",
                                                   .recipient = wish.minting.id_token_recipient()},
                                                  now));
  }
  return response;
}

bool can_sign(const Deps& deps, const Client& client, const std::vector<ResourceId>& resources) {
  if (deps.keys.signing_key(client.id_token_signed_response_alg) == nullptr) return false;
  const auto form = shared_form(deps.settings, resources);
  if (!form) return false;
  return !form->signed_with || deps.keys.signing_key(*form->signed_with) != nullptr;
}

}  // namespace cardea
