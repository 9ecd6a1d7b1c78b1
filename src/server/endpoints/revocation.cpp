// Token revocation (RFC 7009). An access token gets a mark until it expires, a refresh token ends
// its grant (decision Q6). A store that fails is never answered as success (security corpus B10).
#include <utility>

#include "server/client_auth/authenticate.h"
#include "server/endpoints/endpoints.h"
#include "server/form_body.h"
#include "server/grants/grant.h"
#include "server/json_answer.h"
#include "server/tokens/access_token.h"
#include "server/tokens/refresh_token.h"

namespace cardea::endpoints {
namespace {

// RFC 7009 2.2: also for a token that is unknown, expired or dead: there is nothing left to revoke.
http::Response revoked(Exchange& exchange, std::string_view text) {
  exchange.pass("CARDEA-REVOKE-002", rfc7009("2.2"), text);
  return json_answer(200, json::Object{});
}

// RFC 7009 2.1: refused, and the client is told (RFC 6749 5.2: issued to another client).
http::Response not_yours(Exchange& exchange, const ClientId& owner) {
  return json_refusal(exchange, grants::invalid_grant("CARDEA-REVOKE-001", rfc7009("2.1"),
                                                      "the token was issued to " + owner.value(),
                                                      "A client can revoke its own tokens only."));
}

Task<http::Response> revoke_refresh(const Deps& deps, Exchange& exchange,
                                    const ReadRefreshToken& read, const ClientId& caller) {
  const auto found = co_await deps.store.find_refresh(read.presented.grant_id);
  if (!found) co_return store_unavailable(deps, exchange, found.error());
  if (!*found) co_return revoked(exchange, "no such refresh token is kept");
  const auto& grant = (*found)->grant.grant;
  if (grant.client_id != caller) co_return not_yours(exchange, grant.client_id);
  const auto outcome = co_await deps.store.perform(
      store::RevokeGrant{.grant_id = grant.grant_id, .reason = "revoked"});
  if (!outcome) co_return store_unavailable(deps, exchange, outcome.error());
  co_return revoked(exchange, "the grant and all it issued has ended");
}

Task<http::Response> revoke_access(const Deps& deps, Exchange& exchange,
                                   const AccessTokenFacts& facts, const ClientId& caller) {
  if (facts.client_id != caller) co_return not_yours(exchange, facts.client_id);
  if (exchange.now >= facts.expires_at) co_return revoked(exchange, "expired already");
  const auto outcome = co_await deps.store.perform(
      store::MarkToken{.token_id = facts.token_id, .expires_at = facts.expires_at});
  if (!outcome) co_return store_unavailable(deps, exchange, outcome.error());
  co_return revoked(exchange, "the access token carries a mark until it expires");
}

}  // namespace

Task<http::Response> revocation(const Deps& deps, Exchange& exchange) {
  const auto parameters = read_form(exchange);
  if (!parameters) co_return json_refusal(exchange, {parameters.error(), {}, 0, {}});
  auto caller = co_await authenticate_client(deps, exchange, *parameters);
  if (!caller) co_return json_refusal(exchange, std::move(caller).error());
  const auto token = parameters->find("token");
  if (!token) {
    co_return json_refusal(exchange, grants::missing_parameter("CARDEA-REVOKE-000", rfc7009("2.1"),
                                                               "The token parameter is missing."));
  }
  // token_type_hint is not needed: the forms tell themselves apart (RFC 7009 2.1).
  if (const auto read = read_refresh_token(deps.seals, *token)) {
    co_return co_await revoke_refresh(deps, exchange, *read, caller->client_id());
  }
  if (const auto facts = read_access_token(deps, *token)) {
    co_return co_await revoke_access(deps, exchange, *facts, caller->client_id());
  }
  co_return revoked(exchange, "not a token of this issuer");
}

}  // namespace cardea::endpoints
