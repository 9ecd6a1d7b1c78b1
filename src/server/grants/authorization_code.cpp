// Redeeming an authorization code (RFC 6749 4.1.3, RFC 7636 4.6, OIDC Core 3.1.3). Decision Q7:
// every check comes first and spends nothing; the one write is the gate and decides replay.
#include <utility>

#include "crypto/hash.h"
#include "protocol/pkce.h"
#include "server/grants/grant.h"
#include "server/tokens/authorization_code.h"
#include "server/tokens/mint_tokens.h"
#include "server/tokens/refresh_token.h"

namespace cardea::grants {
namespace {

// RFC 6749 4.1.3: "identical" to the one of the authorization request, when that had one.
std::optional<JsonRefusal> check_redirect_uri(const AuthorizationCode& code,
                                              std::string_view redirect_uri) {
  if (redirect_uri.empty() && !code.redirect_uri_was_sent) return std::nullopt;
  const auto& expected =
      code.redirect_uri_was_sent ? code.presented_redirect_uri : code.registered_redirect_uri;
  if (!redirect_uri.empty() &&
      crypto::constant_time_equal(crypto::sha256(redirect_uri), expected.value())) {
    return std::nullopt;
  }
  return invalid_grant("CARDEA-CODE-004", rfc6749("4.1.3"),
                       redirect_uri.empty()
                           ? "redirect_uri is missing"
                           : "redirect_uri is not the one of the authorization request",
                       "Send the redirect_uri of the authorization request, byte for byte.");
}

// RFC 7636 4.6; RFC 9700 4.8.2: neither half may be left out.
std::optional<JsonRefusal> check_verifier(const AuthorizationCode& code,
                                          std::string_view verifier) {
  if (code.code_challenge.empty()) {
    if (verifier.empty()) return std::nullopt;
    return invalid_grant("CARDEA-CODE-006", rfc9700("4.8.2"),
                         "a code_verifier, but the authorization request had no code_challenge");
  }
  if (verifier.empty()) {
    return invalid_grant("CARDEA-CODE-005", rfc7636("4.5"), "code_verifier is missing",
                         "Send the code_verifier whose challenge started this authorization.");
  }
  if (pkce::holds({.challenge = code.code_challenge, .verifier = verifier})) return std::nullopt;
  return invalid_grant("CARDEA-CODE-007", rfc7636("4.6"),
                       "code_verifier does not give the code_challenge",
                       "Keep the verifier of each authorization request apart from the others.");
}

// RFC 9449 10: the key that was named when the code was asked for.
std::optional<JsonRefusal> check_key(const AuthorizationCode& code, const Confirmation& proven) {
  if (code.dpop_jkt.empty()) return std::nullopt;
  if (proven == Confirmation{Confirmation::Method::jkt, code.dpop_jkt}) return std::nullopt;
  return invalid_grant("CARDEA-CODE-011", rfc9449("10"),
                       proven.binds() ? "the proof is of another key than dpop_jkt"
                                      : "the code is bound to a key and there is no proof",
                       "Prove the key whose thumbprint was sent as dpop_jkt.");
}

// What may be said about a code without the store. Nothing is spent by a refusal.
std::optional<JsonRefusal> check_code(const AuthorizationCode& code, const Client& client,
                                      const RawParameters& parameters, const Confirmation& proven,
                                      Instant now) {
  if (code.client_id != client.client_id) {
    return invalid_grant("CARDEA-CODE-003", rfc6749("4.1.3"),
                         "the code was issued to client " + code.client_id.value());
  }
  if (now >= code.expires_at) {
    return invalid_grant("CARDEA-CODE-002", rfc6749("4.1.2"), "the code has expired",
                         "Redeem the code at once; it lives a minute.");
  }
  if (auto refusal = check_redirect_uri(code, parameters.get("redirect_uri"))) return refusal;
  if (auto refusal = check_verifier(code, parameters.get("code_verifier"))) return refusal;
  if (auto refusal = check_key(code, proven)) return refusal;
  return check_resource(code.resource, parameters.all("resource"));
}

// Takes what the grant keeps out of the code.
Grant grant_of(AuthorizationCode& code, Confirmation binding, Instant now) {
  return {.grant_id = code.code_id,
          .user_id = std::move(code.user_id),
          .security_version = code.security_version,
          .client_id = std::move(code.client_id),
          .session_id = std::move(code.session_id),
          .consent_id = std::move(code.consent_id),
          .session_binding = code.session_binding,
          .scopes = std::move(code.scopes),
          .resource = std::move(code.resource),
          .authentication = std::move(code.authentication),
          .claims_request = std::move(code.claims_request),
          .refresh_binding = std::move(binding),
          .created_at = now,
          .code_expires_at = code.expires_at};
}

struct FirstRefresh {
  RefreshToken token;
  RefreshRow row;
};

FirstRefresh first_refresh(const Deps& deps, const GrantId& grant_id, Instant now) {
  const auto& lifetimes = deps.settings.lifetimes;
  auto token = mint_refresh_token(deps.seals, grant_id, 1, deps.random);
  RefreshRow row{.grant_id = grant_id,
                 .generation = 1,
                 .current = digest_of(token),
                 .spent_at = std::nullopt,
                 .idle_end = now + std::min(lifetimes.refresh_idle, lifetimes.refresh_absolute),
                 .absolute_end = now + lifetimes.refresh_absolute};
  return {std::move(token), std::move(row)};
}

std::string_view name_of(store::RedeemCode::Outcome outcome) {
  using enum store::RedeemCode::Outcome;
  switch (outcome) {
    case redeemed:
      return "redeemed";
    case replayed:
      return "replayed";
    case user_changed:
      return "the person is gone, disabled or changed";
    case client_disabled:
      return "the client is gone or disabled";
    case redirect_uri_removed:
      return "the redirect URI is no longer registered";
    case session_ended:
      return "the browser session has ended";
    case consent_withdrawn:
      return "consent was withdrawn";
    case swept:
      return "the code is older than the sweep boundary";
    case other_epoch:
      return "the store has another epoch";
  }
  return "";
}

// What the one guarded write said, when it did not redeem.
JsonRefusal not_redeemed(const Deps& deps, const Exchange& exchange, const Grant& grant,
                         store::RedeemCode::Outcome outcome) {
  if (outcome == store::RedeemCode::Outcome::replayed) {
    deps.log.warning("code.replayed", {{"request_id", exchange.request_id},
                                       {"client_id", grant.client_id.value()},
                                       {"grant_id", grant.grant_id.value()}});
    return invalid_grant("CARDEA-CODE-008", rfc6749("4.1.2"),
                         "the code was used before; what its first use gave is revoked",
                         "Redeem a code once. A second tab or a retry must start over.");
  }
  return invalid_grant("CARDEA-CODE-009", rfc6749("5.2"), std::string(name_of(outcome)),
                       "Start a new authorization request.");
}

}  // namespace

Task<Exchanged> authorization_code(const Deps& deps, Exchange& exchange,
                                   const RawParameters& parameters,
                                   const AuthenticatedClient& caller) {
  const auto& client = caller.client();
  const auto now = exchange.now;
  const auto text = parameters.find("code");
  if (!text) {
    co_return refuse(
        missing_parameter("CARDEA-CODE-000", rfc6749("4.1.3"), "The code parameter is missing."));
  }
  auto opened = co_await open_code(deps, *text);
  if (!opened) co_return refuse(unavailable(deps, exchange, opened.error()));
  if (!*opened) {
    co_return refuse(invalid_grant("CARDEA-CODE-001", rfc6749("5.2"),
                                   "not a code of this server, or made before a restore"));
  }
  auto& code = **opened;
  if (auto refusal = check_code(code, client, parameters, exchange.confirmation, now)) {
    co_return refuse(*std::move(refusal));
  }
  exchange.pass("CARDEA-CODE-004", rfc6749("4.1.3"),
                "the code is this client's, in time, and "
                "redirect_uri and code_verifier fit");
  // Decision Q19: the entitlement is judged at issue too.
  const auto user = co_await deps.store.find_user(code.user_id);
  if (!user) co_return refuse(unavailable(deps, exchange, user.error()));
  if (!*user || !is_entitled(client, **user)) {
    co_return refuse(
        invalid_grant("CARDEA-CODE-010", cardea_policy("Q19"),
                      *user ? "the person is not in an allowed group" : "the person is gone"));
  }
  auto minting = co_await prepare_minting(
      deps, {.client = client, .resource = code.resource, .scopes = code.scopes}, now);
  if (!minting) co_return refuse(cannot_mint(std::move(minting).error()));

  const Grant grant = grant_of(code, refresh_binding(client, exchange), now);
  store::RedeemCode redeem{.grant = grant,
                           .refresh = std::nullopt,
                           .registered_redirect_uri = std::move(code.registered_redirect_uri),
                           .epoch = deps.seals.epoch(),
                           .now = now};
  std::optional<RefreshToken> refresh_token;
  if (client.allows(GrantType::refresh_token)) {
    auto first = first_refresh(deps, grant.grant_id, now);
    refresh_token = std::move(first.token);
    redeem.refresh = std::move(first.row);
  }
  const auto outcome = co_await deps.store.perform(std::move(redeem));
  if (!outcome) co_return refuse(unavailable(deps, exchange, outcome.error()));
  if (*outcome != store::RedeemCode::Outcome::redeemed) {
    co_return refuse(not_redeemed(deps, exchange, grant, *outcome));
  }
  exchange.pass("CARDEA-CODE-008", rfc6749("4.1.2"), "first use of this code");
  auto response = mint_tokens(deps,
                              {.minting = *minting,
                               .grant = grant,
                               .client = client,
                               .user = &**user,
                               .scopes = grant.scopes,
                               .nonce = code.nonce,
                               .confirmation = exchange.confirmation},
                              now);
  response.refresh_token = std::move(refresh_token);
  co_return response;
}

}  // namespace cardea::grants
