// Bounded removal of expired rows; see sweep.h.
#include "store/sql/sweep.h"

#include <algorithm>
#include <array>

#include "store/sql/statements.h"

namespace cardea::store::sql {
namespace {

// $1 is the end of what may go, $2 the most rows.
constexpr Statement sweep_interactions{
    "DELETE FROM interactions WHERE handle IN (SELECT handle FROM interactions"
    " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};
constexpr Statement sweep_sessions{
    "DELETE FROM sessions WHERE session_id IN (SELECT session_id FROM sessions"
    " WHERE ends_at < $1 ORDER BY ends_at LIMIT $2)"};
constexpr Statement sweep_session_clients{
    "DELETE FROM session_clients WHERE (session_id, client_id) IN (SELECT session_id, client_id"
    " FROM session_clients WHERE ends_at < $1 ORDER BY ends_at LIMIT $2)"};
constexpr Statement sweep_notices{
    "DELETE FROM client_notices WHERE notice_id IN (SELECT notice_id FROM client_notices"
    " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};
constexpr Statement sweep_notice_lanes{
    "DELETE FROM notice_lanes WHERE (client_id, kind) IN (SELECT client_id, kind FROM notice_lanes"
    " WHERE taken_until < $1 ORDER BY taken_until LIMIT $2)"};
constexpr Statement sweep_parked{
    "DELETE FROM parked_values WHERE value_id IN (SELECT value_id FROM parked_values"
    " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};
constexpr Statement sweep_revoked_tokens{
    "DELETE FROM revoked_tokens WHERE token_id IN (SELECT token_id FROM revoked_tokens"
    " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};
constexpr Statement sweep_once_values{
    "DELETE FROM once_values WHERE digest IN (SELECT digest FROM once_values"
    " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};
constexpr Statement sweep_password_links{
    "DELETE FROM password_links WHERE digest IN (SELECT digest FROM password_links"
    " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};
constexpr Statement sweep_initial_tokens{
    "DELETE FROM initial_access_tokens WHERE digest IN (SELECT digest FROM initial_access_tokens"
    " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};
constexpr Statement sweep_counters{
    "DELETE FROM failure_counters WHERE counter_key IN (SELECT counter_key FROM failure_counters"
    " WHERE window_end < $1 ORDER BY window_end LIMIT $2)"};
constexpr Statement sweep_polled_requests{
    "DELETE FROM polled_requests WHERE request_id IN (SELECT request_id FROM polled_requests"
    " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};
constexpr Statement sweep_grants{
    "DELETE FROM grants WHERE grant_id IN (SELECT grant_id FROM grants"
    " WHERE keep_until < $1 ORDER BY keep_until LIMIT $2) RETURNING code_expires_at"};

constexpr std::array<const Statement*, 12> plain_sweeps{
    &sweep_interactions, &sweep_sessions,        &sweep_parked,         &sweep_revoked_tokens,
    &sweep_once_values,  &sweep_password_links,  &sweep_counters,       &sweep_session_clients,
    &sweep_notices,      &sweep_polled_requests, &sweep_initial_tokens, &sweep_notice_lanes};
constexpr std::size_t turns = plain_sweeps.size() + 1;  // and the grants

// An operation adds at most one row that expires by itself to one table (a refresh row goes with
// its grant), so this removes faster than rows can come.
constexpr std::int64_t credit_of_operation = 2 * static_cast<std::int64_t>(turns);
constexpr std::int64_t credit_max = 4096;
constexpr std::int64_t rows_at_once_max = 256;
// Two batches between which the clocks drift apart by more than this saw a jump.
constexpr std::int64_t jump_ms = 60'000;

std::int64_t sweep_grant_rows(Connection& sql, Instant before, std::int64_t rows_max) {
  Instant newest{};
  std::int64_t removed = 0;
  sql.each(sweep_grants, {before, rows_max}, [&](const Row& row) {
    newest = std::max(newest, row.instant(0));
    ++removed;
  });
  // A code that expired before the boundary is refused whatever the clock says.
  if (removed > 0) sql.run(raise_swept_before, {Instant{newest.unix_ms + 1}});
  return removed;
}

}  // namespace

bool Sweeper::is_held(const Moment& at) {
  const std::int64_t offset = at.now.unix_ms - at.monotonic_ms;
  if (offset_ms_ && offset - *offset_ms_ > jump_ms) {
    held_until_ms_ = at.monotonic_ms + hold_.count * 1000;
  }
  offset_ms_ = offset;
  return at.monotonic_ms < held_until_ms_;
}

std::int64_t Sweeper::sweep(Connection& sql, const Moment& at, std::size_t operations) {
  if (is_held(at)) return 0;
  credit_ =
      std::min(credit_max, credit_ + credit_of_operation * static_cast<std::int64_t>(operations));
  const std::int64_t rows_max = std::clamp<std::int64_t>(credit_, 0, rows_at_once_max);
  const Instant before = at.now - sweep_margin;
  const std::size_t turn = turn_++ % turns;
  const std::int64_t removed = turn < plain_sweeps.size()
                                   ? sql.change(*plain_sweeps[turn], {before, rows_max})
                                   : sweep_grant_rows(sql, before, rows_max);
  credit_ -= removed;
  return removed;
}

}  // namespace cardea::store::sql
