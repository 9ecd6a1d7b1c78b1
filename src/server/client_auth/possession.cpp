// Proofs of possession; see possession.h.
#include "server/client_auth/possession.h"

#include <string>
#include <utility>

#include "domain/one_time.h"
#include "protocol/dpop.h"
#include "server/tokens/fact_bytes.h"

namespace cardea {
namespace {

// How long a nonce may be used, and when its holder is given the next one.
constexpr Seconds nonce_lifetime = minutes(5);
constexpr Seconds nonce_renewal = minutes(2);

JsonRefusal bad_proof(SpecRef spec, std::string reason) {
  return {.error = {.code = ErrorCode::invalid_dpop_proof,
                    .rule = "CARDEA-DPOP-001",
                    .spec = spec,
                    .description = "The DPoP proof is not valid for this request.",
                    .reason = std::move(reason)},
          .fix =
              "Make a fresh proof for each request: htm and htu of this very request, iat now, a "
              "new jti, ath of the access token that it comes with.",
          .headers = {}};
}

// Sealed, so that every node knows one that another gave; what is in it is when.
std::string mint_nonce(const Deps& deps, Instant now) {
  FactWriter facts;
  facts.instant(now);
  return deps.seals.seal(SealPurpose::dpop_nonce, facts.take(), deps.random);
}

std::optional<Instant> nonce_time(const Deps& deps, std::string_view nonce) {
  const auto opened = deps.seals.open(SealPurpose::dpop_nonce, nonce);
  if (!opened) return std::nullopt;
  FactReader facts(*opened);
  const auto at = facts.instant();
  if (!facts.complete()) return std::nullopt;
  return at;
}

// RFC 9449 8: refused with the nonce to use; near its end the next one goes along (8.2).
std::optional<JsonRefusal> check_nonce(const Deps& deps, Exchange& exchange,
                                       const std::string& nonce) {
  if (!deps.settings.require_dpop_nonce) return std::nullopt;
  const auto given_at = nonce_time(deps, nonce);
  const bool fresh = given_at && exchange.now < *given_at + nonce_lifetime;
  if (!fresh || exchange.now >= *given_at + nonce_renewal) {
    exchange.dpop_nonce = mint_nonce(deps, exchange.now);
  }
  if (fresh) return std::nullopt;
  return JsonRefusal{.error = {.code = ErrorCode::use_dpop_nonce,
                               .rule = "CARDEA-DPOP-002",
                               .spec = rfc9449("8"),
                               .description = "Use the nonce of the DPoP-Nonce header.",
                               .reason = nonce.empty() ? "the proof has no nonce"
                                                       : "the nonce is not ours or too old"},
                     .fix = "Make a new proof with the nonce of this answer.",
                     .headers = {}};
}

// RFC 8705 3: the server may refuse what it cannot bind, and a client that asked for bound tokens
// has no use for others.
std::optional<JsonRefusal> bind_to_certificate(Exchange& exchange) {
  const bool has_proof = exchange.confirmation.binds();
  const auto certificate = certificate_confirmation(exchange.request);
  if (has_proof || !certificate.binds()) {
    return JsonRefusal{
        .error = {.code = ErrorCode::invalid_request,
                  .rule = "CARDEA-MTLS-001",
                  .spec = rfc8705("3"),
                  .description = "The client's tokens are bound to its certificate: connect with "
                                 "it, and without a DPoP proof.",
                  .reason = has_proof ? "there is a DPoP proof too"
                                      : "the connection has no client certificate"},
        .fix = "Use the token endpoint of mtls_endpoint_aliases.",
        .headers = {}};
  }
  exchange.confirmation = certificate;
  exchange.pass("CARDEA-MTLS-001", rfc8705("3"), "bound to the certificate ",
                certificate.thumbprint);
  return std::nullopt;
}

}  // namespace

Task<std::optional<JsonRefusal>> prove_possession(const Deps& deps, Exchange& exchange,
                                                  const Client& client,
                                                  std::optional<std::string_view> access_token) {
  const auto headers = exchange.request.headers.all("DPoP");
  if (headers.empty()) co_return std::nullopt;
  // 1. RFC 9449 4.3: exactly one; a list of several is no JWT.
  if (headers.size() > 1) {
    co_return bad_proof(rfc9449("4.3"), "several DPoP headers");
  }
  const std::string method = exchange.request.method;
  const auto path = std::string(exchange.request.path());
  const std::string url = deps.settings.issuer_origin + path;
  const std::string alias =
      deps.settings.mtls_origin.empty() ? "" : deps.settings.mtls_origin + path;
  const auto proof = check_dpop_proof(headers.front(),
                                      {.method = method,
                                       .url = url,
                                       .alias = alias,
                                       .access_token = access_token,
                                       .profile = client.profile},
                                      exchange.now);
  if (!proof) co_return bad_proof(proof.error().spec, proof.error().reason);
  if (auto refused = check_nonce(deps, exchange, proof->nonce)) co_return refused;
  // The last check, because it writes.
  // RFC 9449 11.1: for its key and target.
  const auto once = co_await deps.store.perform(store::UseOnce{
      .digest = once_digest("dpop_proof", {proof->thumbprint, method, url, proof->token_id}),
      .expires_at = proof->usable_until,
      .now = exchange.now});
  if (!once) co_return unavailable(deps, exchange, once.error());
  if (*once == store::UseOnce::Outcome::replayed) {
    co_return bad_proof(rfc9449("11.1"), "the proof was used before");
  }
  exchange.confirmation = {Confirmation::Method::jkt, proof->thumbprint};
  exchange.pass("CARDEA-DPOP-001", rfc9449("4.3"), "a fresh proof of key ", proof->thumbprint);
  co_return std::nullopt;
}

Confirmation certificate_confirmation(const http::Request& request) {
  if (request.client_certificates.empty()) return {};
  return confirmation_of_certificate(request.client_certificates.front());
}

std::optional<JsonRefusal> settle_binding(const Client& client, Exchange& exchange) {
  if (client.tls_client_certificate_bound_access_tokens) return bind_to_certificate(exchange);
  if (!client.dpop_bound_access_tokens ||
      exchange.confirmation.method == Confirmation::Method::jkt) {
    return std::nullopt;
  }
  auto refused = bad_proof(rfc9449("5.2"), "dpop_bound_access_tokens is set and there is no proof");
  refused.error.rule = "CARDEA-DPOP-003";
  refused.error.description = "The client's tokens are bound to a key: a DPoP proof is needed.";
  return refused;
}

}  // namespace cardea
