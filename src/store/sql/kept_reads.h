// What was read of the store, until something it was read from changes: APIs ask about the same
// tokens again and again. Nothing in it is ever older than the store as an engine last saw it
// (decisions 0021, 0022).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "base/recent.h"
#include "store/operations.h"

namespace cardea::store::sql {

// Thread-safe.
template <class Value>
class KeptReads {
 public:
  using Found = std::shared_ptr<const Value>;
  struct Look {
    Found found;  // null when it is not kept
    std::uint64_t version = 0;
  };

  explicit KeptReads(std::size_t max) : recent_(max) {}

  Look look(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    const auto* found = recent_.find(key);
    return {found != nullptr ? *found : nullptr, version_};
  }
  // version: of the look that came before the read. What was read while something changed is not
  // kept.
  void keep(std::string key, Found found, std::uint64_t version) {
    const std::lock_guard lock(mutex_);
    if (version == version_) recent_.keep(std::move(key), std::move(found));
  }
  // Before a change is acknowledged, or before anybody is told that there was one.
  void forget() {
    const std::lock_guard lock(mutex_);
    ++version_;
    recent_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::uint64_t version_ = 0;
  Recent<Found> recent_;
};

// What a store remembers of what makes a token live. Thread-safe.
struct Memory {
  KeptReads<GrantView> grants{limits::kept_grants_max};  // by token
  KeptReads<User> users{limits::kept_users_max};

  void forget() {
    grants.forget();
    users.forget();
  }
};

}  // namespace cardea::store::sql
