// Issuing codes and ID tokens at the authorization endpoint; see issue.h.
#include "server/authorize/issue.h"

#include <utility>

#include "crypto/hash.h"
#include "domain/client_profile.h"
#include "protocol/authorization_response.h"
#include "protocol/scope.h"
#include "server/authorize/replies.h"
#include "server/tokens/authorization_code.h"
#include "server/tokens/id_token.h"

namespace cardea {
namespace {

// What is said of the sign-in; the step chose the acr (OIDC Core 5.5.1.1).
Authentication authentication_of(const Visit& visit) {
  Authentication how = visit.session().session.authentication;
  how.acr = visit.step.acr;
  return how;
}

AuthorizationCode freeze(const Deps& deps, const Exchange& exchange, const Visit& visit) {
  const Admitted& admitted = visit.admitted;
  const Session& session = visit.session().session;
  const ReplyTarget& target = *admitted.target();
  const bool outlives = has_scope(visit.step.scopes, "offline_access");
  const RedirectUriDigest registered(crypto::sha256(target.registered_redirect_uri()));
  const bool is_same = target.redirect_uri() == target.registered_redirect_uri();
  return {.code_id = GrantId(new_dated_identifier(deps.random, exchange.now)),
          .client_id = admitted.client->client_id,
          .user_id = session.user_id,
          .security_version = session.security_version,
          .session_id = session.session_id,
          .consent_id = visit.step.consent_id,
          .session_binding =
              outlives ? SessionBinding::outlives_session : SessionBinding::ends_with_session,
          .presented_redirect_uri =
              is_same ? registered : RedirectUriDigest(crypto::sha256(target.redirect_uri())),
          .registered_redirect_uri = registered,
          .redirect_uri_was_sent = target.was_presented(),
          .code_challenge = admitted.request.code_challenge,
          .dpop_jkt = admitted.request.dpop_jkt,
          .scopes = visit.step.scopes,
          .resources = admitted.resources,
          .nonce = admitted.request.nonce,
          .claims_request = admitted.request.claims_text,
          .authorization_details = write_details(admitted.request.authorization_details),
          .authentication = authentication_of(visit),
          .expires_at = exchange.now + code_lifetime(*admitted.client,
                                                     deps.settings.lifetimes.authorization_code)};
}

std::string front_channel_id_token(const Deps& deps, const Exchange& exchange, const Visit& visit,
                                   std::string_view code,
                                   const std::optional<Recipient>& recipient) {
  const store::SessionView& who = visit.session();
  return mint_id_token(deps,
                       {.client = *visit.admitted.client,
                        .user = who.user,
                        .authentication = authentication_of(visit),
                        .session_id = who.session.session_id,
                        .scopes = visit.step.scopes,
                        .nonce = visit.admitted.request.nonce,
                        .claims_request = visit.admitted.request.claims_text,
                        .access_token = {},
                        .code = code,
                        .recipient = recipient},
                       exchange.now);
}

// OIDC Back-Channel Logout 2.3: a client that is given an ID token here takes part in the session
// without a redemption; where it wants to be told of its end, that is written first.
Task<std::optional<store::Failure>> note_part(const Deps& deps, const Visit& visit) {
  const auto channel = logout_channel(*visit.admitted.client);
  if (!channel) co_return std::nullopt;
  const auto noted = co_await deps.store.perform(
      store::NoteSessionClient{.session_id = visit.session().session.session_id,
                               .client_id = visit.admitted.client->client_id,
                               .told_by = *channel});
  if (!noted) co_return noted.error();
  if (*noted == store::NoteSessionClient::Outcome::noted) co_return std::nullopt;
  co_return store::Failure{store::Failure::Kind::unavailable, "the session ended meanwhile"};
}

}  // namespace

Task<store::Answer<http::Response>> issue(const Deps& deps, Exchange& exchange,
                                          const Visit& visit) {
  const AuthorizationRequest& request = visit.admitted.request;
  const ReplyTarget& target = *visit.admitted.target();
  Envelope envelope;
  if (is_jwt(target.mode())) {
    auto found = co_await find_envelope(deps, exchange, target);
    if (!found) co_return page_error(deps, exchange, found.error());
    envelope = *std::move(found);
  }
  std::optional<Recipient> recipient;
  if (request.asks_for_id_token()) {
    auto found =
        co_await find_recipient(deps, *visit.admitted.client, ClientAnswer::id_token, exchange.now);
    if (!found) {
      Objection objection{std::move(found).error(),
                          "Add a key of use \"enc\" for the client's algorithm to its key set."};
      co_return co_await reply_refusal(deps, exchange, target, std::move(objection));
    }
    recipient = *std::move(found);
  }
  CodeText code;
  if (request.asks_for_code()) {
    auto minted = co_await mint_code(deps, freeze(deps, exchange, visit), exchange.now);
    if (!minted) co_return refuse(minted.error());
    code = *std::move(minted);
  }
  std::string id_token;
  if (request.asks_for_id_token()) {
    if (auto failed = co_await note_part(deps, visit)) co_return refuse(*std::move(failed));
    id_token = front_channel_id_token(deps, exchange, visit, code.reveal(), recipient);
  }
  deps.log.info("authorization.issued", {{"request_id", exchange.request_id},
                                         {"client_id", exchange.client_id},
                                         {"user_id", visit.session().user.user_id.value()},
                                         {"scope", write_scope(visit.step.scopes)}});
  co_return reply(deps, exchange, target, envelope,
                  success_parameters({.code = code.reveal(), .id_token = id_token},
                                     {.state = target.state(), .issuer = deps.settings.issuer}));
}

}  // namespace cardea
