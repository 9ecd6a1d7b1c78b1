// Sealed values that travel or lie in a row; see carried.h.
#include "server/seals/carried.h"

#include <utility>

namespace cardea {
namespace {

// First byte of a sealed body. A parked body is never accepted from outside.
enum class Body : char { carried = 1, pointer = 2, parked = 3 };

bool is(Body kind, std::string_view body) {
  return !body.empty() && body.front() == static_cast<char>(kind);
}

std::string write_pointer(const ParkedId& value_id) {
  FactWriter pointer;
  pointer.number(static_cast<std::uint64_t>(Body::pointer));
  pointer.identifier(value_id.value());
  return pointer.take();
}

std::optional<ParkedId> read_pointer(std::string_view body) {
  FactReader pointer(body);
  pointer.number();
  ParkedId value_id(pointer.identifier());
  if (!pointer.complete()) return std::nullopt;
  return value_id;
}

}  // namespace

FactWriter begin_carried() {
  FactWriter body;
  body.number(static_cast<std::uint64_t>(Body::carried));
  return body;
}

Task<store::Answer<std::optional<std::string>>> carry(const Deps& deps, ToCarry what) {
  using Carried = std::optional<std::string>;
  ensure(is(Body::carried, what.body));
  auto text = deps.seals.seal(what.purpose, what.body, deps.random);
  if (text.size() <= what.bytes_max) co_return Carried(std::move(text));
  what.body.front() = static_cast<char>(Body::parked);
  store::ParkSealed park{.value_id = what.value_id,
                         .sealed = deps.seals.seal(what.purpose, what.body, deps.random),
                         .expires_at = what.keep_until,
                         .source = std::move(what.source),
                         .open_max = what.open_max,
                         .now = what.now};
  auto pointer = deps.seals.seal(what.purpose, write_pointer(what.value_id), deps.random);
  const auto parked = co_await deps.store.perform(std::move(park));
  if (!parked) co_return refuse(parked.error());
  if (*parked == store::ParkSealed::Outcome::quota_exceeded) co_return Carried();
  co_return Carried(std::move(pointer));
}

Task<store::Answer<std::optional<std::string>>> open_carried(const Deps& deps, SealPurpose purpose,
                                                             std::string_view text) {
  using Opened = std::optional<std::string>;
  auto body = deps.seals.open(purpose, text);
  if (!body) co_return Opened();
  if (is(Body::carried, *body)) {
    body->erase(0, 1);
    co_return body;
  }
  if (!is(Body::pointer, *body)) co_return Opened();
  const auto value_id = read_pointer(*body);
  if (!value_id) co_return Opened();
  const auto sealed = co_await deps.store.find_parked(*value_id);
  if (!sealed) co_return refuse(sealed.error());
  if (!*sealed) co_return Opened();
  auto parked = deps.seals.open(purpose, **sealed);
  if (!parked || !is(Body::parked, *parked)) co_return Opened();
  parked->erase(0, 1);
  co_return parked;
}

}  // namespace cardea
