// Tokens for the client itself (RFC 6749 4.4): no person, no refresh token, no ID token, no write.
#include <utility>

#include "protocol/scope.h"
#include "server/grants/grant.h"
#include "server/tokens/access_token.h"
#include "server/tokens/choose_resources.h"
#include "server/tokens/mint_tokens.h"

namespace cardea::grants {
namespace {

// Whether a scope speaks about a person; a client alone has none (decision Q5: never openid).
bool is_about_a_person(const std::string& scope) {
  static const auto standard = standard_scopes();
  return standard.contains(scope);
}

// RFC 6749 3.3, 4.4.2: what was asked, or what the client is registered for.
Result<std::vector<std::string>, JsonRefusal> chosen_scopes(const Client& client,
                                                            const RawParameters& parameters) {
  std::vector<std::string> own = client.scope;
  std::erase_if(own, is_about_a_person);
  const auto text = parameters.find("scope");
  if (!text) return own;
  const auto requested = parse_scope(*text);
  if (requested && is_within(*requested, own)) return *requested;
  return refuse(JsonRefusal{
      .error = {.code = ErrorCode::invalid_scope,
                .rule = "CARDEA-CC-002",
                .spec = rfc6749("4.4.2"),
                .description = "The scope is not one this client may have without a person.",
                .reason = "registered: " + write_scope(own) +
                          (requested ? "; requested: " + write_scope(*requested)
                                     : "; requested: " + std::string(name_of(requested.error())))},
      .fix = "Register the scope with the client; openid and profile scopes need a person.",
      .headers = {}});
}

}  // namespace

Task<Exchanged> client_credentials(const Deps& deps, Exchange& exchange,
                                   const RawParameters& parameters,
                                   const AuthenticatedClient& caller) {
  const auto& client = caller.client();
  // RFC 6749 4.4: MUST only be used by confidential clients.
  if (caller.method() == ClientAuthMethod::none) {
    co_return refuse(
        JsonRefusal{.error = {.code = ErrorCode::unauthorized_client,
                              .rule = "CARDEA-CC-001",
                              .spec = rfc6749("4.4"),
                              .description = "A public client cannot use client_credentials.",
                              .reason = "client " + client.client_id.value() + " is public"},
                    .fix = {},
                    .headers = {}});
  }
  auto scopes = chosen_scopes(client, parameters);
  if (!scopes) co_return refuse(std::move(scopes).error());
  const auto requested = parameters.all("resource");
  auto resources =
      choose_token_resources(deps.settings, client, {.requested = requested, .scopes = *scopes});
  if (!resources) {
    co_return refuse(JsonRefusal{.error = std::move(resources).error(), .fix = {}, .headers = {}});
  }
  // RFC 9396 6: nothing was granted that a token could name.
  const auto details = chosen_details(client, "", parameters);
  if (!details) co_return refuse(details.error());
  if (!can_sign(deps, client, *resources)) co_return refuse(cannot_mint(cannot_sign()));
  exchange.pass("CARDEA-CC-002", rfc6749("4.4.2"), "scope: ", write_scope(*scopes));

  const auto lifetime = deps.settings.lifetimes.access_token;
  auto access_token = mint_access_token(
      deps, {.token_id = new_token_id(GrantId(), deps.random),
             .client_id = client.client_id,
             .subject = client.client_id.value(),
             .resources = *std::move(resources),
             .scopes = *scopes,
             .issued_at = exchange.now,
             .expires_at = Instant::from_seconds(exchange.now.unix_seconds()) + lifetime,
             .authentication = std::nullopt,
             .confirmation = exchange.confirmation});
  ensure(access_token.has_value());
  TokenResponse response{.access_token = *std::move(access_token),
                         .token_type = token_type_of(exchange.confirmation),
                         .expires_in = lifetime,
                         .refresh_token = std::nullopt,
                         .scope = std::nullopt,
                         .id_token = std::nullopt};
  if (!scopes->empty()) response.scope = *std::move(scopes);
  co_return response;
}

}  // namespace cardea::grants
