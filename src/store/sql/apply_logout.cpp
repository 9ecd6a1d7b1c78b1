// What every end of a session does for the clients that took part in it. OIDC Back-Channel Logout
// 1.0 2.3.
#include "store/sql/apply.h"
#include "store/sql/locks.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {
namespace {

// Bounded for each client, so that one which is away cannot fill the store.
void write_notice(ApplyContext& context, const SessionClient& told) {
  if (told.channel != LogoutChannel::back) return;
  const NoticeLane lane{told.client_id, ClientNotice::Kind::logout};
  if (waiting_notices(context, lane, notices_per_client_max) >= notices_per_client_max) return;
  context.sql.run(insert_logout_notice,
                  {notice_id_of(told.session_id, told.client_id), told.client_id, told.user_id,
                   told.session_id, context.now, context.now + logout_notice_lifetime});
}

}  // namespace

bool note_client(ApplyContext& context, const SessionId& session_id, const ClientId& client_id,
                 LogoutChannel channel) {
  context.sql.lock(hold_session, {session_id});
  return context.sql.change(insert_session_client, {session_id, client_id, word_of(channel)}) == 1;
}

std::vector<SessionClient> tell_clients(ApplyContext& context, const SessionId& session_id,
                                        const std::optional<UserId>& user_id) {
  context.sql.lock(lock_session, {session_id});
  auto clients = context.sql.all(read_session_clients, {session_id, user_id.value_or(UserId{})},
                                 session_client_row);
  for (const SessionClient& told : clients) write_notice(context, told);
  if (!clients.empty()) context.sql.run(delete_session_clients, {session_id});
  return clients;
}

std::vector<SessionClient> tell_clients_of_user(ApplyContext& context, const UserId& user_id,
                                                const std::optional<SessionId>& keep) {
  const SessionId kept = keep.value_or(SessionId{});
  context.sql.lock(lock_sessions_of_user, {user_id});
  auto clients = context.sql.all(read_session_clients_of_user, {user_id, kept}, session_client_row);
  for (const SessionClient& told : clients) write_notice(context, told);
  if (!clients.empty()) context.sql.run(delete_session_clients_of_user, {user_id, kept});
  return clients;
}

void forget_logout_of_client(ApplyContext& context, const ClientId& client_id) {
  context.sql.run(delete_session_clients_of_client, {client_id});
  context.sql.run(delete_notices_of_client, {client_id});
}

NoteSessionClient::Outcome apply_to(ApplyContext& context, const NoteSessionClient& op) {
  return note_client(context, op.session_id, op.client_id, op.told_by)
             ? NoteSessionClient::Outcome::noted
             : NoteSessionClient::Outcome::session_ended;
}

}  // namespace cardea::store::sql::detail
