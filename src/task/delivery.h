// Delivery<T>: one value handed from any thread to one awaiting coroutine, which continues on its
// own executor. The producer keeps a Sink; a client that went away never cancels what was queued
// (decision E2).
#pragma once

#include <coroutine>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/result.h"
#include "task/executor.h"

namespace cardea {

template <class T>
class Delivery {
  struct State {
    std::mutex mutex;
    std::optional<T> value;
    std::coroutine_handle<> waiting;
    Executor* executor = nullptr;
  };

 public:
  // The producer's end. deliver() is called once, from any thread.
  class Sink {
   public:
    void deliver(T value) const {
      std::coroutine_handle<> waiting;
      Executor* executor = nullptr;
      {
        const std::lock_guard lock(state_->mutex);
        ensure(!state_->value.has_value());
        state_->value.emplace(std::move(value));
        waiting = state_->waiting;
        executor = state_->executor;
      }
      if (waiting) executor->post([waiting] { waiting.resume(); });
    }

   private:
    friend Delivery;
    explicit Sink(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
  };

  Delivery() : state_(std::make_shared<State>()) {}
  Sink sink() const { return Sink(state_); }

  bool await_ready() const { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> waiting) {
    const std::lock_guard lock(state_->mutex);
    if (state_->value) return false;
    state_->waiting = waiting;
    state_->executor = waiting.promise().executor;
    ensure(state_->executor != nullptr);
    return true;
  }
  T await_resume() {
    const std::lock_guard lock(state_->mutex);
    return std::move(*state_->value);
  }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace cardea
