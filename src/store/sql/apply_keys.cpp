// Operations on keys, failure counters and the store's own facts. Decisions Q6, Q7, T4.
#include "store/sql/apply.h"
#include "store/sql/locks.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {

ChangeServerKeys::Outcome apply_to(ApplyContext& context, const ChangeServerKeys& op) {
  context.sql.lock(lock_meta, {});
  if (op.if_version) {
    const auto version =
        context.sql.first(read_versions, {}, [](const Row& row) { return row.integer(1); });
    if (version != op.if_version) return ChangeServerKeys::Outcome::changed_meanwhile;
  }
  for (const ServerKey& key : op.put) {
    context.sql.run(upsert_signing_key, {key.kid, name_of(key.algorithm), word_of(key.state),
                                         Cell::bytes(key.sealed_private), key.created_at,
                                         key.activated_at, key.remove_at});
  }
  for (const KeyId& kid : op.remove) context.sql.run(delete_signing_key, {kid});
  context.sql.run(raise_keys_version, {});
  return ChangeServerKeys::Outcome::changed;
}

PutWrappedKey::Outcome apply_to(ApplyContext& context, const PutWrappedKey& op) {
  context.sql.lock(lock_meta, {});
  if (op.only_first && context.sql.exists(purpose_has_key, {op.purpose})) {
    return PutWrappedKey::Outcome::already_there;
  }
  const auto inserted = context.sql.change(
      insert_wrapped_key, {op.purpose, op.key_id, Cell::bytes(op.sealed), op.created_at});
  return inserted == 1 ? PutWrappedKey::Outcome::stored : PutWrappedKey::Outcome::already_there;
}

AddToCounters::Outcome apply_to(ApplyContext& context, const AddToCounters& op) {
  for (const AddToCounters::Addition& each : op.additions) {
    context.sql.run(add_to_counter, {Cell::bytes(each.key), each.by, op.now, op.now + op.window});
  }
  return AddToCounters::Outcome::added;
}

ClearCounters::Outcome apply_to(ApplyContext& context, const ClearCounters& op) {
  for (const ClearCounters::Seen& each : op.seen) {
    context.sql.run(lower_counter, {Cell::bytes(each.key), each.window_start, each.count});
    context.sql.run(delete_spent_counter, {Cell::bytes(each.key)});
  }
  return ClearCounters::Outcome::cleared;
}

PutMeta::Outcome apply_to(ApplyContext& context, const PutMeta& op) {
  context.sql.lock(lock_meta, {});
  bool is_first = true;
  if (op.root_key_check) {
    is_first = context.sql.change(put_root_key_check,
                                  {Cell::bytes(*op.root_key_check), Cell::bytes("")}) == 1;
  }
  if (op.made_by) is_first = context.sql.change(put_made_by, {*op.made_by}) == 1 && is_first;
  return is_first ? PutMeta::Outcome::stored : PutMeta::Outcome::already_there;
}

RenewEpoch::Outcome apply_to(ApplyContext& context, const RenewEpoch& op) {
  context.sql.run(update_epoch, {Cell::bytes(op.epoch)});
  return RenewEpoch::Outcome::renewed;
}

}  // namespace cardea::store::sql::detail
