// Operations on people and their approvals. What ends something issued earlier revokes it
// in the same transaction (security corpus 4.4, "Ends"); grant rows stay (decision Q7).
#include <algorithm>
#include <set>

#include "crypto/hash.h"
#include "store/sql/apply.h"
#include "store/sql/locks.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {
namespace {

// The new version, or nothing when the guard refused.
std::optional<std::int64_t> set_password(ApplyContext& context, const UserId& user_id,
                                         std::int64_t version, const PasswordHash& hash) {
  return context.sql.first(update_password, {user_id, version, hash.reveal()},
                           [](const Row& row) { return row.integer(0); });
}

void upsert(ApplyContext& context, const UserRecord& user, std::int64_t version) {
  context.sql.run(upsert_user,
                  {user.user_id, user.login, user.password_hash.reveal(), user.claims.text(),
                   user.enabled, version, word_of(user.owner.by), user.owner.place,
                   Cell::bytes(user.owner.configured_digest), user.created_at});
}

}  // namespace

void end_everything(ApplyContext& context, const UserId& user_id, std::string_view reason,
                    const std::optional<SessionId>& keep, std::int64_t version) {
  tell_clients_of_user(context, user_id, keep);
  context.sql.run(delete_sessions_of_user_but, {user_id, keep.value_or(SessionId{})});
  if (keep) context.sql.run(move_session_to_version, {*keep, user_id, version});
  context.sql.run(revoke_grants_of_user, {user_id, reason, kept_after(context, context.now)});
  context.sql.run(delete_links_of_user, {user_id});
}

WithdrawConsent::Outcome apply_to(ApplyContext& context, const WithdrawConsent& op) {
  const auto removed = context.sql.change(delete_consent, {op.user_id, op.client_id});
  const auto revoked = context.sql.change(
      revoke_grants_of_user_and_client,
      {op.user_id, op.client_id, "consent_withdrawn", kept_after(context, context.now)});
  return removed + revoked > 0 ? WithdrawConsent::Outcome::withdrawn
                               : WithdrawConsent::Outcome::absent;
}

ChangePassword::Outcome apply_to(ApplyContext& context, const ChangePassword& op) {
  const auto version = set_password(context, op.user_id, op.security_version, op.password_hash);
  if (!version) return ChangePassword::Outcome::user_changed;
  // RFC 9700 4.14.2 and corpus 9700-10: refresh tokens end with the password.
  end_everything(context, op.user_id, "password_changed", op.keep, *version);
  return ChangePassword::Outcome::changed;
}

PutPasswordLink::Outcome apply_to(ApplyContext& context, const PutPasswordLink& op) {
  if (!context.sql.exists(user_is_present, {op.user_id})) {
    return PutPasswordLink::Outcome::user_absent;
  }
  context.sql.run(insert_link, {Cell::bytes(op.digest), op.user_id, op.expires_at});
  return PutPasswordLink::Outcome::stored;
}

UsePasswordLink::Outcome apply_to(ApplyContext& context, const UsePasswordLink& op) {
  const auto user = context.sql.first(
      read_usable_link, {Cell::bytes(op.digest), op.now},
      [](const Row& row) { return std::pair(UserId(row.text(0)), row.integer(1)); });
  if (!user) return UsePasswordLink::Outcome::not_usable;
  const auto version = set_password(context, user->first, user->second, op.password_hash);
  if (!version) return UsePasswordLink::Outcome::not_usable;
  // Removes this link too, and every other one that was sent out.
  end_everything(context, user->first, "password_changed", std::nullopt, *version);
  return UsePasswordLink::Outcome::changed;
}

PutUser::Outcome apply_to(ApplyContext& context, const PutUser& op) {
  const UserRecord& user = op.user;
  context.sql.lock(lock_user, {user.user_id});
  const auto before = context.sql.first(read_user_record, {user.user_id}, user_record_row);
  if (before && op.expect == Expect::absent) return PutUser::Outcome::already_there;
  if (!before && op.expect == Expect::present) return PutUser::Outcome::absent;
  if (context.sql.exists(user_of_other_id_with_login, {user.login, user.user_id})) {
    return PutUser::Outcome::login_taken;
  }
  if (!before) {
    upsert(context, user, std::max<std::int64_t>(user.security_version, 1));
    return PutUser::Outcome::stored;
  }
  const bool disabled = before->enabled && !user.enabled;
  const bool new_password =
      !crypto::constant_time_equal(before->password_hash.reveal(), user.password_hash.reveal());
  const bool ends = disabled || new_password;
  const std::int64_t version = before->security_version + (ends ? 1 : 0);
  upsert(context, user, version);
  if (ends) {
    end_everything(context, user.user_id, disabled ? "user_disabled" : "password_changed",
                   std::nullopt, version);
  }
  return PutUser::Outcome::stored;
}

RemoveUser::Outcome apply_to(ApplyContext& context, const RemoveUser& op) {
  context.sql.lock(lock_user, {op.user_id});
  tell_clients_of_user(context, op.user_id, std::nullopt);
  // Sessions and links go with the row.
  if (context.sql.change(delete_user, {op.user_id}) == 0) return RemoveUser::Outcome::absent;
  context.sql.run(delete_consents_of_user, {op.user_id});
  context.sql.run(revoke_grants_of_user,
                  {op.user_id, "user_removed", kept_after(context, context.now)});
  return RemoveUser::Outcome::removed;
}

}  // namespace cardea::store::sql::detail
