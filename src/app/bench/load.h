// The load loop: keeps the lanes of one thread busy for some seconds and counts what came of it.
// A lane is one operation after another over connections of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/bench/arrivals.h"
#include "app/bench/connection.h"
#include "app/bench/latency_histogram.h"
#include "app/bench/operation.h"

namespace cardea::app::bench {

// Whether a thread that has nothing to do sleeps, or asks its sockets again and again: what a
// driver with a core of its own does, for whoever wakes a sleeping core pays some microseconds, and
// that would be the server that is measured.
enum class Waiting { sleeps, polls };

struct LoadPlan {
  std::optional<double> rate;  // operations a second of this thread; nothing: closed loop
  std::int64_t duration_ns = 0;
  Waiting waiting = Waiting::sleeps;
};

struct LoadResult {
  LatencyHistogram latencies;  // of operations that succeeded, and waits of those not started
  std::int64_t done = 0;
  std::int64_t failed = 0;
  // Open loop: fell due and found no free lane until the end. They count with the time they had
  // waited by then, which is less than they would have taken.
  std::int64_t not_started = 0;
  std::map<std::string, std::int64_t> errors;  // how often, by what describe_failure() says
  std::int64_t elapsed_ns = 0;                 // until the last reply
  bool gave_up = false;                        // failures_in_a_row_max

  void add(const LoadResult& other);  // of another thread, at the same time
  static constexpr std::int64_t failures_in_a_row_max = 1000;
};

// Read by the thread that shows progress.
struct LoadProgress {
  std::atomic<std::int64_t> done{0};
  std::atomic<std::int64_t> failed{0};
};

class Driver {
 public:
  // One lane for each operation. tls may be null where no endpoint is https.
  Driver(std::vector<std::unique_ptr<Operation>> operations,
         std::shared_ptr<const http::TlsClient> tls);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // For one thread at a time; connections stay open between runs. A request without reply for
  // 30 seconds failed.
  LoadResult run(const LoadPlan& plan, LoadProgress& progress);

 private:
  struct Link {
    const EndpointAddress* address = nullptr;
    std::unique_ptr<Connection> connection;  // null: none is open
  };
  struct Lane {
    std::unique_ptr<Operation> operation;
    std::vector<Link> links;  // one for each origin it ever asked
    std::size_t asked = 0;    // the link of the request under way
    std::int64_t due_ns = 0;
    std::int64_t sent_ns = 0;
    bool is_busy = false;
  };

  bool may_start(std::int64_t now) const;
  void start_what_is_due();
  void send_next(std::size_t lane);
  std::size_t open_link(std::size_t lane, const EndpointAddress* address);
  void advance(std::size_t lane, std::size_t link);
  void take_reply(std::size_t lane, const Reply& reply);
  void finish(std::size_t lane);
  void fail(std::size_t lane, const std::string& error);
  void fail_stale(std::int64_t now);
  int wait_ms(std::int64_t now) const;
  void count_not_started();

  std::shared_ptr<const http::TlsClient> tls_;
  http::Descriptor epoll_;
  std::vector<Lane> lanes_;
  std::deque<std::size_t> idle_;

  // Of the run under way.
  std::optional<Arrivals> arrivals_;
  Waiting waiting_ = Waiting::sleeps;
  LoadResult result_;
  LoadProgress* progress_ = nullptr;
  std::size_t busy_ = 0;
  std::int64_t failures_in_a_row_ = 0;
};

}  // namespace cardea::app::bench
