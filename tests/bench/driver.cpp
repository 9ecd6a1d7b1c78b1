// The bench driver: takes a plan (JSON) on standard input, keeps some connections busy for some
// seconds, prints one line of JSON. Closed loop: each connection starts its next operation when the
// last is done. Open loop ("rate" given): operations fall due at a constant rate whatever the
// server does, and latency counts from the moment an operation was due, so that a stall is seen by
// all that should have happened in it.
#include <sys/epoll.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "bench/meter.h"
#include "bench/wire.h"
#include "bench/workload.h"

namespace cardea::bench {
namespace {

struct Plan {
  json::Object all;
  int port = 0;
  std::size_t connections = 0;
  std::int64_t duration_ns = 0;
  std::int64_t operations_max = 0;  // 0: as many as the time allows
  double rate = 0;                  // operations a second; 0: closed loop
  pid_t pid = 0;
  bool tls = false;
};

std::int64_t number(const json::Object& plan, std::string_view name) {
  return json::integer_member(plan, name).value_or(0);
}

Plan read_plan(std::istream& in) {
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto parsed = json::parse_object(text);
  if (!parsed) {
    std::fputs("the plan is not a JSON object\n", stderr);
    std::exit(2);
  }
  Plan plan{.all = *std::move(parsed)};
  plan.port = static_cast<int>(number(plan.all, "port"));
  plan.connections = static_cast<std::size_t>(number(plan.all, "connections"));
  plan.duration_ns = number(plan.all, "milliseconds") * 1'000'000;
  plan.operations_max = number(plan.all, "operations");
  plan.rate = static_cast<double>(number(plan.all, "rate"));
  plan.pid = static_cast<pid_t>(number(plan.all, "pid"));
  plan.tls = json::bool_member(plan.all, "tls").value_or(false);
  return plan;
}

class Run {
 public:
  explicit Run(const Plan& plan)
      : plan_(plan),
        workload_(make_workload(plan.all)),
        server_(plan.pid),
        epoll_(epoll_create1(0)) {
    if (workload_ == nullptr) {
      std::fputs("the plan names no workload\n", stderr);
      std::exit(2);
    }
    if (plan.tls) {
      const auto text = [&](std::string_view name) {
        return json::string_member(plan.all, name).value_or("");
      };
      tls_ = std::make_unique<TlsClient>(text("host"), text("certificate"), text("key"));
    }
    for (std::size_t at = 0; at < plan.connections; ++at) {
      wires_.push_back(std::make_unique<Wire>(plan.port, tls_.get()));
      epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.u64 = at}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, wires_.back()->descriptor(), &event);
    }
    due_.resize(plan.connections, 0);
  }

  void go() {
    began_ = now_ns();
    const auto cpu_before = server_.read();
    const auto own_before = own_cpu();
    for (std::size_t at = 0; at < wires_.size(); ++at) idle_.push_back(at);
    epoll_event events[64];
    while (busy_ > 0 || may_start()) {
      start_what_is_due();
      if (busy_ == 0 && !may_start()) break;
      const int count = epoll_wait(epoll_, events, 64, wait_ms());
      for (int i = 0; i < count; ++i) advance(events[i].data.u64);
    }
    ended_ = now_ns();
    server_cpu_ns_ = server_.read() - cpu_before;
    own_cpu_ns_ = own_cpu() - own_before;
  }

  json::Object report() {
    const auto done = static_cast<double>(latencies_.count());
    const auto seconds = static_cast<double>(ended_ - began_) / 1e9;
    return {{"operations", static_cast<std::int64_t>(latencies_.count())},
            {"failed", failed_},
            {"seconds", seconds},
            {"rate", done / seconds},
            {"p50_ms", latencies_.percentile(0.5)},
            {"p99_ms", latencies_.percentile(0.99)},
            {"p999_ms", latencies_.percentile(0.999)},
            {"usual_p50_ms", over_time_.usual_percentile(0.5)},
            {"usual_p99_ms", over_time_.usual_percentile(0.99)},
            {"max_ms", latencies_.percentile(1)},
            {"server_cpu_us", done == 0 ? 0 : static_cast<double>(server_cpu_ns_) / 1e3 / done},
            {"driver_cpu_us", done == 0 ? 0 : static_cast<double>(own_cpu_ns_) / 1e3 / done}};
  }
  bool clean() const { return failed_ == 0 && latencies_.count() > 0; }

 private:
  static std::int64_t own_cpu() { return CpuClock(getpid()).read(); }

  // The time is not over and the workload has more.
  bool may_start() const {
    if (exhausted_ || now_ns() - began_ >= plan_.duration_ns) return false;
    return plan_.operations_max == 0 || started_ < plan_.operations_max;
  }
  std::int64_t due_at(std::int64_t operation) const {
    return began_ + static_cast<std::int64_t>(static_cast<double>(operation) * 1e9 / plan_.rate);
  }
  // A closed loop polls and never sleeps: to wake a sleeping core costs the one who sends several
  // microseconds on a virtual machine, and it would be the server that is measured who pays them,
  // the more the slower its answer is.
  int wait_ms() const {
    if (plan_.rate == 0) return 0;
    if (!may_start()) return 1000;
    return due_at(started_) > now_ns() + 1'000'000 ? 1 : 0;
  }

  void start_what_is_due() {
    while (!idle_.empty() && may_start()) {
      const auto now = now_ns();
      const auto due = plan_.rate == 0 ? now : due_at(started_);
      if (due > now) return;
      const auto at = idle_.front();
      auto request = workload_->next(at);
      if (request.empty()) {
        exhausted_ = true;
        return;
      }
      idle_.pop_front();
      due_[at] = due;
      ++started_;
      ++busy_;
      wires_[at]->send(request);
    }
  }

  void advance(std::size_t at) {
    auto& wire = *wires_[at];
    wire.flush();
    const auto seen = wire.receive();
    if (seen == Wire::Seen::more) return;
    if (seen == Wire::Seen::closed) {
      std::fputs("the server closed a connection\n", stderr);
      std::exit(2);
    }
    const auto taken = workload_->take(at, wire.reply());
    if (taken == Workload::Taken::more) {
      wire.send(workload_->next(at));
      return;
    }
    if (taken == Workload::Taken::done) {
      const auto latency = now_ns() - due_[at];
      latencies_.add(latency);
      over_time_.add(due_[at] - began_, latency);
    }
    if (taken == Workload::Taken::failed && ++failed_ > 3) std::exit(2);
    --busy_;
    idle_.push_back(at);
  }

  const Plan& plan_;
  std::unique_ptr<Workload> workload_;
  CpuClock server_;
  int epoll_;
  std::unique_ptr<TlsClient> tls_;
  std::vector<std::unique_ptr<Wire>> wires_;
  std::vector<std::int64_t> due_;
  std::deque<std::size_t> idle_;
  Latencies latencies_;
  LatenciesOverTime over_time_;
  std::int64_t failed_ = 0;
  std::int64_t started_ = 0;
  std::int64_t busy_ = 0;
  bool exhausted_ = false;
  std::int64_t began_ = 0;
  std::int64_t ended_ = 0;
  std::int64_t server_cpu_ns_ = 0;
  std::int64_t own_cpu_ns_ = 0;
};

}  // namespace
}  // namespace cardea::bench

int main() {
  using namespace cardea;
  const auto plan = bench::read_plan(std::cin);
  bench::Run run(plan);
  run.go();
  std::puts(json::write(run.report()).c_str());
  return run.clean() ? 0 : 1;
}
