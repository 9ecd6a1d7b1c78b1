// One thread, one queue; see thread_executor.h.
#include "app/thread_executor.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace cardea::app {

struct ThreadExecutor::Impl {
  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<std::move_only_function<void()>> queue;
  bool stopping = false;
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      arrived.wait(lock, [&] { return stopping || !queue.empty(); });
      if (stopping) return;
      auto work = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
  }
};

ThreadExecutor::ThreadExecutor() : impl_(std::make_unique<Impl>()) {
  impl_->thread = std::thread([this] { impl_->run(); });
}

ThreadExecutor::~ThreadExecutor() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->arrived.notify_all();
  impl_->thread.join();
}

void ThreadExecutor::post(std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->queue.push_back(std::move(work));
  }
  impl_->arrived.notify_all();
}

}  // namespace cardea::app
