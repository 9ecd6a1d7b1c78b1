// Operations on second factors: every use is a guarded write (RFC 6238 5.2, asvs-6.5.1), and every
// change of a factor ends what was issued before it (asvs-7.4.3).
#include "store/sql/apply.h"
#include "store/sql/locks.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {
namespace {

std::int64_t raise_version(ApplyContext& context, const UserId& user_id) {
  return context.sql
      .first(raise_security_version, {user_id}, [](const Row& row) { return row.integer(0); })
      .value_or(0);
}

void insert_codes(ApplyContext& context, const UserId& user_id,
                  const std::vector<RecoveryDigest>& codes) {
  for (const RecoveryDigest& code : codes) {
    context.sql.run(insert_recovery_code, {user_id, Cell::bytes(code)});
  }
}

bool is_unchanged(ApplyContext& context, const UserId& user_id, std::int64_t version) {
  context.sql.lock(lock_user, {user_id});
  return context.sql.exists(user_is_unchanged, {user_id, version});
}

}  // namespace

bool is_usable(ApplyContext& context, const FactorUse& use) {
  return use.step > 0 ? context.sql.exists(step_is_unused, {use.user_id, use.step})
                      : context.sql.exists(recovery_code_is_present,
                                           {use.user_id, Cell::bytes(use.recovery_code)});
}

void use_up(ApplyContext& context, const FactorUse& use) {
  if (use.step > 0) {
    context.sql.run(use_step, {use.user_id, use.step});
  } else {
    context.sql.run(use_recovery_code, {use.user_id, Cell::bytes(use.recovery_code)});
  }
}

AddFactor::Outcome apply_to(ApplyContext& context, const AddFactor& op) {
  context.sql.lock(lock_user, {op.factor.user_id});
  const SecondFactor& factor = op.factor;
  if (op.sign_in.session.user_id != factor.user_id) return AddFactor::Outcome::user_changed;
  // The session's sign-in was proven together with the factor, before there was one.
  SignIn sign_in = op.sign_in;
  sign_in.factor.reset();
  const auto signed_in = apply_to(context, sign_in);  // refused where a factor is there already
  if (signed_in == SignIn::Outcome::interaction_not_open) {
    return AddFactor::Outcome::interaction_not_open;
  }
  if (signed_in != SignIn::Outcome::signed_in) return AddFactor::Outcome::user_changed;
  context.sql.run(insert_second_factor,
                  {factor.user_id, Cell::bytes(factor.sealed_secret), factor.last_used_step,
                   factor.recovery_key_id, factor.added_at});
  insert_codes(context, factor.user_id, op.recovery_codes);
  end_everything(context, factor.user_id, "factor_added", sign_in.session.session_id,
                 raise_version(context, factor.user_id));
  return AddFactor::Outcome::added;
}

RemoveFactor::Outcome apply_to(ApplyContext& context, const RemoveFactor& op) {
  if (op.security_version && !is_unchanged(context, op.user_id, *op.security_version)) {
    return RemoveFactor::Outcome::user_changed;
  }
  context.sql.lock(lock_second_factor, {op.user_id});
  if (!context.sql.exists(second_factor_is_present, {op.user_id})) {
    return RemoveFactor::Outcome::absent;
  }
  if (op.factor && (op.factor->user_id != op.user_id || !is_usable(context, *op.factor))) {
    return RemoveFactor::Outcome::factor_used;
  }
  context.sql.run(delete_second_factor, {op.user_id});  // the recovery codes go with it
  end_everything(context, op.user_id, "factor_removed", op.keep,
                 raise_version(context, op.user_id));
  return RemoveFactor::Outcome::removed;
}

ReplaceRecoveryCodes::Outcome apply_to(ApplyContext& context, const ReplaceRecoveryCodes& op) {
  const UserId& user_id = op.factor.user_id;
  if (!is_unchanged(context, user_id, op.security_version)) {
    return ReplaceRecoveryCodes::Outcome::user_changed;
  }
  context.sql.lock(lock_second_factor, {user_id});
  if (!is_usable(context, op.factor)) return ReplaceRecoveryCodes::Outcome::factor_used;
  use_up(context, op.factor);
  context.sql.run(delete_recovery_codes, {user_id});
  context.sql.run(update_recovery_key, {user_id, op.recovery_key_id});
  insert_codes(context, user_id, op.recovery_codes);
  return ReplaceRecoveryCodes::Outcome::replaced;
}

}  // namespace cardea::store::sql::detail
