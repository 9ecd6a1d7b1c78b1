// Operations on codes, grants and tokens. Decisions Q6-Q8; the judgements are those of
// domain/grant.h, taken on the rows as they are inside the transaction.
#include <algorithm>

#include "base/ascii.h"
#include "store/sql/apply.h"
#include "store/sql/locks.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {
namespace {

// What a redemption stands on, read in one statement.
struct Ground {
  std::string epoch;
  Instant swept_before{};
  bool grant_present = false;
  bool user_enabled = false;
  std::int64_t security_version = 0;
  bool client_enabled = false;
  bool redirect_uri_registered = false;
  bool session_alive = false;
  bool consent_present = false;
  bool client_may_be_forgotten = false;
};
Ground ground_row(const Row& row) {
  return {.epoch = row.text(0),
          .swept_before = row.instant(1),
          .grant_present = row.flag(2),
          .user_enabled = row.flag(3),  // false for a user who is gone
          .security_version = row.integer(4),
          .client_enabled = row.flag(5),
          .redirect_uri_registered = row.flag(6),
          .session_alive = row.flag(7),
          .consent_present = row.flag(8),
          .client_may_be_forgotten = row.flag(9)};
}

std::optional<BeginGrant::Outcome> refusal(const BeginGrant& op, const Ground& on) {
  using enum BeginGrant::Outcome;
  if (!on.user_enabled || on.security_version != op.grant.security_version) return user_changed;
  if (!on.client_enabled) return client_disabled;
  if (op.registered_redirect_uri && !on.redirect_uri_registered) return redirect_uri_removed;
  const bool session_counts = op.session_rule == BeginGrant::SessionRule::must_live;
  if (session_counts && !on.session_alive) return session_ended;
  if (!on.consent_present) return consent_withdrawn;
  return std::nullopt;
}

void insert(ApplyContext& context, const Grant& grant, Instant keep_until) {
  const auto resources = write_resources(grant.resources);
  context.sql.run(insert_grant, {grant.grant_id,
                                 grant.user_id,
                                 grant.security_version,
                                 grant.client_id,
                                 grant.session_id,
                                 grant.consent_id,
                                 word_of(grant.session_binding),
                                 ascii::join(grant.scopes, " "),
                                 resources.empty() ? Cell(std::nullopt) : Cell(resources),
                                 grant.authentication.auth_time,
                                 grant.authentication.acr,
                                 ascii::join(grant.authentication.amr, " "),
                                 grant.claims_request,
                                 grant.created_at,
                                 grant.code_expires_at,
                                 word_of(grant.state),
                                 grant.revoked_reason,
                                 keep_until,
                                 text_of(grant.refresh_binding),
                                 grant.authorization_details});
}

void insert(ApplyContext& context, const RefreshRow& row) {
  context.sql.run(
      insert_refresh,
      {row.grant_id, row.generation, Cell::bytes(row.current), Cell::bytes(row.previous),
       row.spent_at, Cell::bytes(row.sealed_successor), row.replays, row.idle_end, row.absolute_end,
       row.suspect_generations, row.spender, row.suspect_replay});
}

std::int64_t revoke(ApplyContext& context, const GrantId& grant_id, std::string_view reason,
                    Instant now) {
  return context.sql.change(revoke_grant, {grant_id, reason, kept_after(context, now)});
}

// When a grant that goes on being used may go at the earliest, rounded up to a whole day: so its
// row and its place in the index are written once a day, not at each refresh.
Instant kept_while_used(const ApplyContext& context, Instant last_use) {
  constexpr std::int64_t day_ms = days(1).count * 1000;
  const auto kept = kept_after(context, last_use);
  return {(kept.unix_ms + day_ms - 1) / day_ms * day_ms};
}

// The current token was presented: rotate it, or only move its idle end. Its row is locked, so the
// guard holds.
void spend(ApplyContext& context, const UseRefresh& op, const RefreshRow& row) {
  const Instant idle_end = std::min(op.now + op.idle_lifetime, row.absolute_end);
  context.sql.run(keep_grant, {row.grant_id, kept_while_used(context, idle_end)});
  if (op.rotation == RefreshRotation::off) {
    context.sql.run(extend_refresh,
                    {row.grant_id, row.generation, Cell::bytes(row.current), idle_end});
    return;
  }
  context.sql.run(rotate_refresh, {row.grant_id, row.generation, Cell::bytes(row.current),
                                   Cell::bytes(op.successor), op.now,
                                   Cell::bytes(op.sealed_successor), idle_end, op.spender});
}

}  // namespace

