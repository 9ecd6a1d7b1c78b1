// Catching up with other nodes; see freshness.h.
#include "server/registry/freshness.h"

#include <utility>

namespace cardea {

store::Versions Freshness::shown() const {
  const std::lock_guard lock(mutex_);
  return shown_;
}

bool Freshness::is_current(const store::Versions& there) const {
  const auto here = shown();
  return here.clients >= there.clients && here.keys >= there.keys;
}

bool Freshness::begin(Delivery<Unit>& end) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(is_catching_up_, true)) return true;
  waiting_.push_back(end.sink());
  return false;
}

void Freshness::end() {
  std::vector<Delivery<Unit>::Sink> waiting;
  {
    const std::lock_guard lock(mutex_);
    is_catching_up_ = false;
    waiting.swap(waiting_);
  }
  for (const auto& sink : waiting) sink.deliver(Unit{});
}

// What is read now is at least as new as the numbers.
Task<store::Answer<Unit>> Freshness::catch_up(store::Versions there) {
  const auto here = shown();
  if (here.clients < there.clients) {
    const auto clients = co_await registry_.reload();
    if (!clients) co_return refuse(clients.error());
  }
  if (here.keys < there.keys) {
    const auto keys = co_await keys_.show();
    if (!keys) co_return refuse(store::Failure{store::Failure::Kind::unavailable, keys.error()});
  }
  const std::lock_guard lock(mutex_);
  shown_ = there;
  co_return Unit{};
}

Task<store::Answer<Unit>> Freshness::ensure() {
  const auto there = co_await store_.versions();
  if (!there) co_return refuse(there.error());
  while (!is_current(*there)) {
    Delivery<Unit> others_end;
    if (!begin(others_end)) {
      co_await others_end;
      continue;
    }
    const auto caught_up = co_await catch_up(*there);
    end();
    if (!caught_up) co_return refuse(caught_up.error());
  }
  co_return Unit{};
}

}  // namespace cardea
