// Operations on keys, failure counters and the store's own facts. Decisions Q6, Q7, T4.
#include "store/sql/apply.h"
#include "store/sql/rows.h"
#include "store/sql/statements.h"

namespace cardea::store::sql::detail {

ChangeServerKeys::Outcome apply_to(ApplyContext& context, const ChangeServerKeys& op) {
  for (const ServerKey& key : op.put) {
    context.sql.change(upsert_signing_key, {key.kid, name_of(key.algorithm), word_of(key.state),
                                            Cell::bytes(key.sealed_private), key.created_at,
                                            key.activated_at, key.remove_at});
  }
  for (const KeyId& kid : op.remove) context.sql.change(delete_signing_key, {kid});
  return ChangeServerKeys::Outcome::changed;
}

PutWrappedKey::Outcome apply_to(ApplyContext& context, const PutWrappedKey& op) {
  const auto inserted = context.sql.change(
      insert_wrapped_key, {op.purpose, op.key_id, Cell::bytes(op.sealed), op.created_at});
  return inserted == 1 ? PutWrappedKey::Outcome::stored : PutWrappedKey::Outcome::already_there;
}

AddToCounters::Outcome apply_to(ApplyContext& context, const AddToCounters& op) {
  for (const AddToCounters::Addition& each : op.additions) {
    context.sql.change(add_to_counter,
                       {Cell::bytes(each.key), each.by, op.now, op.now + op.window});
  }
  return AddToCounters::Outcome::added;
}

ClearCounters::Outcome apply_to(ApplyContext& context, const ClearCounters& op) {
  for (const CounterDigest& key : op.keys) context.sql.change(delete_counter, {Cell::bytes(key)});
  return ClearCounters::Outcome::cleared;
}

PutMeta::Outcome apply_to(ApplyContext& context, const PutMeta& op) {
  if (op.root_key_check) {
    context.sql.change(update_root_key_check, {Cell::bytes(*op.root_key_check)});
  }
  if (op.made_by) context.sql.change(update_made_by, {*op.made_by});
  return PutMeta::Outcome::stored;
}

RenewEpoch::Outcome apply_to(ApplyContext& context, const RenewEpoch& op) {
  context.sql.change(update_epoch, {Cell::bytes(op.epoch)});
  return RenewEpoch::Outcome::renewed;
}

}  // namespace cardea::store::sql::detail
