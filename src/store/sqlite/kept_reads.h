// What was read of the store, until something it was read from changes: APIs ask about the same
// tokens again and again. Nothing in it is ever older than the store (decision 0021).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/recent.h"

namespace cardea::store::sqlite {

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
  // Before a change is acknowledged.
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

}  // namespace cardea::store::sqlite
