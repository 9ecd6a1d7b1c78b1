// Redeeming an authorization code (RFC 6749 4.1.3, RFC 7636 4.6, OIDC Core 3.1.3). Decision Q7:
// every check comes first and spends nothing; the one write is the gate and decides replay.
#include <utility>

#include "crypto/hash.h"
#include "protocol/pkce.h"
#include "server/grants/begin_grant.h"
#include "server/tokens/authorization_code.h"

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
  return check_key(code, proven);
}

// Takes what the grant keeps out of the code.
Approved approved_by(AuthorizationCode&& code) {
  return {.grant = {.grant_id = std::move(code.code_id),
                    .user_id = std::move(code.user_id),
                    .security_version = code.security_version,
                    .client_id = std::move(code.client_id),
                    .session_id = std::move(code.session_id),
                    .consent_id = std::move(code.consent_id),
                    .session_binding = code.session_binding,
                    .scopes = std::move(code.scopes),
                    .resources = std::move(code.resources),
                    .authentication = std::move(code.authentication),
                    .claims_request = std::move(code.claims_request),
                    .authorization_details = std::move(code.authorization_details),
                    .code_expires_at = code.expires_at},
          .registered_redirect_uri = std::move(code.registered_redirect_uri),
          .nonce = std::move(code.nonce)};
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
  co_return co_await begin_grant(deps, exchange, approved_by(std::move(code)), client, parameters);
}

}  // namespace cardea::grants
