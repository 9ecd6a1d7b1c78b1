// What each operation does, as statements inside the transaction (or savepoint) that the engine
// opened. Written over Connection, so that every engine that runs operations one by one shares it.
#pragma once

#include "store/operations.h"
#include "store/sql/connection.h"

namespace cardea::store::sql {

struct ApplyContext {
  Connection& sql;
  Instant now{};  // the store's clock, for operations that bring no time of their own
  // How long a grant row outlives the last token issued under it: the longest lifetime of an access
  // token and a margin (decision Q7).
  Seconds token_retention{};
};

// The outcome means something only when context.sql.failure() is empty afterwards; otherwise the
// engine rolls back. An outcome that refuses has changed nothing, except where operations.h says
// so.
AnyOutcome apply(ApplyContext& context, const Operation& operation);

// One function for each operation; apply() picks.
namespace detail {
PutInteraction::Outcome apply_to(ApplyContext&, const PutInteraction&);
StepInteraction::Outcome apply_to(ApplyContext&, const StepInteraction&);
SignIn::Outcome apply_to(ApplyContext&, const SignIn&);
KeepRehashed::Outcome apply_to(ApplyContext&, const KeepRehashed&);
Approve::Outcome apply_to(ApplyContext&, const Approve&);
ParkSealed::Outcome apply_to(ApplyContext&, const ParkSealed&);
BeginGrant::Outcome apply_to(ApplyContext&, const BeginGrant&);
PutPolledRequest::Outcome apply_to(ApplyContext&, const PutPolledRequest&);
NotePoll::Outcome apply_to(ApplyContext&, const NotePoll&);
AnswerPolledRequest::Outcome apply_to(ApplyContext&, const AnswerPolledRequest&);
UseRefresh::Outcome apply_to(ApplyContext&, const UseRefresh&);
MarkToken::Outcome apply_to(ApplyContext&, const MarkToken&);
RevokeGrant::Outcome apply_to(ApplyContext&, const RevokeGrant&);
UseOnce::Outcome apply_to(ApplyContext&, const UseOnce&);
NoteSessionClient::Outcome apply_to(ApplyContext&, const NoteSessionClient&);
EndSessions::Outcome apply_to(ApplyContext&, const EndSessions&);
EndAllSessions::Outcome apply_to(ApplyContext&, const EndAllSessions&);
TakeNoticeLane::Outcome apply_to(ApplyContext&, const TakeNoticeLane&);
LeaveNoticeLane::Outcome apply_to(ApplyContext&, const LeaveNoticeLane&);
EndNotice::Outcome apply_to(ApplyContext&, const EndNotice&);
DeferNotices::Outcome apply_to(ApplyContext&, const DeferNotices&);
TouchSession::Outcome apply_to(ApplyContext&, const TouchSession&);
WithdrawConsent::Outcome apply_to(ApplyContext&, const WithdrawConsent&);
ChangePassword::Outcome apply_to(ApplyContext&, const ChangePassword&);
PutPasswordLink::Outcome apply_to(ApplyContext&, const PutPasswordLink&);
UsePasswordLink::Outcome apply_to(ApplyContext&, const UsePasswordLink&);
AddFactor::Outcome apply_to(ApplyContext&, const AddFactor&);
RemoveFactor::Outcome apply_to(ApplyContext&, const RemoveFactor&);
ReplaceRecoveryCodes::Outcome apply_to(ApplyContext&, const ReplaceRecoveryCodes&);
PutClient::Outcome apply_to(ApplyContext&, const PutClient&);
RemoveClient::Outcome apply_to(ApplyContext&, const RemoveClient&);
RegisterClient::Outcome apply_to(ApplyContext&, const RegisterClient&);
PutInitialToken::Outcome apply_to(ApplyContext&, const PutInitialToken&);
PutUser::Outcome apply_to(ApplyContext&, const PutUser&);
RemoveUser::Outcome apply_to(ApplyContext&, const RemoveUser&);
ChangeServerKeys::Outcome apply_to(ApplyContext&, const ChangeServerKeys&);
PutWrappedKey::Outcome apply_to(ApplyContext&, const PutWrappedKey&);
AddToCounters::Outcome apply_to(ApplyContext&, const AddToCounters&);
ClearCounters::Outcome apply_to(ApplyContext&, const ClearCounters&);
PutMeta::Outcome apply_to(ApplyContext&, const PutMeta&);
RenewEpoch::Outcome apply_to(ApplyContext&, const RenewEpoch&);

// A client takes part in a live session. False when the session is not there.
bool note_client(ApplyContext&, const SessionId&, const ClientId&, LogoutChannel);
// Before the rows of these sessions go: writes the notices for their clients and forgets who took
// part. Gives the clients.
std::vector<SessionClient> tell_clients(ApplyContext&, const SessionId&,
                                        const std::optional<UserId>&);
std::vector<SessionClient> tell_clients_of_user(ApplyContext&, const UserId&,
                                                const std::optional<SessionId>& keep);
// Forgets what the client took part in and what it was to be told.
void forget_logout_of_client(ApplyContext&, const ClientId&);
// How many notices of the lane wait, counted up to `count_max` (apply_notices.cpp).
int waiting_notices(ApplyContext&, const NoticeLane&, int count_max);
// The notice that the request is answered or over, due then; and making it due at once.
void put_ping(ApplyContext&, const PolledRequest&, const std::string& sealed);
void make_ping_due(ApplyContext&, const GrantId& request_id, Instant now);
// What approvals and interactions have in common (apply_browser.cpp).
bool is_open(ApplyContext& context, const InteractionStep& step, Instant now);
// True when the interaction was open and has taken the step.
bool take_step(ApplyContext& context, const InteractionStep& step, Instant now);
// Inserts the consent, or widens the row that is there; gives the row's id.
// After a step that ended the interaction without anything having been approved: nothing of it is
// left where nobody had signed in, for such rows cost a stranger nothing (corpus 6819-01).
void forget_unsigned(ApplyContext& context, const InteractionStep& step);
ConsentId record_consent(ApplyContext& context, const Consent& asked, Instant now);
// Ends what was issued to a user before their security version rose to `version`.
void end_everything(ApplyContext& context, const UserId& user_id, std::string_view reason,
                    const std::optional<SessionId>& keep, std::int64_t version);
// Whether the step is later than the last one, or the recovery code is the user's and unused; and
// using it up.
bool is_usable(ApplyContext& context, const FactorUse& use);
void use_up(ApplyContext& context, const FactorUse& use);

// How long a grant revoked at `at` must stay.
inline Instant kept_after(const ApplyContext& context, Instant at) {
  return at + context.token_retention;
}
}  // namespace detail

}  // namespace cardea::store::sql
