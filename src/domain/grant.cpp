// Liveness and refresh rotation as pure functions; see grant.h. Decisions Q6, Q8; security corpus
// 4.4, whose step numbers are kept below.
#include "domain/grant.h"

#include "base/result.h"

namespace cardea {
namespace {

// Chronic replay: from this many suspect generations in a row on, nothing is forgiven.
constexpr int suspect_generations_max = 3;

bool is_in_grace(const RefreshRow& row, const RefreshPolicy& policy, Instant now) {
  if (row.suspect_generations >= suspect_generations_max) return false;
  return policy.grace.count > 0 && row.spent_at && now <= *row.spent_at + policy.grace;
}

}  // namespace

std::string_view name_of(Liveness liveness) {
  switch (liveness) {
    case Liveness::live:
      return "live";
    case Liveness::grant_absent:
      return "grant_absent";
    case Liveness::grant_revoked:
      return "grant_revoked";
    case Liveness::token_revoked:
      return "token_revoked";
    case Liveness::user_absent:
      return "user_absent";
    case Liveness::user_disabled:
      return "user_disabled";
    case Liveness::security_version_changed:
      return "security_version_changed";
    case Liveness::client_disabled:
      return "client_disabled";
    case Liveness::session_ended:
      return "session_ended";
    case Liveness::consent_withdrawn:
      return "consent_withdrawn";
  }
  ensure(false);
  return {};
}

bool turns_suspect(const RefreshRow& row) {
  return row.suspect_replay && row.suspect_generations + 1 == suspect_generations_max;
}

Liveness judge_liveness(const GrantView& view, Instant now) {
  if (view.grant.grant_id.empty()) return Liveness::grant_absent;
  if (view.grant.state == Grant::State::revoked) return Liveness::grant_revoked;
  if (view.token_marked) return Liveness::token_revoked;
  if (!view.user_present) return Liveness::user_absent;
  if (!view.user_enabled) return Liveness::user_disabled;
  if (view.user_security_version != view.grant.security_version) {
    return Liveness::security_version_changed;
  }
  if (!view.client_enabled) return Liveness::client_disabled;
  const bool bound = view.grant.session_binding == SessionBinding::ends_with_session;
  const bool session_alive = view.session_ends_at && now < *view.session_ends_at;
  if (bound && !session_alive) return Liveness::session_ended;
  if (!view.consent_present) return Liveness::consent_withdrawn;
  return Liveness::live;
}

std::string_view name_of(RefreshVerdict verdict) {
  switch (verdict) {
    case RefreshVerdict::current:
      return "current";
    case RefreshVerdict::replay_in_grace:
      return "replay_in_grace";
    case RefreshVerdict::too_many_replays:
      return "too_many_replays";
    case RefreshVerdict::reuse:
      return "reuse";
    case RefreshVerdict::ahead_of_store:
      return "ahead_of_store";
    case RefreshVerdict::expired_idle:
      return "expired_idle";
    case RefreshVerdict::expired_absolute:
      return "expired_absolute";
  }
  ensure(false);
  return {};
}

RefreshVerdict judge_refresh(const RefreshRow& row, const PresentedRefresh& presented,
                             const RefreshPolicy& policy, Instant now) {
  // 3. Either end has come: refused before anything is read into the token's age.
  if (now >= row.absolute_end) return RefreshVerdict::expired_absolute;
  if (now >= row.idle_end) return RefreshVerdict::expired_idle;
  // 8. The store is older than the token: it was restored.
  if (presented.generation > row.generation) return RefreshVerdict::ahead_of_store;
  if (presented.generation == row.generation) {
    // 5. The row's current token.
    return presented.digest == row.current ? RefreshVerdict::current
                                           : RefreshVerdict::ahead_of_store;
  }
  // 6. The parent of a successor that nobody used yet.
  const bool is_parent = presented.generation == row.generation - 1 && !row.previous.empty() &&
                         presented.digest == row.previous;
  if (is_parent && is_in_grace(row, policy, now)) {
    return row.replays < policy.replays_max ? RefreshVerdict::replay_in_grace
                                            : RefreshVerdict::too_many_replays;
  }
  // 7. RFC 9700 4.14.2: any other authentic older token.
  return RefreshVerdict::reuse;
}

}  // namespace cardea
