// One I/O context with its thread: the executor of the requests it carries, its connections, and
// the sweep that ends those past their deadline. Everything but post(), adopt() and drain() runs on
// the loop's own thread (E3).
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/listener/descriptor.h"
#include "http/listener/response_writer.h"
#include "http/listener/service.h"
#include "http/listener/tls_context.h"
#include "task/executor.h"

namespace cardea::http {

class Connection;

// What became of a socket; a peer that is gone makes it readable too.
struct SocketChange {
  bool readable = false;
  bool writable = false;
  bool hung_up = false;  // the peer sends no more, or the connection broke
};

// A connection as the acceptor hands it over.
struct Arrival {
  Descriptor socket;
  Peer peer;
  Admission::Counting counting = Admission::Counting::by_address;
  std::shared_ptr<const TlsContext> tls;  // null: plain
};

class IoLoop final : public Executor {
 public:
  explicit IoLoop(Service& service);
  ~IoLoop() override;

  // Thread-safe.
  void post(std::move_only_function<void()> work) override;
  void adopt(Arrival arrival);
  void drain();
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }

  // Runs until drained. No exception ends it.
  void run();

  boost::asio::io_context& context() { return context_; }
  Service& service() { return service_; }
  bool draining() const { return draining_; }
  // As of the piece of work that the loop is at, which looks at each clock once for all connections
  // that it carries on.
  std::int64_t now_ms();  // monotonic_ms()
  std::string_view date();
  // Room for one read; its content is gone with the next.
  std::array<char, 16 * 1024>& scratch() { return scratch_; }
  // Room in which a connection puts together what it writes at one go; the last one's bytes may be
  // there still.
  std::string& outgoing() { return outgoing_; }
  void forget(const Connection& connection);
  // Tells the connection each change of its socket, once (edge-triggered), until unwatch(). Throws
  // std::system_error when the kernel has no room.
  void watch(int socket, Connection& connection);
  // Tells also what was told already and still is so. Throws as watch() does.
  void watch_again(int socket, Connection& connection);
  void unwatch(int socket);

 private:
  void turn();
  void forget_time();
  class AtWork;
  // Around what the loop has to do. What it is given counts from then on, until it is done.
  void begin_work();
  void end_work();
  void run_posted();
  void run_pieces(std::vector<std::move_only_function<void()>>& pieces, std::size_t count);
  std::size_t pieces_to_hold(std::size_t given) const;
  void set_watch(int operation, int socket, Connection& connection);
  void await_changes();
  void tell_changes();
  void begin(Arrival arrival);
  void arm_sweep();
  void sweep();
  void end_drain();
  void stop_when_done();

  Service& service_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer sweep_timer_;
  boost::asio::steady_timer drain_timer_;
  // All sockets in one set of the kernel, which the context waits for as one descriptor: a system
  // call a turn, where asio's own wait takes one for each socket and request.
  boost::asio::posix::stream_descriptor changes_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Connection>> leaving_;  // kept while changes are told
  std::mutex posted_mutex_;
  std::vector<std::move_only_function<void()>> posted_;
  std::vector<std::move_only_function<void()>> running_;  // of the loop's thread
  // Pieces held back until there is nothing else to do: see pieces_to_hold().
  std::vector<std::move_only_function<void()>> held_;
  std::int64_t hold_until_ns_ = 0;
  std::int64_t piece_ns_ = 0;     // what a piece takes, about
  std::atomic<int> at_work_ = 0;  // reasons to count as busy
  std::atomic<std::size_t> load_ = 0;
  std::int64_t now_ms_ = 0;    // 0: not asked yet
  std::string_view date_now_;  // "": not asked yet
  DateLine date_;
  bool sweeping_ = false;
  bool draining_ = false;
  bool telling_ = false;  // tell_changes() is on the stack
  bool done_ = false;
  std::array<char, 16 * 1024> scratch_{};
  std::string outgoing_;
};

}  // namespace cardea::http
