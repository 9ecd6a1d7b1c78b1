// The listener: binds, accepts, hands connections to its loops, drains. See listener.h.
#include "http/listener/listener.h"

#include <sys/socket.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "base/cores.h"
#include "http/listener/io_loop.h"
#include "http/listener/listening_socket.h"
#include "http/listener/response_writer.h"
#include "http/listener/service.h"
#include "http/listener/tls_context.h"

namespace cardea::http {
namespace {

namespace asio = boost::asio;

// Connections taken from one queue before the loop looks at its other work.
constexpr int accepts_per_turn = 64;
constexpr std::chrono::milliseconds accept_pause{100};

// The TLS context that new connections of an endpoint get. Thread-safe.
class CurrentTls {
 public:
  CurrentTls(const Endpoint& endpoint, const Clock* clock)
      : files_(endpoint.tls), client_certificates_(endpoint.client_certificates), clock_(clock) {}

  // A context from the files as they are now; null for a plain endpoint.
  Result<std::shared_ptr<const TlsContext>, std::string> load() const {
    if (!files_) return std::shared_ptr<const TlsContext>();
    return TlsContext::load(*files_, client_certificates_, clock_);
  }
  void use(std::shared_ptr<const TlsContext> context) {
    const std::lock_guard lock(mutex_);
    context_ = std::move(context);
  }
  std::shared_ptr<const TlsContext> get() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }

 private:
  const std::shared_ptr<const TlsFiles> files_;
  const Endpoint::ClientCertificates client_certificates_;
  const Clock* const clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsContext> context_;
};

struct BoundEndpoint {
  BoundEndpoint(ListeningEndpoint bound, const Endpoint& endpoint, const Clock* clock)
      : listening(std::move(bound)), tls(endpoint, clock) {}

  ListeningEndpoint listening;
  CurrentTls tls;
};

// Takes connections from one listening socket, on the first loop's thread.
class Acceptor {
 public:
  using Deliver = std::function<void(Arrival)>;

  Acceptor(IoLoop& loop, int socket, const CurrentTls& tls, Deliver deliver)
      : loop_(loop),
        descriptor_(loop.context(), socket),
        pause_(loop.context()),
        tls_(tls),
        deliver_(std::move(deliver)) {}
  ~Acceptor() {
    if (descriptor_.is_open()) descriptor_.release();  // the endpoint owns it
  }

  void wait() {
    descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                           [this](const boost::system::error_code& error) {
                             if (!error && !stopped_) accept();
                           });
  }

  // Takes those who wait in the queue already, then no more. The socket is left to its owner.
  void stop() {
    if (std::exchange(stopped_, true)) return;
    pause_.cancel();
    (void)take_waiting();
    descriptor_.release();
  }

 private:
  enum class Taken { all, some, exhausted };

  Taken take_waiting() {
    for (int turn = 0; turn < accepts_per_turn; ++turn) {
      auto accepted = accept_from(descriptor_.native_handle());
      if (accepted.socket.valid()) {
        admit(std::move(accepted));
      } else if (is_exhausted(accepted.error)) {
        return Taken::exhausted;
      } else if (accepted.error == EAGAIN) {
        return Taken::all;
      }
    }
    return Taken::some;
  }

  void accept() {
    if (take_waiting() == Taken::exhausted) return back_off();
    wait();
  }

  static bool is_exhausted(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  }

  // Nobody is helped by trying again at once: connections wait in the queue until others have
  // ended.
  void back_off() {
    loop_.service().log.warning("http.accept_paused",
                                {{"reason", "no file descriptor or memory left"}});
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](const boost::system::error_code& error) {
      if (!error && !stopped_) accept();
    });
  }

  void admit(Accepted accepted) {
    auto& service = loop_.service();
    const auto counting = service.trusted.contains(accepted.peer)
                              ? Admission::Counting::in_total_only
                              : Admission::Counting::by_address;
    auto tls = tls_.get();
    if (!service.admission.enter(accepted.peer, counting)) {
      service.log.info("http.request_refused", {{"status", 503},
                                                {"reason", "too many connections"},
                                                {"peer", write_peer(accepted.peer)}});
      if (!tls) turn_away(accepted.socket.get());
      return;
    }
    deliver_({.socket = std::move(accepted.socket),
              .peer = accepted.peer,
              .counting = counting,
              .tls = std::move(tls)});
  }

  // As far as it goes without waiting; a connection beyond the cap gets no state of its own.
  void turn_away(int socket) {
    const auto text = write_response(plain_response(503, "Too many connections."),
                                     {.date = loop_.date(),
                                      .persistence = RequestHead::Persistence::close,
                                      .content = ResponseFrame::Content::whole});
    ::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(socket, SHUT_WR);
    std::array<char, 4096> unread{};
    ::recv(socket, unread.data(), unread.size(), MSG_DONTWAIT);
  }

  IoLoop& loop_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer pause_;
  const CurrentTls& tls_;
  const Deliver deliver_;
  bool stopped_ = false;
};

