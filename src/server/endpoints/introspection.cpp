// Token introspection (RFC 7662). Decision Q21: a caller sees tokens for its resources and its own;
// every other token is as good as none.
#include <algorithm>
#include <utility>

#include "protocol/scope.h"
#include "server/client_auth/authenticate.h"
#include "server/client_auth/presented.h"
#include "server/endpoints/endpoints.h"
#include "server/form_body.h"
#include "server/json_answer.h"
#include "server/tokens/choose_resource.h"
#include "server/tokens/liveness.h"
#include "server/tokens/refresh_token.h"

namespace cardea::endpoints {
namespace {

// RFC 7662 2.2: the whole answer for a token that does not count or is not the caller's business.
http::Response inactive(Exchange& exchange, std::string_view reason) {
  exchange.warn(
      "CARDEA-INTROSPECT-002", rfc7662("2.2"), reason,
      "Only the client of a token, and the introspection_clients of its resource, see it.");
  return json_answer(200, {{"active", false}});
}

bool may_see(const Settings& settings, const ClientId& caller, const AccessTokenFacts& facts) {
  if (facts.client_id == caller) return true;
  const auto* resource = facts.resource ? settings.find_resource(*facts.resource) : nullptr;
  if (resource == nullptr) return false;
  const auto& allowed = resource->introspection_clients;
  return std::ranges::find(allowed, caller) != allowed.end();
}

json::Object described(const Settings& settings, const LiveAccessToken& live) {
  const auto& facts = live.facts;
  json::Object answer{{"active", true},
                      {"token_type", "Bearer"},
                      {"iss", settings.issuer},
                      {"sub", facts.subject},
                      {"aud", audience_of(settings, facts.resource, facts.scopes)},
                      {"client_id", facts.client_id.value()},
                      {"exp", facts.expires_at.unix_seconds()},
                      {"iat", facts.issued_at.unix_seconds()},
                      {"jti", facts.token_id.value()}};
  if (!facts.scopes.empty()) answer.set("scope", write_scope(facts.scopes));
  if (live.grant) {
    const auto& authentication = live.grant->authentication;
    answer.set("auth_time", authentication.auth_time.unix_seconds());
    if (!authentication.acr.empty()) answer.set("acr", authentication.acr);
    if (!authentication.amr.empty()) answer.set("amr", authentication.amr);
  }
  return answer;
}

// A refresh token is shown to its own client only; looking at it changes nothing.
Task<http::Response> describe_refresh(const Deps& deps, Exchange& exchange,
                                      const ReadRefreshToken& read, const ClientId& caller) {
  const auto found = co_await deps.store.find_refresh(read.presented.grant_id, exchange.now);
  if (!found) co_return store_unavailable(deps, exchange, found.error());
  if (!*found) co_return inactive(exchange, "no such refresh token is kept");
  const auto& [row, view] = **found;
  if (view.grant.client_id != caller) co_return inactive(exchange, "another client's token");
  const auto liveness = judge_liveness(view);
  if (liveness != Liveness::live) co_return inactive(exchange, name_of(liveness));
  const bool current =
      row.generation == read.presented.generation && row.current == read.presented.digest;
  const auto end = std::min(row.idle_end, row.absolute_end);
  if (!current || exchange.now >= end) co_return inactive(exchange, "replaced or expired");
  co_return json_answer(200, {{"active", true},
                              {"token_type", "refresh_token"},
                              {"iss", deps.settings.issuer},
                              {"sub", view.grant.user_id.value()},
                              {"client_id", view.grant.client_id.value()},
                              {"scope", write_scope(view.grant.scopes)},
                              {"exp", end.unix_seconds()}});
}

}  // namespace

Task<http::Response> introspection(const Deps& deps, Exchange& exchange) {
  const auto parameters = read_form(exchange);
  if (!parameters) co_return json_refusal(exchange, {parameters.error(), {}, 0, {}});
  auto caller = co_await authenticate_client(deps, exchange, *parameters);
  if (!caller) co_return json_refusal(exchange, std::move(caller).error());
  // RFC 7662 2.1: the endpoint MUST require authorization, which a public client cannot give.
  if (caller->method() == ClientAuthMethod::none) {
    co_return json_refusal(exchange,
                           invalid_client(exchange, "CARDEA-INTROSPECT-001", rfc7662("2.1"),
                                          "a public client cannot introspect",
                                          "Register the API as a confidential client."));
  }
  const auto token = parameters->find("token");
  if (!token) {
    co_return json_refusal(exchange, {.error = {.code = ErrorCode::invalid_request,
                                                .rule = "CARDEA-INTROSPECT-000",
                                                .spec = rfc7662("2.1"),
                                                .description = "The token parameter is missing.",
                                                .reason = "absent or empty"},
                                      .fix = {},
                                      .headers = {}});
  }
  // token_type_hint is not needed: the forms tell themselves apart (RFC 7662 2.1 lets us ignore
  // it).
  if (const auto read = read_refresh_token(deps.seals, *token)) {
    co_return co_await describe_refresh(deps, exchange, *read, caller->client_id());
  }
  const auto judged = co_await find_live_access_token(deps, std::string(*token), exchange.now);
  if (!judged) co_return store_unavailable(deps, exchange, judged.error());
  if (!*judged) co_return inactive(exchange, judged->error().reason);
  if (!may_see(deps.settings, caller->client_id(), (*judged)->facts)) {
    co_return inactive(exchange, "a token for another client and resource");
  }
  exchange.pass("CARDEA-INTROSPECT-002", rfc7662("2.2"), "active");
  co_return json_answer(200, described(deps.settings, **judged));
}

}  // namespace cardea::endpoints
