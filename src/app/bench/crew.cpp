// Threads of the driver; see crew.h.
#include "app/bench/crew.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/time.h"

namespace cardea::app::bench {

Result<std::unique_ptr<Crew>, std::string> Crew::gather(
    Workload workload, const Provider& provider, const std::vector<Material>& materials,
    std::size_t threads, Reach reach, std::shared_ptr<const http::TlsClient> tls) {
  auto crew = std::make_unique<Crew>();
  for (std::size_t thread = 0; thread < threads; ++thread) {
    auto member = std::make_unique<Member>(reach);
    std::vector<std::unique_ptr<Operation>> operations;
    for (std::size_t lane = thread; lane < materials.size(); lane += threads) {
      auto made = make_operation(workload, provider, materials[lane], member->addresses);
      if (!made) return refuse(made.error());
      operations.push_back(*std::move(made));
    }
    member->driver = std::make_unique<Driver>(std::move(operations), tls);
    crew->members_.push_back(std::move(member));
  }
  return crew;
}

LoadResult Crew::run(const LoadPlan& plan, const ShowMoment& show) {
  LoadPlan share = plan;
  if (plan.rate) share.rate = *plan.rate / static_cast<double>(members_.size());
  LoadProgress progress;
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t running = members_.size();
  std::vector<std::thread> threads;
  for (auto& member : members_) {
    threads.emplace_back([&, member = member.get()] {
      member->result = member->driver->run(share, progress);
      const std::lock_guard lock(mutex);
      --running;
      ended.notify_one();
    });
  }
  const auto began = monotonic_ns();
  Moment last;
  std::unique_lock lock(mutex);
  while (!ended.wait_for(lock, std::chrono::seconds(1), [&] { return running == 0; })) {
    Moment now{.seconds = static_cast<double>(monotonic_ns() - began) / 1e9,
               .done = progress.done.load(std::memory_order_relaxed),
               .failed = progress.failed.load(std::memory_order_relaxed)};
    now.rate = static_cast<double>(now.done - last.done) / (now.seconds - last.seconds);
    show(now);
    last = now;
  }
  lock.unlock();
  for (auto& thread : threads) thread.join();
  LoadResult total;
  for (const auto& member : members_) total.add(member->result);
  return total;
}

}  // namespace cardea::app::bench
