// Turning connections; see io_loop.h.
#include "http/listener/io_loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "http/listener/connection.h"

namespace cardea::http {
namespace {

namespace asio = boost::asio;

// Deadlines are looked at this often: eight times within the shortest, but not in a busy loop.
std::chrono::milliseconds sweep_interval(const ListenerOptions& options) {
  const auto shortest = std::min({options.header_deadline.count, options.body_deadline.count,
                                  options.write_deadline.count, options.idle_deadline.count,
                                  options.linger_deadline.count});
  return std::chrono::milliseconds(std::clamp<std::int64_t>(shortest / 8, 5, 250));
}

class AtWork {
 public:
  explicit AtWork(Occupancy* occupancy) : occupancy_(occupancy) {
    if (occupancy_ != nullptr) occupancy_->busy();
  }
  ~AtWork() {
    if (occupancy_ != nullptr) occupancy_->idle();
  }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

 private:
  Occupancy* occupancy_;
};

}  // namespace

IoLoop::IoLoop(Service& service)
    : service_(service),
      context_(1),
      work_(asio::make_work_guard(context_)),
      sweep_timer_(context_),
      drain_timer_(context_) {}

IoLoop::~IoLoop() = default;

// Only the first piece wakes the loop: a batch of outcomes from the store costs one wake-up.
void IoLoop::post(std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;
  }
  asio::post(context_, [this] { run_posted(); });
}

void IoLoop::run_posted() {
  {
    const std::lock_guard lock(posted_mutex_);
    running_.swap(posted_);
  }
  // A piece that throws takes only itself along.
  for (auto& work : running_) {
    try {
      work();
    } catch (const std::exception& thrown) {
      service_.log.error("http.loop_failed", {{"reason", thrown.what()}});
    }
  }
  running_.clear();
}

void IoLoop::adopt(Arrival arrival) {
  load_.fetch_add(1, std::memory_order_relaxed);
  asio::post(context_,
             [this, arrival = std::move(arrival)]() mutable { begin(std::move(arrival)); });
}

void IoLoop::begin(Arrival arrival) {
  const auto peer = arrival.peer;
  const auto counting = arrival.counting;
  std::shared_ptr<Connection> connection;
  try {
    connection = std::make_shared<Connection>(*this, std::move(arrival));
  } catch (const std::exception& thrown) {  // the kernel has no room to watch another socket
    service_.log.error("http.connection_failed", {{"reason", thrown.what()}});
    service_.admission.leave(peer, counting);
    load_.fetch_sub(1, std::memory_order_relaxed);
    return stop_when_done();
  }
  connection->index = connections_.size();
  connections_.push_back(connection);
  arm_sweep();
  connection->run();
}

void IoLoop::forget(const Connection& connection) {
  const auto at = connection.index;
  std::swap(connections_[at], connections_.back());
  connections_[at]->index = at;
  connections_.pop_back();
  load_.fetch_sub(1, std::memory_order_relaxed);
  stop_when_done();
}

void IoLoop::arm_sweep() {
  if (std::exchange(sweeping_, true)) return;
  sweep_timer_.expires_after(sweep_interval(service_.options));
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    sweeping_ = false;
    if (!error) sweep();
  });
}

void IoLoop::sweep() {
  const auto now = monotonic_ms();
  // Backwards: a connection that closes is replaced by one that was looked at already.
  for (std::size_t at = connections_.size(); at-- > 0;) {
    const auto connection = connections_[at];
    connection->expire(now);
  }
  if (!connections_.empty()) arm_sweep();
}

void IoLoop::drain() {
  asio::post(context_, [this] {
    if (std::exchange(draining_, true)) return;
    drain_timer_.expires_after(std::chrono::milliseconds(service_.options.drain_deadline.count));
    drain_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) end_drain();
    });
    for (std::size_t at = connections_.size(); at-- > 0;) {
      const auto connection = connections_[at];
      connection->drain();
    }
    stop_when_done();
  });
}

void IoLoop::end_drain() {
  if (!connections_.empty()) {
    service_.log.warning("http.drain_cut_short",
                         {{"connections", static_cast<std::int64_t>(connections_.size())}});
  }
  while (!connections_.empty()) {
    const auto connection = connections_.back();
    connection->close();
  }
  stop_when_done();
}

void IoLoop::stop_when_done() {
  if (!draining_ || load() > 0) return;
  drain_timer_.cancel();
  sweep_timer_.cancel();
  work_.reset();
}

// All that is ready, then waiting for more. The handler that ends the wait still counts as idle;
// under load there is no wait.
void IoLoop::turn() {
  while (!context_.stopped()) {
    {
      const AtWork at_work(service_.options.occupancy);
      context_.poll();
    }
    context_.run_one();
  }
}

void IoLoop::run() {
  for (;;) {
    try {
      turn();
      return;
    } catch (const std::exception& thrown) {
      service_.log.error("http.loop_failed", {{"reason", thrown.what()}});
    }
  }
}

}  // namespace cardea::http
