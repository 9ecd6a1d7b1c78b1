// Operations on requests that a client polls for. RFC 8628, CIBA Core 1.0; the rules of time are
// those of domain/polled_request.h, taken on the row as it is inside the transaction.
#include "base/ascii.h"
#include "store/sql/apply.h"
#include "store/sql/locks.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {
namespace {

std::int64_t counted(ApplyContext& context, const Statement& statement, Cells cells) {
  return context.sql.first(statement, cells, [](const Row& row) { return row.integer(0); })
      .value_or(0);
}

bool is_over_quota(ApplyContext& context, const PutPolledRequest& op) {
  const PolledRequest& it = op.request;
  if (counted(context, count_requests_of_client, {it.client_id, op.now}) >= op.per_client_max) {
    return true;
  }
  if (op.per_address_max &&
      counted(context, count_requests_of_source, {op.source, op.now}) >= *op.per_address_max) {
    return true;
  }
  const NoticeLane pings{it.client_id, ClientNotice::Kind::ping};
  if (!op.sealed_ping.empty() &&
      waiting_notices(context, pings, op.per_client_max) >= op.per_client_max) {
    return true;
  }
  return op.per_user_max && it.asked_user &&
         counted(context, count_requests_asking, {*it.asked_user, op.now}) >= *op.per_user_max;
}

std::optional<PolledRequest> find(ApplyContext& context, const GrantId& request_id) {
  context.sql.lock(lock_polled_request, {request_id});
  return context.sql.first(read_polled_request, {request_id}, polled_request_row);
}

// Approvals count for nothing when the person changed since the session began.
bool is_unchanged(ApplyContext& context, const Session& session) {
  return context.sql.exists(user_is_unchanged, {session.user_id, session.security_version});
}

}  // namespace

PutPolledRequest::Outcome apply_to(ApplyContext& context, const PutPolledRequest& op) {
  using enum PutPolledRequest::Outcome;
  if (is_over_quota(context, op)) return quota_exceeded;
  const PolledRequest& it = op.request;
  const Cell user_code = it.user_code ? Cell::bytes(*it.user_code) : Cell(std::nullopt);
  const auto text = write_resources(it.resources);
  const Cell resources = text.empty() ? Cell(std::nullopt) : Cell(text);
  const auto inserted = context.sql.change(
      insert_polled_request,
      {it.request_id, word_of(it.kind), it.client_id, user_code, ascii::join(it.scopes, " "),
       resources, it.binding_message, it.address, it.interval.count, it.created_at, it.expires_at,
       it.asked_user, op.source});
  if (inserted != 1) return user_code_taken;
  if (!op.sealed_ping.empty()) put_ping(context, it, op.sealed_ping);
  return stored;
}

NotePoll::Outcome apply_to(ApplyContext& context, const NotePoll& op) {
  using enum NotePoll::Outcome;
  const auto request = find(context, op.request_id);
  if (!request || !is_answerable(*request, op.now)) return not_pending;
  const bool is_too_soon = polls_too_soon(*request, op.now);
  context.sql.run(note_poll, {op.request_id, op.now, is_too_soon ? slow_down_step.count : 0});
  return is_too_soon ? too_soon : noted;
}

AnswerPolledRequest::Outcome apply_to(ApplyContext& context, const AnswerPolledRequest& op) {
  using enum AnswerPolledRequest::Outcome;
  using State = PolledRequest::State;
  const auto request = find(context, op.request_id);
  if (!request || !is_answerable(*request, op.now)) return not_pending;
  if (request->asked_user && *request->asked_user != op.user_id) return not_pending;
  if (op.interaction && !is_open(context, *op.interaction, op.now)) return interaction_not_open;
  if (op.approval && !is_unchanged(context, op.approval->session)) return user_changed;
  if (op.interaction && !take_step(context, *op.interaction, op.now)) return interaction_not_open;
  make_ping_due(context, op.request_id, op.now);
  if (!op.approval) {
    if (op.interaction) forget_unsigned(context, *op.interaction);
    context.sql.run(answer_polled_request, {op.request_id, word_of(State::denied), std::nullopt, 0,
                                            "", "", Instant{}, "", ""});
    return answered;
  }
  const Session& session = op.approval->session;
  const auto consent_id = record_consent(context, op.approval->consent, op.now);
  context.sql.run(
      answer_polled_request,
      {op.request_id, word_of(State::approved), session.user_id, session.security_version,
       session.session_id, consent_id, session.authentication.auth_time, session.authentication.acr,
       ascii::join(session.authentication.amr, " ")});
  return answered;
}

}  // namespace cardea::store::sql::detail
