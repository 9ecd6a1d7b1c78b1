// Whether the threads that carry requests all have work. Who does something that is cheaper for
// many at once (the store's writer: one flush serves a whole group) may then wait a moment for
// more, and must not while a thread is idle: nothing else would be done in that time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

namespace cardea {

// Thread-safe.
class Occupancy {
 public:
  // A loop says when it begins to work and when it has nothing left; it counts from its first
  // busy() on.
  void busy() { busy_.fetch_add(1); }
  void idle() {
    busy_.fetch_sub(1);
    if (!awaited_.load()) return;
    const std::lock_guard lock(mutex_);
    if (wake_) wake_();
  }
  // How long somebody waits for a device, about, once the loops have let it begin; of that waiting
  // a loop may make use. Nanoseconds; 0: not known.
  void set_wait_ns(std::int64_t wait) { wait_ns_.store(wait, std::memory_order_relaxed); }
  std::int64_t wait_ns() const { return wait_ns_.load(std::memory_order_relaxed); }

  // How many loops there are, said before they run. 0: never saturated.
  void set_loops(int count) { loops_.store(count); }

  bool is_saturated() const {
    const int loops = loops_.load();
    return loops > 0 && busy_.load() >= loops;
  }
  // `wake` is called on a loop's thread when that becomes idle while it is awaited. The empty
  // function takes it away; the former one is not running when this returns.
  void on_idle(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  // To be said before is_saturated() is asked: then either that sees the idle loop, or the loop
  // sees this and wakes.
  void await_idle(bool awaited) { awaited_.store(awaited); }

 private:
  std::atomic<int> loops_ = 0;
  std::atomic<int> busy_ = 0;
  std::atomic<bool> awaited_ = false;
  std::atomic<std::int64_t> wait_ns_ = 0;
  std::mutex mutex_;
  std::function<void()> wake_;
};

}  // namespace cardea
