// Operations of the browser flow: interactions, sign-in, approval, sessions. Decision Q6: an
// interaction ends by one guarded write.
#include <algorithm>

#include "base/ascii.h"
#include "store/sql/apply.h"
#include "store/sql/locks.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {
namespace {

constexpr Seconds touch_interval = minutes(5);

Cell digest_of(const std::optional<OneTime>& once) {
  return once ? Cell::bytes(once->digest) : Cell(std::nullopt);
}

// The columns of a first factor; null where there is none. Views of what it is made of.
struct FirstFactorCells {
  Cell user = std::nullopt;
  Cell version = std::nullopt;
  Cell at = std::nullopt;
  explicit FirstFactorCells(const std::optional<FirstFactor>& first) {
    if (!first) return;
    user = first->user_id;
    version = first->security_version;
    at = first->proven_at;
  }
};

void insert(ApplyContext& context, const SessionRecord& session) {
  context.sql.run(
      insert_session,
      {session.session_id, Cell::bytes(session.handle), session.user_id, session.security_version,
       session.authentication.auth_time, session.authentication.acr,
       ascii::join(session.authentication.amr, " "), session.created_at, session.last_seen,
       session.absolute_end, session.idle_lifetime.count, end_of(session), session.user_agent,
       session.address});
}

// A renewed session keeps its id, so one that ended meanwhile must not come back by it.
bool is_alive(ApplyContext& context, const SessionRecord& session) {
  context.sql.lock(lock_session, {session.session_id});
  return context.sql.exists(session_of_user_is_present, {session.session_id, session.user_id});
}

void widen(std::vector<std::string>& words, const std::vector<std::string>& more) {
  for (const std::string& each : more) {
    if (std::ranges::find(words, each) == words.end()) words.push_back(each);
  }
}

}  // namespace

bool is_open(ApplyContext& context, const InteractionStep& step, Instant now) {
  return context.sql.exists(interaction_is_open, {Cell::bytes(step.handle), now});
}

bool take_step(ApplyContext& context, const InteractionStep& step, Instant now) {
  const auto state =
      step.after == AfterStep::finished ? Interaction::State::finished : Interaction::State::open;
  const FirstFactorCells first(step.first_factor);
  const bool taken = context.sql.change(step_interaction,
                                        {Cell::bytes(step.handle), word_of(state), step.session_id,
                                         step.authenticated_here, step.account_selected, now,
                                         first.user, first.version, first.at, step.factor_failures,
                                         step.enrolment_declined, Cell::bytes("")}) == 1;
  if (taken && state == Interaction::State::finished) {
    context.sql.run(forget_completed_before, {Cell::bytes(step.handle), now});
    context.sql.run(complete_interaction, {Cell::bytes(step.handle)});
  }
  return taken;
}

void forget_unsigned(ApplyContext& context, const InteractionStep& step) {
  if (step.session_id) return;
  context.sql.run(forget_unsigned_interaction, {Cell::bytes(step.handle)});
}

ConsentId record_consent(ApplyContext& context, const Consent& asked, Instant now) {
  context.sql.lock(lock_consent, {asked.user_id, asked.client_id});
  auto row = context.sql.first(read_consent, {asked.user_id, asked.client_id}, consent_row);
  if (!row) {
    context.sql.run(
        insert_consent,
        {asked.consent_id, asked.user_id, asked.client_id, ascii::join(asked.scopes, " "),
         ascii::join(asked.approvals, " "), asked.created_at, asked.updated_at});
    return asked.consent_id;
  }
  widen(row->scopes, asked.scopes);
  widen(row->approvals, asked.approvals);
  context.sql.run(widen_consent, {row->consent_id, ascii::join(row->scopes, " "),
                                  ascii::join(row->approvals, " "), now, row->user_id});
  return row->consent_id;
}

PutInteraction::Outcome apply_to(ApplyContext& context, const PutInteraction& op) {
  // Corpus 6819-01: parked requests of one source are bounded.
  const Interaction& it = op.interaction;
  const auto open = context.sql.first(count_open_interactions, {it.address, op.now},
                                      [](const Row& row) { return row.integer(0); });
  if (open.value_or(0) >= op.open_max) return PutInteraction::Outcome::quota_exceeded;
  const FirstFactorCells first(it.first_factor);
  context.sql.run(
      insert_interaction,
      {Cell::bytes(it.handle), Cell::bytes(it.binding), word_of(it.kind), word_of(it.state),
       Cell::bytes(it.sealed_request), it.session_id, it.authenticated_here, it.account_selected,
       it.created_at, it.expires_at, it.address, digest_of(it.completes),
       it.completes ? Cell(it.completes->until) : Cell(std::nullopt), first.user, first.version,
       first.at});
  return PutInteraction::Outcome::stored;
}

