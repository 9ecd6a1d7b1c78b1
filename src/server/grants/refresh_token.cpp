// Refreshing (RFC 6749 6): rotation with an idempotent replay. Decision Q8; security corpus 4.4,
// whose step numbers are kept. A bad request never burns a token: the one write comes last.
#include <algorithm>
#include <utility>

#include "base/base64url.h"
#include "crypto/hash.h"
#include "protocol/scope.h"
#include "server/grants/grant.h"
#include "server/second_factor/requirement.h"
#include "server/tokens/mint_tokens.h"
#include "server/tokens/refresh_token.h"

namespace cardea::grants {
namespace {

// 4. RFC 6749 6: the scope of this token; what was granted stays as it is (6749-21).
Result<std::vector<std::string>, JsonRefusal> chosen_scopes(const Grant& grant,
                                                            const Client& client,
                                                            const RawParameters& parameters) {
  const auto text = parameters.find("scope");
  // Scopes taken from the client since are no longer given.
  auto granted = narrowed(grant.scopes, client.scope);
  if (!text) return granted;
  const auto requested = parse_scope(*text);
  if (requested && !requested->empty() && is_within(*requested, grant.scopes)) {
    return narrowed(*requested, granted);
  }
  return refuse(JsonRefusal{
      .error = {.code = ErrorCode::invalid_scope,
                .rule = "CARDEA-REFRESH-010",
                .spec = rfc6749("6"),
                .description = "The scope is not within what was granted.",
                .reason = "granted: " + write_scope(grant.scopes) +
                          (requested ? "; requested: " + write_scope(*requested)
                                     : "; requested: " + std::string(name_of(requested.error())))},
      .fix = "Ask for granted scopes only, or leave scope out.",
      .headers = {}});
}

// 4. What this token is to be, within the grant.
struct Asked {
  TokenTarget target;
  std::string details;
};

Result<Asked, JsonRefusal> asked_of(const Settings& settings, const Grant& grant,
                                    const Client& client, const RawParameters& parameters) {
  auto scopes = chosen_scopes(grant, client, parameters);
  if (!scopes) return refuse(scopes.error());
  auto target = chosen_target(
      settings, {.resources = grant.resources, .scopes = *std::move(scopes)}, parameters);
  if (!target) return refuse(std::move(target).error());
  auto details = chosen_details(client, grant.authorization_details, parameters);
  if (!details) return refuse(details.error());
  return Asked{.target = *std::move(target), .details = *std::move(details)};
}

// 3. Everything that may end a grant, before anything is changed.
std::optional<JsonRefusal> check_grant(const Settings& settings, const GrantView& view,
                                       const Client& client, Instant now) {
  const auto liveness = judge_liveness(view, now);
  if (liveness != Liveness::live) {
    return invalid_grant("CARDEA-REFRESH-004", rfc6749("6"), std::string(name_of(liveness)),
                         "Start a new authorization request.");
  }
  // B12: a client that lost offline_access lost its offline tokens.
  if (view.grant.session_binding == SessionBinding::outlives_session &&
      has_scope(view.grant.scopes, "offline_access") &&
      !has_scope(client.scope, "offline_access")) {
    return invalid_grant("CARDEA-REFRESH-005", cardea_policy("Q14"),
                         "offline_access was taken from the client");
  }
  if (lacks_second_factor(settings, client, view.grant.authentication)) {
    return invalid_grant("CARDEA-REFRESH-013", cardea_policy("0012"),
                         "the person signed in by one factor, and two are needed",
                         "Send the person through a new authorization request.");
  }
  return std::nullopt;
}

// The token that replaces the presented one, and the write that makes it so.
struct Succession {
  std::optional<RefreshToken> successor;  // nothing where rotation is off
  store::UseRefresh use;
};

// Who spends: a short digest of network and agent, to tell a retry from a second holder (chronic
// replay). Too short to be of use to anybody else.
std::string spender_of(const http::Request& request) {
  std::string text = request.peer_address;
  text.push_back('\0');
  text.append(request.headers.first("User-Agent"));
  return base64url_encode(crypto::sha256(text).substr(0, 6));
}

// Decision Q8: a token that is bound to a key stays; others of public clients rotate.
RefreshRotation rotation_of(const Client& client, const Confirmation& binding) {
  if (binding.binds()) return RefreshRotation::off;
  return client.is_public() ? RefreshRotation::on : client.refresh_rotation;
}

Succession succession(const Deps& deps, const Client& client, const ReadRefreshToken& read,
                      const Confirmation& binding, const Exchange& exchange) {
  Succession next{.successor = std::nullopt,
                  .use = {.presented = read.presented,
                          .client_id = client.client_id,
                          .policy = {.grace = client.refresh_grace,
                                     .replays_max = deps.settings.refresh_replays_max},
                          .rotation = rotation_of(client, binding),
                          .idle_lifetime = deps.settings.lifetimes.refresh_idle,
                          .spender = spender_of(exchange.request),
                          .now = exchange.now}};
  if (next.use.rotation == RefreshRotation::off) return next;
  next.successor = mint_refresh_token(deps.seals, read.presented.grant_id,
                                      read.presented.generation + 1, deps.random);
  next.use.successor = digest_of(*next.successor);
  next.use.sealed_successor = seal_successor(read, *next.successor, deps.random);
  return next;
}

void report(const Deps& deps, const Exchange& exchange, std::string_view event,
            const GrantId& grant_id) {
  deps.log.warning(event, {{"request_id", exchange.request_id},
                           {"client_id", exchange.client_id},
                           {"grant_id", grant_id.value()}});
}

JsonRefusal too_many_replays(const Client& client) {
  return {.error = {.code = ErrorCode::temporarily_unavailable,
                    .rule = "CARDEA-REFRESH-008",
                    .spec = cardea_policy("Q8"),
                    .description = "This refresh token was just replaced; use its successor.",
                    .reason = "more replays in grace than allowed; nothing was changed"},
          .fix = "Refresh once at a time and share the result.",
          .status = 429,
          .headers = {{"Retry-After",
                       std::to_string(std::max<std::int64_t>(client.refresh_grace.count, 1))}}};
}

// 7. and 8., and the ends.
JsonRefusal refused_by_store(const Deps& deps, const Exchange& exchange, const Client& client,
                             const store::UseRefresh::Outcome& outcome) {
  using Result = store::UseRefresh::Outcome::Result;
  if (outcome.result == Result::not_live) {
    return invalid_grant("CARDEA-REFRESH-004", rfc6749("6"),
                         std::string(name_of(outcome.liveness)));
  }
  if (outcome.result != Result::refused) {
    return invalid_grant("CARDEA-REFRESH-002", rfc6749("6"), "no such refresh token is kept");
  }
  const auto reason = std::string(name_of(outcome.verdict));
  switch (outcome.verdict) {
    case RefreshVerdict::too_many_replays:
      return too_many_replays(client);
    case RefreshVerdict::reuse:
      report(deps, exchange, "rt_reuse", outcome.grant_id);
      return invalid_grant("CARDEA-REFRESH-007", rfc9700("4.14.2"),
                           "reuse of a replaced token; its grant is revoked",
                           "Keep the newest refresh token only, and refresh once at a time.");
    case RefreshVerdict::ahead_of_store:
      report(deps, exchange, "rt_ahead_of_store", outcome.grant_id);
      return invalid_grant("CARDEA-REFRESH-009", cardea_policy("Q8"), reason);
    default:
      return invalid_grant("CARDEA-REFRESH-006", rfc6749("6"), reason,
                           "Start a new authorization request.");
  }
}

// 5. and 6.: the token that the client holds from now on.
Result<RefreshToken, JsonRefusal> token_to_give(const Deps& deps, const Exchange& exchange,
                                                const ReadRefreshToken& read,
                                                std::string_view presented,
                                                std::optional<RefreshToken> successor,
                                                const store::UseRefresh::Outcome& outcome) {
  if (outcome.verdict == RefreshVerdict::current) {
    if (outcome.turned_suspect) report(deps, exchange, "rt_suspect", outcome.grant_id);
    if (successor) return *std::move(successor);
    return RefreshToken(std::string(presented));
  }
  report(deps, exchange, "rt_replay_in_grace", outcome.grant_id);
  auto same = open_successor(read, outcome.sealed_successor);
  if (same) return *std::move(same);
  return refuse(invalid_grant("CARDEA-REFRESH-011", cardea_policy("Q8"),
                              "the sealed successor does not open"));
}

// RFC 9449 5, RFC 8705 4: nothing changes for whoever lacks the key.
std::optional<JsonRefusal> check_key(const Deps& deps, const Exchange& exchange,
                                     const Grant& grant) {
  const auto& binding = grant.refresh_binding;
  if (!binding.binds() || binding == exchange.confirmation) return std::nullopt;
  report(deps, exchange, "rt_wrong_key", grant.grant_id);
  return invalid_grant(
      "CARDEA-REFRESH-013",
      binding.method == Confirmation::Method::x5t_s256 ? rfc8705("4") : rfc9449("5"),
      "bound to " + text_of(binding) + ", proven: <" + text_of(exchange.confirmation) + ">",
      "Prove the key, or bring the certificate, that the refresh token was issued to.");
}

// 2. RFC 6749 6, 10.4: somebody else's token changes nothing (6749-22).
std::optional<JsonRefusal> check_owner(const Deps& deps, const Exchange& exchange,
                                       const GrantView& view, const Client& client) {
  if (view.grant.client_id != client.client_id) {
    report(deps, exchange, "rt_wrong_client", view.grant.grant_id);
    return invalid_grant("CARDEA-REFRESH-003", rfc6749("6"),
                         "issued to client " + view.grant.client_id.value());
  }
  return std::nullopt;
}

}  // namespace

Task<Exchanged> refresh_token(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                              const AuthenticatedClient& caller) {
  const auto& client = caller.client();
  const auto now = exchange.now;
  const auto text = parameters.find("refresh_token");
  if (!text) {
    co_return refuse(missing_parameter("CARDEA-REFRESH-000", rfc6749("6"),
                                       "The refresh_token parameter is missing."));
  }
  // 1. A forged text fails without a read.
  const auto read = read_refresh_token(deps.seals, *text);
  if (!read) {
    co_return refuse(invalid_grant("CARDEA-REFRESH-001", rfc6749("6"), "its MAC does not match"));
  }
  const auto found = co_await deps.store.find_refresh(read->presented.grant_id);
  if (!found) co_return refuse(unavailable(deps, exchange, found.error()));
  if (!*found) {
    co_return refuse(invalid_grant("CARDEA-REFRESH-002", rfc6749("6"), "no such family is kept"));
  }
  const auto& view = (*found)->grant;
  if (auto refusal = check_owner(deps, exchange, view, client)) {
    co_return refuse(*std::move(refusal));
  }
  if (auto refusal = check_key(deps, exchange, view.grant)) co_return refuse(*std::move(refusal));
  if (auto refusal = check_grant(deps.settings, view, client, now)) {
    co_return refuse(*std::move(refusal));
  }
  // The grant's liveness has judged the person; claims are read only where they count.
  const bool with_id_token = client.id_token_on_refresh && has_scope(view.grant.scopes, "openid");
  std::shared_ptr<const User> user;
  if (with_id_token || !client.allowed_groups.empty()) {
    auto person = co_await deps.store.find_user(view.grant.user_id);
    if (!person) co_return refuse(unavailable(deps, exchange, person.error()));
    if (!*person || !is_entitled(client, **person)) {
      co_return refuse(invalid_grant("CARDEA-REFRESH-012", cardea_policy("Q19"),
                                     "the person is gone or not in an allowed group"));
    }
    user = *std::move(person);
  }
  // 4. The request itself.
  const auto asked = asked_of(deps.settings, view.grant, client, parameters);
  if (!asked) co_return refuse(asked.error());
  const auto minting =
      co_await prepare_minting(deps, {.client = client, .target = asked->target}, now);
  if (!minting) co_return refuse(cannot_mint(minting.error()));
  exchange.pass("CARDEA-REFRESH-004", rfc6749("6"), "the grant is live and the request fits it");

  auto next = succession(deps, client, *read, view.grant.refresh_binding, exchange);
  const auto outcome = co_await deps.store.perform(std::move(next.use));
  if (!outcome) co_return refuse(unavailable(deps, exchange, outcome.error()));
  if (outcome->result != store::UseRefresh::Outcome::Result::accepted) {
    co_return refuse(refused_by_store(deps, exchange, client, *outcome));
  }
  auto refresh = token_to_give(deps, exchange, *read, *text, std::move(next.successor), *outcome);
  if (!refresh) co_return refuse(std::move(refresh).error());
  exchange.pass("CARDEA-REFRESH-007", rfc9700("4.14.2"), name_of(outcome->verdict));
  auto response = mint_tokens(deps,
                              {.minting = *minting,
                               .grant = view.grant,
                               .client = client,
                               .user = with_id_token ? user.get() : nullptr,
                               .target = asked->target,
                               .authorization_details = asked->details,
                               .nonce = "",  // OIDC Core 12.2: SHOULD NOT have a nonce
                               .confirmation = exchange.confirmation},
                              now);
  response.refresh_token = *std::move(refresh);
  co_return response;
}

}  // namespace cardea::grants
