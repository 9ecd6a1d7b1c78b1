// Which primary came last. PostgreSQL begins a new timeline with every promotion, so of two that
// both take writes (the former one stood still and goes on, or its keeper hangs) the one on the
// lower timeline was replaced: what it says is out of date. Shared by all links of a store.
#pragma once

#include <atomic>
#include <cstdint>

namespace cardea::store::postgres {

class Succession {
 public:
  // False when a newer timeline was seen; otherwise this is the newest from now on. Thread-safe.
  bool admit(std::int64_t timeline) {
    auto newest = newest_.load();
    while (newest < timeline && !newest_.compare_exchange_weak(newest, timeline)) {
    }
    return newest <= timeline;
  }
  std::int64_t newest() const { return newest_.load(); }

 private:
  std::atomic<std::int64_t> newest_ = 0;
};

}  // namespace cardea::store::postgres
