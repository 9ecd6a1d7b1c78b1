// The UserInfo endpoint (OIDC Core 5.3): a protected resource of our own, so RFC 6750 rules how a
// token arrives and how it is refused, RFC 9449 7 when it is bound to a key, and RFC 8705 3 when it
// is bound to a certificate.
#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "http/form.h"
#include "jose/jws.h"
#include "protocol/dpop.h"
#include "protocol/scope.h"
#include "protocol/www_authenticate.h"
#include "server/client_auth/possession.h"
#include "server/endpoints/endpoints.h"
#include "server/form_body.h"
#include "server/interaction_id.h"
#include "server/json_answer.h"
#include "server/token_header.h"
#include "server/tokens/choose_resources.h"
#include "server/tokens/id_token.h"
#include "server/tokens/liveness.h"
#include "server/tokens/mint_tokens.h"
#include "server/tokens/recipient.h"
#include "server/tokens/subject.h"

namespace cardea::endpoints {
namespace {

bool tries_dpop(const http::Headers& headers) {
  return ascii::equal_ignoring_case(headers.first("Authorization").substr(0, 5), "DPoP ");
}

// Answers in the scheme that the request tried (RFC 9449 7.1).
http::Response challenge(const Deps& deps, Exchange& exchange, OAuthError error) {
  const bool is_dpop = tries_dpop(exchange.request.headers);
  const BearerChallenge challenge{.scheme = is_dpop ? "DPoP" : "Bearer",
                                  .algs = is_dpop ? dpop_algorithm_names() : "",
                                  .realm = deps.settings.issuer,
                                  .error = error.code,
                                  .description = std::string(error.description),
                                  .scope = error.code == ErrorCode::insufficient_scope
                                               ? std::vector<std::string>{"openid"}
                                               : std::vector<std::string>{}};
  // RFC 9449 7.1: at a resource a proof that is refused is 401, like a token.
  const bool is_proof =
      error.code == ErrorCode::invalid_dpop_proof || error.code == ErrorCode::use_dpop_nonce;
  return json_refusal(exchange, {.error = std::move(error),
                                 .fix = {},
                                 .status = is_proof ? 401 : 0,
                                 .headers = {{"WWW-Authenticate", write(challenge)}}});
}

// RFC 6750 3.1: no token, so no error code and nothing else to learn.
http::Response bare_challenge(const Deps& deps, Exchange& exchange) {
  auto response = json_answer(401, json::Object{});
  response.headers.add("WWW-Authenticate",
                       write(BearerChallenge{.realm = deps.settings.issuer, .error = {}}));
  response.headers.add("WWW-Authenticate", write(BearerChallenge{.scheme = "DPoP",
                                                                 .algs = dpop_algorithm_names(),
                                                                 .realm = deps.settings.issuer,
                                                                 .error = {}}));
  exchange.refuse_with({.code = ErrorCode::invalid_token,
                        .rule = "CARDEA-BEARER-001",
                        .spec = rfc6750("3.1"),
                        .description = "A bearer token is needed.",
                        .reason = "no access token in the header or a form body"},
                       "Send Authorization: Bearer with the access token; never in the URL.");
  return response;
}

// The public answer is the same for every token that does not count (6750-05).
OAuthError invalid_token(std::string reason) {
  return {.code = ErrorCode::invalid_token,
          .rule = "CARDEA-BEARER-003",
          .spec = rfc6750("3.1"),
          .description = "The access token is not valid here.",
          .reason = std::move(reason)};
}

using MaybePresented = Result<std::optional<PresentedToken>, OAuthError>;

// RFC 6750 2.2: only a POSTed form, and then the form is read by the rules of every form.
MaybePresented body_token(Exchange& exchange) {
  if (exchange.request.method != "POST" || !has_form_body(exchange.request)) {
    return std::optional<PresentedToken>();
  }
  const auto parameters = read_form(exchange);
  if (!parameters) return refuse(parameters.error());
  const auto token = parameters->find("access_token");
  return token ? std::optional(PresentedToken{std::string(*token)}) : std::nullopt;
}

bool is_in_query(const http::Request& request) {
  const auto pairs = http::parse_form(request.query().value_or(""));
  if (!pairs) return false;
  return std::ranges::any_of(*pairs, [](const auto& p) { return p.first == "access_token"; });
}

// RFC 6750 2: exactly one way in each request.
MaybePresented presented_token(Exchange& exchange) {
  auto in_header = read_token_header(exchange.request.headers);
  if (!in_header) return in_header;
  const bool in_query = is_in_query(exchange.request);
  // 6750-02: the query is no transport at all; alone it is as good as nothing.
  if (in_query && !*in_header) return std::optional<PresentedToken>();
  if (in_query) return refuse(malformed_token("a token in the header and in the query"));
  auto in_body = body_token(exchange);
  if (!in_body) return in_body;
  if (*in_header && *in_body) return refuse(malformed_token("a token in header and body"));
  return *in_header ? std::move(in_header) : std::move(in_body);
}

// OIDC Core 5.3.2: JSON, or a JWT that is signed, encrypted, or both in this order. It has no
// `exp`, so that it is no ID token to anybody (RFC 8725 3.11).
Task<http::Response> answer(const Deps& deps, Exchange& exchange, const Client& client,
                            json::Object claims) {
  const auto alg = client.userinfo_signed_response_alg;
  if (!alg && !is_encrypted(client, ClientAnswer::userinfo)) co_return json_answer(200, claims);
  claims.set("iss", deps.settings.issuer);
  claims.set("aud", client.client_id.value());
  std::string text;
  if (alg) {
    const auto key = deps.keys.signing_key(*alg);
    if (key == nullptr) co_return json_refusal(exchange, {cannot_sign(), {}, 0, {}});
    text = jose::sign_jwt(key->key, key->kid.value(), "JWT", claims);
  } else {
    text = json::write(claims);
  }
  auto recipient = co_await find_recipient(deps, client, ClientAnswer::userinfo, exchange.now);
  if (!recipient) co_return json_refusal(exchange, {std::move(recipient).error(), {}, 0, {}});
  if (*recipient) text = encrypt_to(**recipient, text, alg ? "JWT" : "", deps.random);
  co_return jwt_answer("application/jwt", std::move(text));
}

// RFC 9449 7.1 and 7.2: a token that is bound to a key comes under DPoP with a proof of that key,
// and no other token does. RFC 8705 3: one that is bound to a certificate comes over a connection
// with that. Security corpus B19.
Task<std::optional<http::Response>> refuse_unbound(const Deps& deps, Exchange& exchange,
                                                   const Client& client,
                                                   const PresentedToken& presented,
                                                   const Confirmation& bound) {
  const bool needs_proof = bound.method == Confirmation::Method::jkt;
  if (presented.by_dpop != needs_proof) {
    co_return challenge(deps, exchange,
                        invalid_token(needs_proof ? "a token bound to a key came as a bearer token"
                                                  : "a token bound to no key came as DPoP"));
  }
  if (!needs_proof) {
    if (!bound.binds() || bound == certificate_confirmation(exchange.request)) {
      co_return std::nullopt;
    }
    co_return challenge(deps, exchange,
                        invalid_token("the connection does not have the token's certificate"));
  }
  if (auto refused = co_await prove_possession(deps, exchange, client, presented.token)) {
    if (refused->error.code == ErrorCode::temporarily_unavailable) {
      co_return json_refusal(exchange, *std::move(refused));
    }
    co_return challenge(deps, exchange, std::move(refused->error));
  }
  if (exchange.confirmation == bound) co_return std::nullopt;
  co_return challenge(deps, exchange, invalid_token("the key of the token was not proven"));
}

// FAPI 1.0 Baseline 6.2.1: goes back to the client, and into the log.
void note_interaction(const Deps& deps, const Exchange& exchange, const Confirmation& bound,
                      http::Response& response) {
  const auto rule = bound.binds() ? InteractionIdRule::always : InteractionIdRule::when_asked;
  const auto id = interaction_id(exchange.request.headers, rule, deps.random);
  if (!id) return;
  deps.log.info("userinfo.interaction",
                {{"request_id", exchange.request_id}, {"interaction_id", *id}});
  response.headers.set(interaction_id_header, *id);
}

}  // namespace

Task<http::Response> userinfo(const Deps& deps, Exchange& exchange) {
  auto presented = presented_token(exchange);
  if (!presented) co_return challenge(deps, exchange, std::move(presented).error());
  if (!*presented) co_return bare_challenge(deps, exchange);

  auto judged = co_await find_live_access_token(deps, (*presented)->token, exchange.now);
  if (!judged) co_return store_unavailable(deps, exchange, judged.error());
  if (!*judged) co_return challenge(deps, exchange, invalid_token(judged->error().reason));
  const auto& live = **judged;
  const auto& facts = live.facts;
  exchange.client_id = facts.client_id.value();
  if (auto refused =
          co_await refuse_unbound(deps, exchange, *live.client, **presented, facts.confirmation)) {
    co_return *std::move(refused);
  }
  // Decision Q5: the issuer is in `aud` while `openid` is in scope, or when there is no resource.
  const auto audience = audience_of(deps.settings, facts.resources, facts.scopes);
  if (std::ranges::find(audience, deps.settings.issuer) == audience.end()) {
    co_return challenge(deps, exchange, invalid_token("the audience is another resource"));
  }
  if (!live.grant || !has_scope(facts.scopes, "openid")) {
    co_return challenge(deps, exchange,
                        {.code = ErrorCode::insufficient_scope,
                         .rule = "CARDEA-BEARER-004",
                         .spec = rfc6750("3.1"),
                         .description = "The access token lacks the openid scope.",
                         .reason = "scope: " + write_scope(facts.scopes)});
  }
  const auto user = co_await deps.store.find_user(live.grant->user_id);
  if (!user) co_return store_unavailable(deps, exchange, user.error());
  if (!*user) co_return challenge(deps, exchange, invalid_token("the person is gone"));
  exchange.pass("CARDEA-BEARER-003", rfc6750("3.1"), "a live access token of ", exchange.client_id);

  auto claims = released_claims(deps.settings, **user, facts.scopes, live.grant->claims_request,
                                ClaimsTarget::userinfo);
  // OIDC Core 5.3.2: always, and the same as in the ID token (oidc-11).
  claims.set("sub", subject_of(deps.seals, *live.client, live.grant->user_id));
  auto response = co_await answer(deps, exchange, *live.client, std::move(claims));
  note_interaction(deps, exchange, facts.confirmation, response);
  co_return response;
}

}  // namespace cardea::endpoints
