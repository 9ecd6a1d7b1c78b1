// Token exchange (RFC 8693): one of our access tokens for another, for an API further on. Who may
// exchange whose for what is the client's policy; what is not listed is refused, and nothing that
// was sent is dropped silently (security corpus 8693-01). Nothing is stored: the new token carries
// the grant of the one it came from, and dies with it.
#include <algorithm>
#include <utility>

#include "protocol/scope.h"
#include "server/grants/grant.h"
#include "server/second_factor/requirement.h"
#include "server/tokens/choose_resources.h"
#include "server/tokens/liveness.h"
#include "server/tokens/mint_tokens.h"
#include "server/tokens/subject.h"

namespace cardea::grants {
namespace {

constexpr std::string_view access_token_type = "urn:ietf:params:oauth:token-type:access_token";
// How many may act one after another: each is one more `act` in the token (RFC 8693 4.1).
constexpr int actors_max = 4;

JsonRefusal refused(std::string_view rule, SpecRef spec, std::string_view description,
                    std::string reason, ErrorCode code = ErrorCode::invalid_request) {
  return {.error = {.code = code,
                    .rule = rule,
                    .spec = spec,
                    .description = description,
                    .reason = std::move(reason)},
          .fix = {},
          .headers = {}};
}

// RFC 8693 2.1: each token with its type, or neither; only what we take and make.
std::optional<JsonRefusal> check_form(const RawParameters& parameters) {
  if (!parameters.contains("subject_token")) {
    return missing_parameter("CARDEA-EXCHANGE-000", rfc8693("2.1"),
                             "The subject_token parameter is missing.");
  }
  if (parameters.get("subject_token_type") != access_token_type) {
    return refused("CARDEA-EXCHANGE-001", rfc8693("2.1"),
                   "The subject_token_type must be the one of access tokens.",
                   "subject_token_type absent or another");
  }
  const bool has_actor = parameters.contains("actor_token");
  if (has_actor != parameters.contains("actor_token_type")) {
    return refused("CARDEA-EXCHANGE-002", rfc8693("2.1"),
                   "Send actor_token together with actor_token_type.", "one without the other");
  }
  if (has_actor && parameters.get("actor_token_type") != access_token_type) {
    return refused("CARDEA-EXCHANGE-002", rfc8693("2.1"),
                   "The actor_token_type must be the one of access tokens.", "another");
  }
  const auto requested = parameters.find("requested_token_type");
  if (requested && *requested != access_token_type) {
    return refused("CARDEA-EXCHANGE-003", rfc8693("2.1"),
                   "Only access tokens are made by an exchange.", "another requested_token_type");
  }
  return std::nullopt;
}

// RFC 8693 2.1: `audience` names the target as `resource` does; together they must mean the same.
std::vector<std::string> targets(const RawParameters& parameters) {
  auto wanted = parameters.all("resource");
  for (auto& audience : parameters.all("audience")) wanted.push_back(std::move(audience));
  return wanted;
}

// How many act already.
int depth_of(const json::Object& actor) {
  int depth = 1;
  const auto* inner = actor.find("act");
  while (inner != nullptr && inner->if_object() != nullptr) {
    ++depth;
    inner = inner->if_object()->find("act");
  }
  return depth;
}

// RFC 8693 4.1: who acts now, with whoever acted before inside.
Result<std::string, JsonRefusal> actor_chain(const TokenExchangePolicy& policy,
                                             const Client& client, const AccessTokenFacts& subject,
                                             const std::string& actor) {
  if (policy.mode == TokenExchangePolicy::Mode::impersonation) return subject.actor;
  json::Object act{{"sub", actor}, {"client_id", client.client_id.value()}};
  if (!subject.actor.empty()) {
    const auto before = json::parse_object(subject.actor);
    if (!before || depth_of(*before) >= actors_max) {
      return refuse(refused("CARDEA-EXCHANGE-008", rfc8693("4.1"),
                            "Too many actors stand between the person and this client.",
                            std::to_string(actors_max) + " act already"));
    }
    act.set("act", *before);
  }
  return json::write(act);
}

// Narrowed only: within the token, the client's registration, and what the targets know. `openid`
// and `offline_access` stay with the client that the person chose.
Result<std::vector<std::string>, JsonRefusal> chosen_scopes(const Deps& deps, const Client& client,
                                                            const AccessTokenFacts& subject,
                                                            const std::vector<ResourceId>& targets,
                                                            const RawParameters& parameters) {
  auto most = without(without(narrowed(subject.scopes, client.scope), "openid"), "offline_access");
  const auto text = parameters.find("scope");
  if (!text) return scopes_at(deps.settings, targets, std::move(most));
  const auto requested = parse_scope(*text);
  if (requested && is_within(*requested, most)) return *requested;
  return refuse(refused("CARDEA-EXCHANGE-006", rfc8693("2.1"),
                        "The scope is not within the subject_token's and the client's.",
                        "at most: " + write_scope(most), ErrorCode::invalid_scope));
}

// A client's own token that is bound to a key must not become one that is not (security corpus
// B19). Whoever was sent another's cannot have its key, and is on the list of those who may
// exchange it.
bool lacks_proof(const Exchange& exchange, const Client& client, const AccessTokenFacts& facts) {
  return facts.client_id == client.client_id && facts.confirmation.binds() &&
         facts.confirmation != exchange.confirmation;
}

using Subject = Result<LiveAccessToken, JsonRefusal>;

// A token of ours that counts, of a person, held by a client on the list.
Task<Subject> find_subject(const Deps& deps, Exchange& exchange, const Client& client,
                           std::string text) {
  const auto bad = [](std::string reason) {
    return refused("CARDEA-EXCHANGE-004", rfc8693("2.2.2"), "The subject_token is not acceptable.",
                   std::move(reason));
  };
  auto judged = co_await find_live_access_token(deps, std::move(text), exchange.now);
  if (!judged) co_return refuse(unavailable(deps, exchange, judged.error()));
  if (!*judged) co_return refuse(bad(judged->error().reason));
  LiveAccessToken live = **std::move(judged);
  const auto& allowed = client.token_exchange->subject_clients;
  if (std::ranges::find(allowed, live.facts.client_id) == allowed.end()) {
    co_return refuse(bad("a token of client " + live.facts.client_id.value()));
  }
  if (lacks_proof(exchange, client, live.facts)) {
    co_return refuse(bad("it is bound to a key that was not proven"));
  }
  if (!live.grant) co_return refuse(bad("it stands for no person"));
  const auto user = co_await deps.store.find_user(live.grant->user_id);
  if (!user) co_return refuse(unavailable(deps, exchange, user.error()));
  // Decision Q19, for the client that exchanges.
  if (!*user || !is_entitled(client, **user)) {
    co_return refuse(bad("the person is not in an allowed group"));
  }
  if (lacks_second_factor(deps.settings, client, live.grant->authentication)) {
    co_return refuse(bad("the person signed in by one factor, and two are needed"));
  }
  co_return live;
}

// Who acts: whom the actor_token means, which must be the client's own, or the client itself.
Task<Result<std::string, JsonRefusal>> find_actor(const Deps& deps, Exchange& exchange,
                                                  const Client& client,
                                                  const RawParameters& parameters) {
  const auto text = parameters.find("actor_token");
  if (!text) co_return client.client_id.value();
  auto judged = co_await find_live_access_token(deps, std::string(*text), exchange.now);
  if (!judged) co_return refuse(unavailable(deps, exchange, judged.error()));
  if (*judged && (*judged)->facts.client_id == client.client_id &&
      !lacks_proof(exchange, client, (*judged)->facts)) {
    co_return (*judged)->facts.subject;
  }
  co_return refuse(refused(
      "CARDEA-EXCHANGE-005", rfc8693("2.2.2"), "The actor_token is not acceptable.",
      *judged ? "another client's token, or bound to another key" : judged->error().reason));
}

// Which APIs the new token is for: named, and each on the client's list.
Result<std::vector<ResourceId>, JsonRefusal> chosen_resources(
    const Deps& deps, const Client& client, const std::vector<std::string>& wanted) {
  const auto bad = [](std::string reason) {
    return refused("CARDEA-EXCHANGE-007", rfc8693("2.1"),
                   "The target is not one this client may exchange for.", std::move(reason),
                   ErrorCode::invalid_target);
  };
  const auto& allowed = client.token_exchange->resources;
  if (wanted.empty() && allowed.size() != 1) {
    return refuse(bad("neither resource nor audience, and several are allowed"));
  }
  const auto named = wanted.empty() ? values_of(allowed) : wanted;
  const std::vector<std::string> no_scopes;  // they are judged for the targets, once they are known
  auto resources =
      choose_token_resources(deps.settings, client, {.requested = named, .scopes = no_scopes});
  if (!resources) {
    return refuse(JsonRefusal{.error = std::move(resources).error(), .fix = {}, .headers = {}});
  }
  for (const auto& resource : *resources) {
    if (std::ranges::find(allowed, resource) == allowed.end()) {
      return refuse(bad("not allowed: " + resource.value()));
    }
  }
  return *std::move(resources);
}

TokenResponse minted(const Deps& deps, const Client& client, const LiveAccessToken& subject,
                     AccessTokenFacts facts, Instant now) {
  // It dies with the grant of the subject's token, and lives no longer than that token.
  const auto fresh =
      Instant::from_seconds(now.unix_seconds()) + deps.settings.lifetimes.access_token;
  facts.token_id = new_token_id(subject.grant->grant_id, deps.random);
  facts.client_id = client.client_id;
  facts.subject = subject_of(deps.seals, client, subject.grant->user_id);
  facts.issued_at = now;
  facts.expires_at = std::min(fresh, subject.facts.expires_at);
  facts.authentication = subject.grant->authentication;
  auto access_token = mint_access_token(deps, facts);
  ensure(access_token.has_value());
  TokenResponse response{
      .access_token = *std::move(access_token),
      .token_type = token_type_of(facts.confirmation),
      .expires_in = Seconds{facts.expires_at.unix_seconds() - now.unix_seconds()},
      .refresh_token = std::nullopt,
      .scope = std::nullopt,
      .id_token = std::nullopt};
  response.issued_token_type = access_token_type;
  if (!facts.scopes.empty()) response.scope = std::move(facts.scopes);
  return response;
}

}  // namespace

Task<Exchanged> token_exchange(const Deps& deps, Exchange& exchange,
                               const RawParameters& parameters, const AuthenticatedClient& caller) {
  const auto& client = caller.client();
  if (caller.method() == ClientAuthMethod::none || !client.token_exchange) {
    co_return refuse(refused("CARDEA-EXCHANGE-009", rfc8693("5"),
                             "The client may not exchange tokens.", "public, or without a policy",
                             ErrorCode::unauthorized_client));
  }
  if (auto refusal = check_form(parameters)) co_return refuse(*std::move(refusal));
  auto subject =
      co_await find_subject(deps, exchange, client, std::string(parameters.get("subject_token")));
  if (!subject) co_return refuse(std::move(subject).error());
  const auto actor = co_await find_actor(deps, exchange, client, parameters);
  if (!actor) co_return refuse(actor.error());
  auto resources = chosen_resources(deps, client, targets(parameters));
  if (!resources) co_return refuse(std::move(resources).error());
  auto scopes = chosen_scopes(deps, client, subject->facts, *resources, parameters);
  if (!scopes) co_return refuse(std::move(scopes).error());
  const auto named = values_of(*resources);
  const auto fitting =
      choose_resources(deps.settings, client, {.requested = named, .scopes = *scopes});
  if (!fitting) {
    co_return refuse(JsonRefusal{.error = fitting.error(), .fix = {}, .headers = {}});
  }
  // RFC 9396 6: what the subject's token allows beyond scopes is not passed on.
  const auto details = chosen_details(client, "", parameters);
  if (!details) co_return refuse(details.error());
  auto act = actor_chain(*client.token_exchange, client, subject->facts, *actor);
  if (!act) co_return refuse(std::move(act).error());
  if (!can_sign(deps, client, *resources)) co_return refuse(cannot_mint(cannot_sign()));
  exchange.pass("CARDEA-EXCHANGE-004", rfc8693("2.1"), "a token of client ",
                subject->facts.client_id.value(), " for ", write_resources(*resources));
  AccessTokenFacts facts{.resources = *std::move(resources), .scopes = *std::move(scopes)};
  facts.actor = *std::move(act);
  facts.confirmation = exchange.confirmation;
  co_return minted(deps, client, *subject, std::move(facts), exchange.now);
}

}  // namespace cardea::grants
