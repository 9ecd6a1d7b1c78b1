// The load loop; see load.h.
#include "app/bench/load.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>

#include "base/time.h"

namespace cardea::app::bench {
namespace {

constexpr std::int64_t reply_timeout_ns = 30'000'000'000;
constexpr int idle_wait_ms = 100;

std::uint64_t event_key(std::size_t lane, std::size_t link) {
  return (static_cast<std::uint64_t>(lane) << 16) | link;
}

}  // namespace

void LoadResult::add(const LoadResult& other) {
  latencies.add(other.latencies);
  done += other.done;
  failed += other.failed;
  not_started += other.not_started;
  for (const auto& [error, count] : other.errors) errors[error] += count;
  elapsed_ns = std::max(elapsed_ns, other.elapsed_ns);
  gave_up = gave_up || other.gave_up;
}

Driver::Driver(std::vector<std::unique_ptr<Operation>> operations,
               std::shared_ptr<const http::TlsClient> tls)
    : tls_(std::move(tls)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  for (auto& operation : operations) {
    idle_.push_back(lanes_.size());
    lanes_.push_back({.operation = std::move(operation), .links = {}});
  }
}

Driver::~Driver() = default;

LoadResult Driver::run(const LoadPlan& plan, LoadProgress& progress) {
  const auto began = monotonic_ns();
  arrivals_.emplace(plan.rate, began, began + plan.duration_ns);
  waiting_ = plan.waiting;
  result_ = {};
  progress_ = &progress;
  failures_in_a_row_ = 0;
  std::array<epoll_event, 64> events{};
  auto checked = began;
  for (auto now = began; busy_ > 0 || may_start(now); now = monotonic_ns()) {
    start_what_is_due();
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), wait_ms(now));
    for (int i = 0; i < count; ++i) {
      const auto key = events[static_cast<std::size_t>(i)].data.u64;
      advance(key >> 16, key & 0xffff);
    }
    if (now - checked > 100'000'000) fail_stale(checked = now);
  }
  result_.elapsed_ns = monotonic_ns() - began;
  if (!result_.gave_up) count_not_started();
  return std::move(result_);
}

bool Driver::may_start(std::int64_t now) const {
  return !result_.gave_up && arrivals_->may_start(now);
}

void Driver::start_what_is_due() {
  for (auto now = monotonic_ns(); !idle_.empty() && may_start(now); now = monotonic_ns()) {
    if (arrivals_->due(now) > now) return;
    const auto lane = idle_.front();
    idle_.pop_front();
    ++busy_;
    lanes_[lane].is_busy = true;
    lanes_[lane].due_ns = arrivals_->take(now);
    send_next(lane);
  }
}

void Driver::send_next(std::size_t at) {
  auto& lane = lanes_[at];
  const auto request = lane.operation->next();
  lane.asked = open_link(at, request.to);
  lane.sent_ns = monotonic_ns();
  lane.links[lane.asked].connection->send(request.text);
}

// The link to that address, with a connection that can be used.
std::size_t Driver::open_link(std::size_t at, const EndpointAddress* address) {
  auto& links = lanes_[at].links;
  const auto found = std::ranges::find(links, address, &Link::address);
  const auto index = static_cast<std::size_t>(found - links.begin());
  if (found == links.end()) links.push_back({.address = address, .connection = nullptr});
  auto& link = links[index];
  if (link.connection == nullptr || !link.connection->is_usable()) {
    link.connection.reset();  // closes the old socket first
    link.connection = std::make_unique<Connection>(*address, tls_);
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                      .data = {.u64 = event_key(at, index)}};
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, link.connection->socket(), &event);
  }
  return index;
}

void Driver::advance(std::size_t at, std::size_t link) {
  auto& lane = lanes_[at];
  auto& connection = lane.links[link].connection;
  if (connection == nullptr) return;
  const auto seen = connection->advance();
  if (seen == Connection::Seen::more) return;
  const bool is_asked = lane.is_busy && link == lane.asked;
  if (seen == Connection::Seen::reply && is_asked) {
    take_reply(at, connection->reply());
    return;
  }
  const auto detail = connection->detail();
  const auto failure = connection->failure() + (detail.empty() ? "" : " (" + detail + ")");
  connection.reset();
  if (!is_asked) return;  // one that waited for work was closed: no operation's failure
  lane.operation->start_over();
  fail(at, failure);
}

void Driver::take_reply(std::size_t at, const Reply& reply) {
  auto& lane = lanes_[at];
  const auto verdict = lane.operation->take(reply);
  if (verdict.progress == Operation::Progress::more) {
    send_next(at);
  } else if (verdict.progress == Operation::Progress::failed) {
    fail(at, verdict.error);
  } else {
    result_.latencies.add(monotonic_ns() - lane.due_ns);
    ++result_.done;
    progress_->done.fetch_add(1, std::memory_order_relaxed);
    failures_in_a_row_ = 0;
    finish(at);
  }
}

void Driver::finish(std::size_t at) {
  lanes_[at].is_busy = false;
  --busy_;
  idle_.push_back(at);
}

void Driver::fail(std::size_t at, const std::string& error) {
  ++result_.failed;
  ++result_.errors[error];
  progress_->failed.fetch_add(1, std::memory_order_relaxed);
  if (++failures_in_a_row_ >= LoadResult::failures_in_a_row_max) result_.gave_up = true;
  finish(at);
}

void Driver::fail_stale(std::int64_t now) {
  for (std::size_t at = 0; at < lanes_.size(); ++at) {
    auto& lane = lanes_[at];
    if (!lane.is_busy || now - lane.sent_ns < reply_timeout_ns) continue;
    lane.links[lane.asked].connection.reset();
    lane.operation->start_over();
    fail(at, "timeout");
  }
}

// Whole milliseconds; what is left of the way to a due time is polled.
int Driver::wait_ms(std::int64_t now) const {
  if (waiting_ == Waiting::polls) return 0;
  if (idle_.empty() || !may_start(now)) return idle_wait_ms;
  if (!arrivals_->is_open()) return 0;
  const auto left = std::max<std::int64_t>(arrivals_->due(now) - now, 0);
  return static_cast<int>(std::min<std::int64_t>(left / 1'000'000, idle_wait_ms));
}

void Driver::count_not_started() {
  if (!arrivals_->is_open()) return;
  const auto end = monotonic_ns();
  while (arrivals_->due(end) < arrivals_->until_ns()) {
    result_.latencies.add(end - arrivals_->take(end));
    ++result_.not_started;
  }
}

}  // namespace cardea::app::bench
