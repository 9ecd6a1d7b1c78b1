// The keys of operations; see together.h.
#include "store/postgres/together.h"

namespace cardea::store::postgres {
namespace {

using Keys = std::vector<std::string_view>;
using MaybeKeys = std::optional<Keys>;

// What is not named below runs alone.
template <class Op>
MaybeKeys keys(const Op&) {
  return std::nullopt;
}

// Inserts of rows that nobody knows yet, and sums: the database orders them.
MaybeKeys keys(const PutInteraction&) {
  return Keys{};
}
MaybeKeys keys(const ParkSealed&) {
  return Keys{};
}
MaybeKeys keys(const PutPolledRequest&) {
  return Keys{};
}
MaybeKeys keys(const MarkToken&) {
  return Keys{};
}
MaybeKeys keys(const AddToCounters&) {
  return Keys{};
}
MaybeKeys keys(const ClearCounters&) {
  return Keys{};
}

MaybeKeys keys(const BeginGrant& op) {
  return Keys{op.grant.grant_id.value()};
}
MaybeKeys keys(const UseRefresh& op) {
  return Keys{op.presented.grant_id.value()};
}
MaybeKeys keys(const RevokeGrant& op) {
  return Keys{op.grant_id.value()};
}
MaybeKeys keys(const UseOnce& op) {
  return Keys{op.digest.value()};
}
MaybeKeys keys(const StepInteraction& op) {
  return Keys{op.step.handle.value()};
}
MaybeKeys keys(const NotePoll& op) {
  return Keys{op.request_id.value()};
}
MaybeKeys keys(const TouchSession& op) {
  return Keys{op.session_id.value()};
}
MaybeKeys keys(const NoteSessionClient& op) {
  return Keys{op.session_id.value()};
}
MaybeKeys keys(const KeepRehashed& op) {
  return Keys{op.user_id.value()};
}
MaybeKeys keys(const Approve& op) {
  return Keys{op.interaction.handle.value(), op.consent.user_id.value()};
}
MaybeKeys keys(const SignIn& op) {
  Keys out{op.session.user_id.value(), op.session.session_id.value()};
  if (op.interaction) out.push_back(op.interaction->handle.value());
  return out;
}

}  // namespace

MaybeKeys keys_of(const Operation& operation) {
  return std::visit([](const auto& op) { return keys(op); }, operation);
}

}  // namespace cardea::store::postgres
