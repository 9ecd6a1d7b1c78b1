// Operations on what clients are told (domain/client_notice.h). OIDC Back-Channel Logout 1.0 2.3,
// CIBA Core 10.2.
#include "store/sql/apply.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {

int waiting_notices(ApplyContext& context, const NoticeLane& lane, int count_max) {
  const auto waiting =
      context.sql.first(count_notices, {lane.client_id, word_of(lane.kind), count_max},
                        [](const Row& row) { return row.integer(0); });
  return static_cast<int>(waiting.value_or(0));
}

void put_ping(ApplyContext& context, const PolledRequest& request, const std::string& sealed) {
  context.sql.run(insert_ping,
                  {notice_id_of(request.request_id), request.client_id, request.created_at,
                   request.expires_at, request.expires_at + ping_lifetime, sealed});
}

void make_ping_due(ApplyContext& context, const GrantId& request_id, Instant now) {
  context.sql.run(make_notice_due, {notice_id_of(request_id), now});
}

TakeNoticeLane::Outcome apply_to(ApplyContext& context, const TakeNoticeLane& op) {
  const auto changed = context.sql.change(
      take_notice_lane, {op.lane.client_id, word_of(op.lane.kind), op.taker, op.now, op.until});
  return changed == 1 ? TakeNoticeLane::Outcome::taken : TakeNoticeLane::Outcome::elsewhere;
}

LeaveNoticeLane::Outcome apply_to(ApplyContext& context, const LeaveNoticeLane& op) {
  const auto changed =
      context.sql.change(leave_notice_lane, {op.lane.client_id, word_of(op.lane.kind), op.taker});
  return changed == 1 ? LeaveNoticeLane::Outcome::left : LeaveNoticeLane::Outcome::not_held;
}

EndNotice::Outcome apply_to(ApplyContext& context, const EndNotice& op) {
  return context.sql.change(delete_notice, {op.notice_id}) == 1 ? EndNotice::Outcome::ended
                                                                : EndNotice::Outcome::absent;
}

DeferNotices::Outcome apply_to(ApplyContext& context, const DeferNotices& op) {
  const auto kind = word_of(op.lane.kind);
  context.sql.run(count_notice_attempt, {op.tried});
  const auto given_up = context.sql.change(
      delete_hopeless_notices, {op.lane.client_id, kind, notice_attempts_max, op.until});
  context.sql.run(defer_notices, {op.lane.client_id, kind, op.until});
  return {.given_up = static_cast<int>(given_up)};
}

}  // namespace cardea::store::sql::detail
