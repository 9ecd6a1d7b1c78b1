// Task<T>: a lazy coroutine that gives one T to the coroutine that awaits it. Decision E2:
// coroutines appear only where state or the network is touched. A task inherits the executor of
// whoever awaits it, and whatever completes on another thread (Delivery) returns to that executor.
// Rules for writers: no reference into request memory and no thread_local is held across a co_await
// unless the owner outlives the task; parameters of a coroutine are taken by value or outlive it.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include "base/result.h"
#include "task/executor.h"
#include "task/frames.h"

namespace cardea {

namespace task_detail {

struct PromiseBase {
  Executor* executor = nullptr;
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr exception;

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) { free_frame(frame, size); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() { exception = std::current_exception(); }

  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> done) noexcept {
      return done.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
};

}  // namespace task_detail

template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type : task_detail::PromiseBase {
    std::optional<T> value;
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    template <class U>
    void return_value(U&& result) {
      value.emplace(std::forward<U>(result));
    }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  template <class P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> waiting) {
    handle_.promise().executor = waiting.promise().executor;
    handle_.promise().continuation = waiting;
    return handle_;
  }
  T await_resume() {
    auto& promise = handle_.promise();
    if (promise.exception) std::rethrow_exception(promise.exception);
    return std::move(*promise.value);
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace task_detail {

// The root of a chain: starts at once, owns itself.
struct Detached {
  struct promise_type {
    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) { free_frame(frame, size); }

    Executor* executor = nullptr;
    Detached get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }  // spawn() below catches all
  };
  std::coroutine_handle<promise_type> handle;
};

template <class T, class Done, class Failed>
Detached run_detached(Task<T> task, Done done, Failed failed) {
  std::optional<T> value;
  std::exception_ptr exception;
  try {
    value.emplace(co_await std::move(task));
  } catch (...) {
    exception = std::current_exception();
  }
  if (exception) {
    failed(exception);
  } else {
    done(std::move(*value));
  }
}

}  // namespace task_detail

// Starts the task on this thread; later parts run on `executor`, which must outlive it. Exactly one
// of done(T) and failed(std::exception_ptr) is called; neither may throw. Must be called on the
// executor.
template <class T, class Done, class Failed>
void spawn(Executor& executor, Task<T> task, Done done, Failed failed) {
  auto root = task_detail::run_detached(std::move(task), std::move(done), std::move(failed));
  root.handle.promise().executor = &executor;
  root.handle.resume();
}

// Runs a task to its end on this thread. For tests, start-up and the CLI, never inside a request.
template <class T>
T run_blocking(ManualExecutor& executor, Task<T> task) {
  std::optional<T> value;
  std::exception_ptr exception;
  spawn(
      executor, std::move(task), [&](T result) { value.emplace(std::move(result)); },
      [&](std::exception_ptr thrown) { exception = thrown; });
  executor.run_until([&] { return value.has_value() || exception != nullptr; });
  if (exception) std::rethrow_exception(exception);
  return std::move(*value);
}

}  // namespace cardea
