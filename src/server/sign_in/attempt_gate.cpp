// One attempt at a time; see attempt_gate.h.
#include "server/sign_in/attempt_gate.h"

namespace cardea {
namespace {

// A person with a nervous finger stays below; a flood is told to come back.
constexpr std::size_t line_max = 8;

}  // namespace

Task<std::optional<AttemptGate::Turn>> AttemptGate::enter(std::string key) {
  Delivery<Unit> my_turn;
  bool waits = false;
  {
    const std::lock_guard lock(mutex_);
    const auto [at, is_free] = lines_.try_emplace(key);
    if (!is_free) {
      if (at->second.size() >= line_max) co_return std::nullopt;
      at->second.push_back(my_turn.sink());
      waits = true;
    }
  }
  if (waits) co_await my_turn;
  co_return Turn(this, std::move(key));
}

void AttemptGate::leave(const std::string& key) {
  std::optional<Delivery<Unit>::Sink> next;
  {
    const std::lock_guard lock(mutex_);
    const auto at = lines_.find(key);
    ensure(at != lines_.end());
    if (at->second.empty()) {
      lines_.erase(at);
      return;
    }
    next = std::move(at->second.front());
    at->second.pop_front();
  }
  next->deliver(Unit{});
}

}  // namespace cardea
