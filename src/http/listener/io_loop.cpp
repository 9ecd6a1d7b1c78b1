// Turning connections; see io_loop.h.
#include "http/listener/io_loop.h"

#include <sched.h>
#include <sys/epoll.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <iterator>
#include <optional>
#include <span>
#include <system_error>
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

int new_watch() {
  const int made = ::epoll_create1(EPOLL_CLOEXEC);
  if (made < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return made;
}

constexpr std::int64_t hold_max_ns = 2'000'000;

}  // namespace

class IoLoop::AtWork {
 public:
  explicit AtWork(IoLoop& loop) : loop_(loop) { loop_.begin_work(); }
  ~AtWork() { loop_.end_work(); }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

 private:
  IoLoop& loop_;
};

IoLoop::IoLoop(Service& service)
    : service_(service),
      context_(1),
      work_(asio::make_work_guard(context_)),
      sweep_timer_(context_),
      drain_timer_(context_),
      changes_(context_, new_watch()) {
  await_changes();
}

IoLoop::~IoLoop() = default;

// Only the first piece wakes the loop: a batch of outcomes from the store costs one wake-up.
void IoLoop::post(std::move_only_function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;
  }
  begin_work();
  asio::post(context_, [this] { run_posted(); });
}

void IoLoop::run_posted() {
  const AtWork at_work(*this);
  end_work();  // post() began it
  {
    const std::lock_guard lock(posted_mutex_);
    running_.swap(posted_);
  }
  const auto hold = pieces_to_hold(running_.size());
  run_pieces(running_, running_.size() - hold);
  if (hold > 0) {
    if (held_.empty()) hold_until_ns_ = monotonic_ns() + hold_max_ns;
    std::ranges::move(running_, std::back_inserter(held_));
  }
  running_.clear();
}

void IoLoop::begin_work() {
  auto* occupancy = service_.options.occupancy;
  if (occupancy != nullptr && at_work_.fetch_add(1) == 0) occupancy->busy();
}

void IoLoop::end_work() {
  auto* occupancy = service_.options.occupancy;
  if (occupancy != nullptr && at_work_.fetch_sub(1) == 1) occupancy->idle();
}

// The first `count`; takes them away. A piece that throws takes only itself along.
void IoLoop::run_pieces(std::vector<std::move_only_function<void()>>& pieces, std::size_t count) {
  if (count == 0) return;
  const auto began = monotonic_ns();
  for (auto& work : std::span(pieces).first(count)) {
    try {
      work();
    } catch (const std::exception& thrown) {
      service_.log.error("http.loop_failed", {{"reason", thrown.what()}});
    }
  }
  const auto each = (monotonic_ns() - began) / static_cast<std::int64_t>(count);
  piece_ns_ += (each - piece_ns_) / 8;
  pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(count));
}

// Of a group of outcomes the last few wait until their fellows' next requests have been carried as
// far as the store: then that begins its next commit, and these few are done while the disk is
// waited for, when otherwise nothing would be. So many as fill that time, if that is at most an
// eighth of them: with quick pieces it would be most of the group.
std::size_t IoLoop::pieces_to_hold(std::size_t given) const {
  const auto* occupancy = service_.options.occupancy;
  if (occupancy == nullptr || piece_ns_ <= 0 || occupancy->wait_ns() <= 0) return 0;
  const auto fill = static_cast<std::size_t>((occupancy->wait_ns() + piece_ns_ - 1) / piece_ns_);
  return fill * 8 <= given ? fill : 0;
}

void IoLoop::watch(int socket, Connection& connection) {
  set_watch(EPOLL_CTL_ADD, socket, connection);
}

void IoLoop::watch_again(int socket, Connection& connection) {
  set_watch(EPOLL_CTL_MOD, socket, connection);
}

void IoLoop::set_watch(int operation, int socket, Connection& connection) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    .data = {.ptr = &connection}};
  if (::epoll_ctl(changes_.native_handle(), operation, socket, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

// Closing alone would not end it while a child between fork and exec has the socket too.
void IoLoop::unwatch(int socket) {
  ::epoll_ctl(changes_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
}

void IoLoop::await_changes() {
  changes_.async_wait(asio::posix::descriptor_base::wait_read,
                      [this](const boost::system::error_code& error) {
                        if (error) return;
                        tell_changes();
                        if (!done_) await_changes();
                      });
}

// What does not fit keeps the set readable, and comes with the next turn.
void IoLoop::tell_changes() {
  std::array<epoll_event, 64> events;
  const int count = ::epoll_wait(changes_.native_handle(), events.data(), events.size(), 0);
  std::optional<AtWork> at_work;  // a lone request's commit waits for nobody
  if (count > 1) at_work.emplace(*this);
  telling_ = true;
  for (const epoll_event& event : std::span(events).first(std::max(count, 0))) {
    const bool hung_up = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    static_cast<Connection*>(event.data.ptr)
        ->heed({.readable = hung_up || (event.events & EPOLLIN) != 0,
                .writable = hung_up || (event.events & EPOLLOUT) != 0,
                .hung_up = hung_up});
  }
  telling_ = false;
  leaving_.clear();
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
  if (telling_) leaving_.push_back(std::move(connections_.back()));
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
  const auto now = now_ms();
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
  done_ = true;
  drain_timer_.cancel();
  sweep_timer_.cancel();
  changes_.cancel();
  work_.reset();
}

// All that is ready, then what was held back, then waiting for more. What ends the wait still
// counts as idle when it is one socket's change; under load there is no wait.
void IoLoop::turn() {
  while (!context_.stopped() || !held_.empty()) {
    {
      const AtWork at_work(*this);
      while (context_.poll_one() > 0 && (held_.empty() || monotonic_ns() < hold_until_ns_)) {
        forget_time();
      }
    }
    if (held_.empty()) {
      context_.run_one();
      forget_time();
      continue;
    }
    ::sched_yield();  // on one core the store's writer begins first
    forget_time();
    run_pieces(held_, held_.size());
    forget_time();
  }
}

std::int64_t IoLoop::now_ms() {
  if (now_ms_ == 0) now_ms_ = monotonic_ms();
  return now_ms_;
}

std::string_view IoLoop::date() {
  if (date_now_.empty()) date_now_ = date_.at(service_.clock.now());
  return date_now_;
}

void IoLoop::forget_time() {
  now_ms_ = 0;
  date_now_ = {};
}

void IoLoop::run() {
  for (;;) {
    try {
      forget_time();
      turn();
      return;
    } catch (const std::exception& thrown) {
      service_.log.error("http.loop_failed", {{"reason", thrown.what()}});
    }
  }
}

}  // namespace cardea::http
