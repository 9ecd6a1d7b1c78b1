// Token introspection (RFC 7662), answered as JSON or as a JWT (RFC 9701). Decision Q21: a caller
// sees tokens for its resources and its own; every other token is as good as none, in either form.
#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "jose/jws.h"
#include "protocol/scope.h"
#include "server/client_auth/authenticate.h"
#include "server/client_auth/presented.h"
#include "server/endpoints/endpoints.h"
#include "server/form_body.h"
#include "server/json_answer.h"
#include "server/tokens/choose_resources.h"
#include "server/tokens/liveness.h"
#include "server/tokens/mint_tokens.h"
#include "server/tokens/recipient.h"
#include "server/tokens/refresh_token.h"
#include "server/tokens/subject.h"

namespace cardea::endpoints {
namespace {

using Described = store::Answer<std::string>;  // the text of an object

// RFC 7662 2.2: the whole answer for a token that does not count or is not the caller's business.
std::string inactive(Exchange& exchange, std::string_view reason) {
  exchange.warn(
      "CARDEA-INTROSPECT-002", rfc7662("2.2"), reason,
      "Only the client of a token, and the introspection_clients of its resource, see it.");
  return R"({"active":false})";
}

constexpr std::string_view introspection_jwt_typ = "token-introspection+jwt";
constexpr std::string_view introspection_media_type = "application/token-introspection+jwt";

// Whether a member of Accept names exactly this type, and does not decline it.
bool accepts(std::string_view range, std::string_view media_type) {
  bool is_first = true;
  bool named = false;
  for (const auto each : ascii::Parts(range, ';')) {
    const auto part = ascii::trim(each);
    if (is_first) named = ascii::equal_ignoring_case(part, media_type);
    is_first = false;
    if (part.starts_with("q=0") || part.starts_with("Q=0")) {
      // 0, 0.0, 0.00 and 0.000
      named = named && part.find_first_of("123456789") != std::string_view::npos;
    }
  }
  return named;
}

// RFC 9701 4: by the Accept header, in which a weight of 0 declines (RFC 9110 12.4.2), or by the
// caller's registration.
bool wants_jwt(const Exchange& exchange, const Client& caller) {
  if (caller.introspection_signed_response_alg || caller.introspection_encrypted_response_alg) {
    return true;
  }
  for (const auto value : exchange.request.headers.all("Accept")) {
    for (const auto range : ascii::Parts(value, ',')) {
      if (accepts(range, introspection_media_type)) return true;
    }
  }
  return false;
}

bool speaks_for(const Settings& settings, const ClientId& caller, const ResourceId& identifier) {
  const auto* resource = settings.find_resource(identifier);
  if (resource == nullptr) return false;
  const auto& allowed = resource->introspection_clients;
  return std::ranges::find(allowed, caller) != allowed.end();
}

// The token as this caller may know it (decision Q21): the whole of it for its own client; for an
// API what it says to that API, which need not learn where else the token works (RFC 7662 2.2).
// Nothing for anybody else.
std::optional<AccessTokenFacts> shown_to(const Settings& settings, const ClientId& caller,
                                         AccessTokenFacts facts) {
  if (facts.client_id == caller) return facts;
  std::erase_if(facts.resources, [&](const ResourceId& resource) {
    return !speaks_for(settings, caller, resource);
  });
  if (facts.resources.empty()) return std::nullopt;
  facts.scopes = scopes_at(settings, facts.resources, std::move(facts.scopes));
  return facts;
}

std::string described(const Settings& settings, const AccessTokenFacts& facts, const Grant* grant) {
  json::ObjectText answer;
  answer.add("active", true);
  answer.add_text("token_type", token_type_of(facts.confirmation));
  add_token_claims(answer, settings, facts);
  if (grant != nullptr) add_authentication_claims(answer, grant->authentication);
  return std::move(answer).take();
}

// A refresh token is shown to its own client only; looking at it changes nothing.
Task<Described> describe_refresh(const Deps& deps, Exchange& exchange, const ReadRefreshToken& read,
                                 const Client& caller) {
  const auto found = co_await deps.store.find_refresh(read.presented.grant_id);
  if (!found) co_return refuse(found.error());
  if (!*found) co_return inactive(exchange, "no such refresh token is kept");
  const auto& [row, view] = **found;
  if (view.grant.client_id != caller.client_id)
    co_return inactive(exchange, "another client's token");
  const auto liveness = judge_liveness(view, exchange.now);
  if (liveness != Liveness::live) co_return inactive(exchange, name_of(liveness));
  const bool current =
      row.generation == read.presented.generation && row.current == read.presented.digest;
  const auto end = std::min(row.idle_end, row.absolute_end);
  if (!current || exchange.now >= end) co_return inactive(exchange, "replaced or expired");
  json::ObjectText answer;
  answer.add("active", true);
  answer.add_text("token_type", "refresh_token");
  answer.add_text("iss", deps.settings.issuer);
  answer.add_text("sub", subject_of(deps.seals, caller, view.grant.user_id));
  answer.add_text("client_id", view.grant.client_id.value());
  answer.add_text("scope", write_scope(view.grant.scopes));
  answer.add_number("exp", end.unix_seconds());
  co_return std::move(answer).take();
}

// What this caller may know of the token.
Task<Described> describe(const Deps& deps, Exchange& exchange, const std::string& token,
                         const Client& caller) {
  // token_type_hint is not needed: the forms tell themselves apart (RFC 7662 2.1 lets us ignore
  // it).
  if (const auto read = read_refresh_token(deps.seals, token)) {
    co_return co_await describe_refresh(deps, exchange, *read, caller);
  }
  auto judged = co_await find_live_access_token(deps, token, exchange.now);
  if (!judged) co_return refuse(judged.error());
  if (!*judged) co_return inactive(exchange, judged->error().reason);
  LiveAccessToken& live = **judged;
  const auto shown = shown_to(deps.settings, caller.client_id, std::move(live.facts));
  if (!shown) co_return inactive(exchange, "a token for another client and resource");
  exchange.pass("CARDEA-INTROSPECT-002", rfc7662("2.2"), "active");
  co_return described(deps.settings, *shown, live.grant.get());
}

// RFC 9701 5. Neither sub nor exp beside the claims that are required, so that it passes for
// nothing else.
Task<http::Response> jwt_of(const Deps& deps, Exchange& exchange, const Client& caller,
                            std::string described) {
  const auto alg =
      caller.introspection_signed_response_alg.value_or(crypto::SignatureAlgorithm::RS256);
  const auto key = deps.keys.signing_key(alg);
  if (key == nullptr) co_return json_refusal(exchange, {cannot_sign(), {}, 0, {}});
  json::ObjectText claims;
  claims.add_text("iss", deps.settings.issuer);
  claims.add_text("aud", caller.client_id.value());
  claims.add_number("iat", exchange.now.unix_seconds());
  claims.add_object("token_introspection", described);
  auto text = jose::sign_jwt(key->key, key->kid.value(), introspection_jwt_typ, std::move(claims));
  auto recipient = co_await find_recipient(deps, caller, ClientAnswer::introspection, exchange.now);
  if (!recipient) co_return json_refusal(exchange, {std::move(recipient).error(), {}, 0, {}});
  if (*recipient) text = encrypt_to(**recipient, text, "JWT", deps.random);
  co_return jwt_answer(introspection_media_type, std::move(text));
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
  auto described = co_await describe(deps, exchange, std::string(*token), caller->client());
  if (!described) co_return store_unavailable(deps, exchange, described.error());
  if (!wants_jwt(exchange, caller->client())) co_return json_answer(200, *std::move(described));
  co_return co_await jwt_of(deps, exchange, caller->client(), *std::move(described));
}

}  // namespace cardea::endpoints