class AsioListener final : public Listener {
 public:
  AsioListener(ListenerOptions options, Handler handler, TrustedProxies trusted, Log& log,
               std::vector<std::unique_ptr<BoundEndpoint>> endpoints)
      : service_(std::move(options), std::move(handler), std::move(trusted), log),
        endpoints_(std::move(endpoints)) {
    const auto count =
        service_.options.io_contexts != 0 ? service_.options.io_contexts : usable_cores();
    for (unsigned at = 0; at < std::max(1u, count); ++at) {
      loops_.push_back(std::make_unique<IoLoop>(service_));
    }
    if (auto* occupancy = service_.options.occupancy) {
      occupancy->set_loops(static_cast<int>(loops_.size()));
    }
    for (const auto& endpoint : endpoints_) {
      for (const auto& socket : endpoint->listening.sockets) {
        acceptors_.push_back(
            std::make_unique<Acceptor>(*loops_.front(), socket.get(), endpoint->tls,
                                       [this](Arrival arrival) { deliver(std::move(arrival)); }));
        acceptors_.back()->wait();
      }
    }
  }

  std::vector<std::string> addresses() const override {
    std::vector<std::string> out;
    for (const auto& endpoint : endpoints_) out.push_back(endpoint->listening.address);
    return out;
  }

  void run() override {
    std::vector<std::jthread> threads;
    for (std::size_t at = 1; at < loops_.size(); ++at) {
      threads.emplace_back([&loop = *loops_[at]] { loop.run(); });
    }
    loops_.front()->run();
  }

  // Once is enough, and a second time does no harm. The loops drain only after the acceptors have
  // stopped, so that nothing is handed to a loop that has ended.
  void shutdown() override {
    loops_.front()->post([this] {
      for (const auto& acceptor : acceptors_) acceptor->stop();
      for (const auto& endpoint : endpoints_) endpoint->listening.sockets.clear();
      for (const auto& loop : loops_) loop->drain();
    });
  }

  Status<std::string> reload_certificates() override {
    std::vector<std::shared_ptr<const TlsContext>> contexts;
    for (const auto& endpoint : endpoints_) {
      auto context = endpoint->tls.load();
      if (!context) return refuse(std::move(context).error());
      contexts.push_back(std::move(*context));
    }
    for (std::size_t at = 0; at < endpoints_.size(); ++at) endpoints_[at]->tls.use(contexts[at]);
    return Unit{};
  }

  Executor& executor() override { return *loops_.front(); }

 private:
  // To the loop with the fewest connections; there it stays (E3).
  void deliver(Arrival arrival) {
    const auto least =
        std::ranges::min_element(loops_, {}, [](const auto& loop) { return loop->load(); });
    (*least)->adopt(std::move(arrival));
  }

  Service service_;
  std::vector<std::unique_ptr<BoundEndpoint>> endpoints_;
  std::vector<std::unique_ptr<IoLoop>> loops_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
};

}  // namespace

Result<std::unique_ptr<Listener>, ListenError> Listener::bind(ListenerOptions options,
                                                              Handler handler, Log& log) {
  auto trusted = TrustedProxies::parse(options.trusted_proxies);
  if (!trusted) return refuse(ListenError{"trusted_proxies", trusted.error()});
  std::vector<std::unique_ptr<BoundEndpoint>> bound;
  for (const auto& endpoint : options.endpoints) {
    CurrentTls tls(endpoint, options.clock);
    auto context = tls.load();
    if (!context) return refuse(ListenError{endpoint.address, context.error()});
    auto listening = listen_on(endpoint.address);
    if (!listening) return refuse(listening.error());
    bound.push_back(
        std::make_unique<BoundEndpoint>(std::move(*listening), endpoint, options.clock));
    bound.back()->tls.use(std::move(*context));
  }
  std::unique_ptr<Listener> listener = std::make_unique<AsioListener>(
      std::move(options), std::move(handler), std::move(*trusted), log, std::move(bound));
  return listener;
}

}  // namespace cardea::http
