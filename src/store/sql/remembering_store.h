// A store that reads a person, or a token that is live, once until that changes; when it did, the
// engine says by Memory::forget(). That there is none, or what ended a token, is read each time.
#pragma once

#include <memory>
#include <utility>

#include "store/sql/kept_reads.h"
#include "store/sql/reading_store.h"

namespace cardea::store::sql {

// Engine::memory() gives the engine's Memory, Engine::now() the time that a remembered session
// must last beyond.
template <class Engine>
class RememberingStore : public ReadingStore<Engine> {
 public:
  Pending<std::shared_ptr<const User>> find_user(UserId user_id) override {
    auto& kept = engine().memory().users;
    auto look = kept.look(user_id.value());
    if (look.found) co_return std::move(look.found);
    auto read = co_await ReadingStore<Engine>::find_user(user_id);
    if (read && *read) kept.keep(user_id.value(), *read, look.version);
    co_return read;
  }

  // A token belongs to one grant, so its identifier says all that was asked.
  Pending<std::shared_ptr<const GrantView>> find_grant(GrantId grant_id,
                                                       TokenId token_id) override {
    if (token_id.empty()) {
      co_return co_await ReadingStore<Engine>::find_grant(grant_id, token_id);
    }
    auto& kept = engine().memory().grants;
    auto look = kept.look(token_id.value());
    if (look.found && look.found->grant.grant_id == grant_id && is_live(*look.found)) {
      co_return std::move(look.found);
    }
    auto read = co_await ReadingStore<Engine>::find_grant(grant_id, token_id);
    if (read && *read && is_live(**read)) kept.keep(token_id.value(), *read, look.version);
    co_return read;
  }

 private:
  Engine& engine() { return static_cast<Engine&>(*this); }
  bool is_live(const GrantView& view) {
    return judge_liveness(view, engine().now()) == Liveness::live;
  }
};

}  // namespace cardea::store::sql
