// Beginning grants; see begin_grant.h. Every check comes first and spends nothing; the one write is
// the gate and decides replay.
#include "server/grants/begin_grant.h"

#include <algorithm>
#include <utility>

#include "protocol/scope.h"
#include "server/second_factor/requirement.h"
#include "server/tokens/mint_tokens.h"
#include "server/tokens/refresh_token.h"

namespace cardea::grants {
namespace {

using Outcome = store::BeginGrant::Outcome;

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

// B12: what was taken from the client since the approval is not given. Without offline_access the
// grant is its session's, which must be there still (decision Q14).
void leave_out_unregistered(Approved& approved, const Client& client) {
  Grant& grant = approved.grant;
  auto scopes = narrowed(grant.scopes, client.scope);
  const bool lost_offline =
      has_scope(grant.scopes, "offline_access") && !has_scope(scopes, "offline_access");
  if (lost_offline) {
    grant.session_binding = SessionBinding::ends_with_session;
    approved.session_rule = store::BeginGrant::SessionRule::must_live;
  }
  grant.scopes = std::move(scopes);
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::begun:
      return "begun";
    case Outcome::replayed:
      return "replayed";
    case Outcome::user_changed:
      return "the person is gone, disabled or changed";
    case Outcome::client_disabled:
      return "the client is gone or disabled";
    case Outcome::redirect_uri_removed:
      return "the redirect URI is no longer registered";
    case Outcome::session_ended:
      return "the browser session has ended";
    case Outcome::consent_withdrawn:
      return "consent was withdrawn";
    case Outcome::swept:
      return "it is older than the sweep boundary";
    case Outcome::other_epoch:
      return "the store has another epoch";
  }
  return "";
}

// What the one guarded write said, when no grant began.
JsonRefusal not_begun(const Deps& deps, const Exchange& exchange, const Grant& grant,
                      Outcome outcome) {
  if (outcome == Outcome::replayed) {
    deps.log.warning("grant.replayed", {{"request_id", exchange.request_id},
                                        {"client_id", grant.client_id.value()},
                                        {"grant_id", grant.grant_id.value()}});
    return invalid_grant("CARDEA-GRANT-003", rfc6749("4.1.2"),
                         "it was used before; what its first use gave is revoked",
                         "Use it once. A second tab or a retry must start over.");
  }
  return invalid_grant("CARDEA-GRANT-002", rfc6749("5.2"), std::string(name_of(outcome)),
                       "Start a new authorization request.");
}

}  // namespace

Task<Exchanged> begin_grant(const Deps& deps, Exchange& exchange, Approved approved,
                            const Client& client, const RawParameters& parameters) {
  const auto now = exchange.now;
  Grant& grant = approved.grant;
  grant.client_id = client.client_id;
  grant.created_at = now;
  grant.refresh_binding = refresh_binding(client, exchange);
  leave_out_unregistered(approved, client);
  if (approved.has_sign_in && lacks_second_factor(deps.settings, client, grant.authentication)) {
    co_return refuse(invalid_grant("CARDEA-GRANT-004", cardea_policy("0012"),
                                   "the person signed in by one factor, and two are needed",
                                   "Send the person through a new authorization request."));
  }
  // Decision Q19: the entitlement is judged at issue too.
  const auto user = co_await deps.store.find_user(grant.user_id);
  if (!user) co_return refuse(unavailable(deps, exchange, user.error()));
  if (!*user || !is_entitled(client, **user)) {
    co_return refuse(
        invalid_grant("CARDEA-GRANT-001", cardea_policy("Q19"),
                      *user ? "the person is not in an allowed group" : "the person is gone"));
  }
  const auto target = chosen_target(
      deps.settings, {.resources = grant.resources, .scopes = grant.scopes}, parameters);
  if (!target) co_return refuse(target.error());
  const auto details = chosen_details(client, grant.authorization_details, parameters);
  if (!details) co_return refuse(details.error());
  auto minting = co_await prepare_minting(deps, {.client = client, .target = *target}, now);
  if (!minting) co_return refuse(cannot_mint(std::move(minting).error()));

  store::BeginGrant begin{.grant = grant,
                          .refresh = std::nullopt,
                          .registered_redirect_uri = std::move(approved.registered_redirect_uri),
                          .session_rule = approved.session_rule,
                          .told_by = logout_channel(client),
                          .epoch = deps.seals.epoch(),
                          .now = now};
  std::optional<RefreshToken> refresh_token;
  if (approved.refresh_tokens == RefreshTokens::as_registered &&
      client.allows(GrantType::refresh_token)) {
    auto first = first_refresh(deps, grant.grant_id, now);
    refresh_token = std::move(first.token);
    begin.refresh = std::move(first.row);
  }
  const auto outcome = co_await deps.store.perform(std::move(begin));
  if (!outcome) co_return refuse(unavailable(deps, exchange, outcome.error()));
  if (*outcome != Outcome::begun) co_return refuse(not_begun(deps, exchange, grant, *outcome));
  exchange.pass("CARDEA-GRANT-003", rfc6749("4.1.2"), "first use of what was approved");
  auto response = mint_tokens(deps,
                              {.minting = *minting,
                               .grant = grant,
                               .client = client,
                               .user = &**user,
                               .target = *target,
                               .authorization_details = *details,
                               .nonce = approved.nonce,
                               .confirmation = exchange.confirmation},
                              now);
  response.refresh_token = std::move(refresh_token);
  co_return response;
}

}  // namespace cardea::grants