ParkSealed::Outcome apply_to(ApplyContext& context, const ParkSealed& op) {
  // Corpus 6819-01: what one source may leave is bounded.
  if (!op.source.empty()) {
    const auto open = context.sql.first(count_parked_of_source, {op.source, op.now},
                                        [](const Row& row) { return row.integer(0); });
    if (open.value_or(0) >= op.open_max) return ParkSealed::Outcome::quota_exceeded;
  }
  context.sql.run(insert_parked, {op.value_id, Cell::bytes(op.sealed), op.expires_at, op.source});
  return ParkSealed::Outcome::stored;
}

BeginGrant::Outcome apply_to(ApplyContext& context, const BeginGrant& op) {
  using enum BeginGrant::Outcome;
  const Grant& grant = op.grant;
  const auto ground =
      context.sql.first(read_redemption_ground,
                        {grant.user_id, grant.client_id,
                         Cell::bytes(op.registered_redirect_uri.value_or(RedirectUriDigest())),
                         grant.session_id, op.now, grant.consent_id, grant.grant_id},
                        ground_row);
  if (!ground || ground->epoch != op.epoch) return other_epoch;
  // Its row may be gone already, so a replay could not be seen (decision Q7).
  if (grant.code_expires_at < ground->swept_before) return swept;
  if (ground->grant_present) {
    // RFC 6749 4.1.2: what is used twice revokes what it gave.
    revoke(context, grant.grant_id, "replayed", op.now);
    return replayed;
  }
  if (const auto refused = refusal(op, *ground)) return *refused;
  Instant last_use = std::max(grant.code_expires_at, op.now);
  Instant end = last_use;
  if (op.refresh) {
    last_use = std::max(last_use, op.refresh->idle_end);
    end = std::max(end, op.refresh->absolute_end);
  }
  insert(context, grant, kept_while_used(context, last_use));
  if (ground->client_may_be_forgotten) {
    context.sql.run(keep_used_client, {grant.client_id, kept_after(context, end)});
  }
  if (op.refresh) insert(context, *op.refresh);
  if (op.told_by) note_client(context, grant.session_id, grant.client_id, *op.told_by);
  return begun;
}

UseRefresh::Outcome apply_to(ApplyContext& context, const UseRefresh& op) {
  using Result = UseRefresh::Outcome::Result;
  UseRefresh::Outcome out;
  context.sql.lock(lock_refresh, {op.presented.grant_id});
  const auto found =
      context.sql.first(read_refresh_view, {op.presented.grant_id}, refresh_view_row);
  if (!found) return out;
  const GrantView* view = &found->grant;
  const RefreshRow* row = &found->row;
  out.grant_id = row->grant_id;
  // Security corpus 4.4 step 2: no state change, else a log line could log people out.
  if (view->grant.client_id != op.client_id) {
    out.result = Result::wrong_client;
    return out;
  }
  out.liveness = judge_liveness(*view, op.now);
  if (out.liveness != Liveness::live) {
    out.result = Result::not_live;
    return out;
  }
  out.verdict = judge_refresh(*row, op.presented, op.policy, op.now);
  out.result = Result::refused;
  if (out.verdict == RefreshVerdict::current) {
    spend(context, op, *row);
    out.result = Result::accepted;
    out.turned_suspect = op.rotation == RefreshRotation::on && turns_suspect(*row);
  } else if (out.verdict == RefreshVerdict::replay_in_grace) {
    context.sql.run(count_replay, {row->grant_id, row->generation, op.spender});
    // An access token is issued anew: the row must outlive it.
    context.sql.run(keep_grant, {row->grant_id, kept_after(context, op.now)});
    out.sealed_successor = row->sealed_successor;
    out.result = Result::accepted;
  } else if (out.verdict == RefreshVerdict::reuse) {
    revoke(context, row->grant_id, "reuse", op.now);
  }
  return out;
}

MarkToken::Outcome apply_to(ApplyContext& context, const MarkToken& op) {
  context.sql.run(mark_token, {op.token_id, op.expires_at});
  return MarkToken::Outcome::marked;
}

RevokeGrant::Outcome apply_to(ApplyContext& context, const RevokeGrant& op) {
  if (revoke(context, op.grant_id, op.reason, context.now) == 1) {
    return RevokeGrant::Outcome::revoked;
  }
  return context.sql.exists(grant_is_present, {op.grant_id}) ? RevokeGrant::Outcome::revoked
                                                             : RevokeGrant::Outcome::absent;
}

UseOnce::Outcome apply_to(ApplyContext& context, const UseOnce& op) {
  const auto changed =
      context.sql.change(use_once, {Cell::bytes(op.digest), op.expires_at, op.now});
  return changed == 1 ? UseOnce::Outcome::first : UseOnce::Outcome::replayed;
}

}  // namespace cardea::store::sql::detail
