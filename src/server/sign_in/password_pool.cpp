// argon2id on a small pool of threads; see password_pool.h.
#include "server/sign_in/password_pool.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/cores.h"
#include "task/delivery.h"

namespace cardea {
namespace {

// A PHC string of the right cost that no password has: 16 and 32 zero bytes stand for salt and
// hash. Made without hashing, so that a start costs nothing.
std::string dummy_hash(const crypto::PasswordCost& cost) {
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=1$" + std::string(22, 'A') + "$" +
         std::string(43, 'A');
}

}  // namespace

struct PasswordPool::Impl {
  crypto::PasswordCost cost;
  std::size_t queue_max = 0;
  std::string dummy;
  std::atomic<std::uint64_t> calls{0};
  std::mutex mutex;
  std::condition_variable work_came;
  std::deque<std::move_only_function<void()>> queue;
  bool stopping = false;
  std::vector<std::jthread> threads;

  void run() {
    while (true) {
      std::move_only_function<void()> work;
      {
        std::unique_lock lock(mutex);
        work_came.wait(lock, [this] { return stopping || !queue.empty(); });
        if (queue.empty()) return;  // stopping; what was queued is done first
        work = std::move(queue.front());
        queue.pop_front();
      }
      work();
    }
  }

  bool enqueue(std::move_only_function<void()> work) {
    {
      const std::lock_guard lock(mutex);
      if (queue.size() >= queue_max) return false;
      queue.push_back(std::move(work));
    }
    work_came.notify_one();
    return true;
  }

  PasswordCheck compare(const PasswordHash& stored, const Password& password) {
    ++calls;
    const bool has_hash = crypto::is_password_hash(stored.reveal());
    const bool equal =
        crypto::verify_password(has_hash ? stored.reveal() : dummy, password.reveal());
    PasswordCheck check{.matches = has_hash && equal, .rehashed = {}};
    if (check.matches && crypto::needs_rehash(stored.reveal(), cost)) {
      check.rehashed = make(password);
    }
    return check;
  }

  PasswordHash make(const Password& password) {
    ++calls;
    return PasswordHash(crypto::hash_password(password.reveal(), cost));
  }
};

PasswordPool::PasswordPool(crypto::PasswordCost cost, unsigned threads, std::size_t queue_max)
    : impl_(std::make_unique<Impl>()) {
  impl_->cost = cost;
  impl_->queue_max = queue_max;
  impl_->dummy = dummy_hash(cost);
  if (threads == 0) threads = std::max(2u, usable_cores()) - 1;
  for (unsigned i = 0; i < threads; ++i) {
    impl_->threads.emplace_back([impl = impl_.get()] { impl->run(); });
  }
}

PasswordPool::~PasswordPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->work_came.notify_all();
  impl_->threads.clear();
}

Task<Result<PasswordCheck, PoolRefusal>> PasswordPool::verify(PasswordHash stored,
                                                              Password password) {
  Delivery<PasswordCheck> delivery;
  const bool queued = impl_->enqueue(
      [impl = impl_.get(), sink = delivery.sink(), stored = std::move(stored),
       password = std::move(password)] { sink.deliver(impl->compare(stored, password)); });
  if (!queued) co_return refuse(PoolRefusal::overloaded);
  co_return co_await delivery;
}

Task<Result<PasswordHash, PoolRefusal>> PasswordPool::hash(Password password) {
  Delivery<PasswordHash> delivery;
  const bool queued =
      impl_->enqueue([impl = impl_.get(), sink = delivery.sink(), password = std::move(password)] {
        sink.deliver(impl->make(password));
      });
  if (!queued) co_return refuse(PoolRefusal::overloaded);
  co_return co_await delivery;
}

std::uint64_t PasswordPool::hash_calls() const {
  return impl_->calls.load();
}

}  // namespace cardea