StepInteraction::Outcome apply_to(ApplyContext& context, const StepInteraction& op) {
  if (!take_step(context, op.step, op.now)) return StepInteraction::Outcome::not_open;
  if (op.step.after == AfterStep::finished) forget_unsigned(context, op.step);
  return StepInteraction::Outcome::stepped;
}

SignIn::Outcome apply_to(ApplyContext& context, const SignIn& op) {
  const SessionRecord& session = op.session;
  if (op.factor) context.sql.lock(lock_second_factor, {op.factor->user_id});
  if (!context.sql.exists(user_is_unchanged, {session.user_id, session.security_version})) {
    return SignIn::Outcome::user_changed;
  }
  if (op.interaction && !is_open(context, *op.interaction, op.now)) {
    return SignIn::Outcome::interaction_not_open;
  }
  if (!op.factor && context.sql.exists(second_factor_is_present, {session.user_id})) {
    return SignIn::Outcome::user_changed;
  }
  if (op.factor && (op.factor->user_id != session.user_id || !is_usable(context, *op.factor))) {
    return SignIn::Outcome::factor_used;
  }
  if (op.replaces && *op.replaces == session.session_id && !is_alive(context, session)) {
    return SignIn::Outcome::user_changed;
  }
  // Somebody else's step may have come first.
  if (op.interaction && !take_step(context, *op.interaction, op.now)) {
    return SignIn::Outcome::interaction_not_open;
  }
  if (op.replaces) {
    context.sql.run(delete_session_of_user, {*op.replaces, session.user_id});
    context.sql.run(extend_session_clients, {session.session_id, session.absolute_end});
  }
  if (op.factor) use_up(context, *op.factor);
  insert(context, session);
  if (op.rehashed) {
    context.sql.run(update_rehashed,
                    {session.user_id, session.security_version, op.rehashed->reveal()});
  }
  return SignIn::Outcome::signed_in;
}

KeepRehashed::Outcome apply_to(ApplyContext& context, const KeepRehashed& op) {
  context.sql.run(update_rehashed, {op.user_id, op.security_version, op.rehashed.reveal()});
  return KeepRehashed::Outcome::kept;
}

Approve::Outcome apply_to(ApplyContext& context, const Approve& op) {
  using Result = Approve::Outcome::Result;
  const Consent& asked = op.consent;
  // A person removed meanwhile approves nothing.
  if (!context.sql.exists(user_is_present, {asked.user_id}) ||
      !take_step(context, op.interaction, op.now)) {
    return {.result = Result::interaction_not_open, .consent_id = {}};
  }
  return {.result = Result::approved, .consent_id = record_consent(context, asked, op.now)};
}

EndSessions::Outcome apply_to(ApplyContext& context, const EndSessions& op) {
  std::int64_t ended = 0;
  std::vector<SessionClient> clients;
  for (const SessionId& session_id : op.session_ids) {
    for (auto& told : tell_clients(context, session_id, op.user_id)) {
      clients.push_back(std::move(told));
    }
    ended += op.user_id ? context.sql.change(delete_session_of_user, {session_id, *op.user_id})
                        : context.sql.change(delete_session, {session_id});
  }
  return {.ended = static_cast<int>(ended), .clients = std::move(clients)};
}

EndAllSessions::Outcome apply_to(ApplyContext& context, const EndAllSessions& op) {
  const SessionId keep = op.keep.value_or(SessionId{});
  tell_clients_of_user(context, op.user_id, op.keep);
  const auto ended = context.sql.change(delete_sessions_of_user_but, {op.user_id, keep});
  return {.ended = static_cast<int>(ended)};
}

TouchSession::Outcome apply_to(ApplyContext& context, const TouchSession& op) {
  context.sql.run(touch_session, {op.session_id, op.now, op.now - touch_interval});
  return TouchSession::Outcome::touched;
}

}  // namespace cardea::store::sql::detail
