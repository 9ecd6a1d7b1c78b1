// Starting, serving, maintaining and stopping; see running.h.
#include "app/running.h"

#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/admin/socket.h"
#include "app/management.h"
#include "app/notify.h"
#include "app/thread_executor.h"

namespace cardea::app {
namespace {

constexpr int maintenance_seconds =
    3;  // decision T1: the store's clock is re-read every few seconds

// Passes each finished exchange to two observers.
class TwoObservers final : public Observer {
 public:
  TwoObservers(Observer& first, Observer* second) : first_(first), second_(second) {}
  bool reads_notes() const override {
    return first_.reads_notes() || (second_ != nullptr && second_->reads_notes());
  }
  void finished(const Exchange& exchange, const http::Response& response) override {
    first_.finished(exchange, response);
    if (second_ != nullptr) second_->finished(exchange, response);
  }
  void fetched(std::string_view purpose, std::string_view outcome) override {
    first_.fetched(purpose, outcome);
    if (second_ != nullptr) second_->fetched(purpose, outcome);
  }

 private:
  Observer& first_;
  Observer* second_;
};

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

AdminError from(const NodeError& error) {
  return {error.kind == NodeError::Kind::store_locked ? ExitCode::denied : ExitCode::failure,
          error.reason};
}

AdminError from(const http::ListenError& error) {
  const std::string remedy =
      error.busy ? "; another program listens there: stop it, or choose another port" : "";
  return {ExitCode::network, "cannot listen on " + error.address + ": " + error.reason + remedy};
}

}  // namespace

struct Running::Impl {
  RunOptions options;
  TwoObservers observer;
  ThreadExecutor background;
  Occupancy occupancy;
  // The node goes before the listeners: what its store still delivers is posted to their executors.
  std::unique_ptr<http::Listener> listener;
  std::unique_ptr<http::Listener> management;
  std::unique_ptr<Node> node;
  std::unique_ptr<AdminSocket> admin;
  std::thread serving;
  std::thread managing;
  std::thread maintaining;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;

  explicit Impl(RunOptions given)
      : options(std::move(given)), observer(options.metrics, options.also_observes) {}

  ~Impl() { shut_down(); }

  std::optional<AdminError> open_node() {
    auto opened = Node::open({.config = options.config,
                              .store_path = options.store_path,
                              .database = options.database,
                              .root_key = std::move(options.root_key),
                              .made_by = options.made_by,
                              .log = options.log,
                              .observer = observer,
                              .random = options.random,
                              .background_executor = background,
                              .relaxations = options.relaxations,
                              .occupancy = &occupancy,
                              .imported_keys = std::move(options.imported_keys)});
    if (!opened) return from(opened.error());
    node = std::move(*opened);
    auto changes = reconcile(*node, options.config, options.owner);
    if (!changes) return AdminError{ExitCode::config_invalid, changes.error()};
    for (const auto& change : *changes) options.log.info("config.reconciled", {{"change", change}});
    return std::nullopt;
  }

  std::optional<AdminError> listen() {
    auto handler = [this](http::Request request) -> Task<http::Response> {
      if (options.before) {
        if (auto task = options.before(request)) return std::move(*task);
      }
      return node->server().handle(std::move(request));
    };
    options.listener.occupancy = &occupancy;
    auto bound = http::Listener::bind(std::move(options.listener), handler, options.log);
    if (!bound) return from(bound.error());
    listener = std::move(*bound);
    if (!options.config.management_listen.empty()) {
      http::ListenerOptions management_options;
      management_options.endpoints = {{options.config.management_listen, nullptr}};
      management_options.io_contexts = 1;
      management_options.connections_max = 64;
      auto managed = http::Listener::bind(std::move(management_options),
                                          management_handler(*node, options.metrics), options.log);
      if (!managed) return from(managed.error());
      management = std::move(*managed);
    }
    if (!options.admin_socket.empty()) {
      auto socket = AdminSocket::listen(options.admin_socket, *node, options.log);
      if (!socket) return AdminError{ExitCode::failure, socket.error()};
      admin = std::move(*socket);
    }
    return std::nullopt;
  }

  void start_threads() {
    serving = std::thread([this] { listener->run(); });
    if (management) managing = std::thread([this] { management->run(); });
    maintaining = std::thread([this] { maintain(); });
  }

  // Times of the certificate file, so that a renewed one is taken without a signal.
  std::int64_t certificate_stamp() const {
    struct stat facts{};
    if (options.config.tls_certificate.empty() ||
        stat(options.config.tls_certificate.c_str(), &facts) != 0) {
      return 0;
    }
    return facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec;
  }

  void reload_certificate() {
    auto reloaded = listener->reload_certificates();
    if (reloaded) {
      options.log.info("tls.certificate_reloaded");
    } else {
      options.log.error("tls.certificate_refused", {{"reason", reloaded.error()}});
    }
  }

  void maintain() {
    ManualExecutor executor;
    auto stamp = certificate_stamp();
    node->maintain(executor);
    malloc_trim(0);  // what start-up used goes back to the system, once: an idle server stays small
    std::unique_lock lock(mutex);
    while (
        !wake.wait_for(lock, std::chrono::seconds(maintenance_seconds), [&] { return stopping; })) {
      lock.unlock();
      node->maintain(executor);
      if (const auto now = certificate_stamp(); now != stamp) {
        stamp = now;
        reload_certificate();
      }
      lock.lock();
    }
  }

  void shut_down() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    admin.reset();
    if (listener) listener->shutdown();
    if (serving.joinable()) serving.join();
    if (management) management->shutdown();
    if (managing.joinable()) managing.join();
    if (maintaining.joinable()) maintaining.join();
    if (node) node->finish_background();
  }
};

Running::Running(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Running::~Running() = default;

Result<std::unique_ptr<Running>, AdminError> Running::start(RunOptions options) {
  const sigset_t signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto error = impl->open_node()) return refuse(std::move(*error));
  if (auto error = impl->listen()) return refuse(std::move(*error));
  impl->start_threads();
  for (const auto& address : impl->listener->addresses()) {
    impl->options.log.info("server.listening",
                           {{"address", address}, {"issuer", impl->options.config.issuer}});
  }
  return std::unique_ptr<Running>(new Running(std::move(impl)));
}

Node& Running::node() {
  return *impl_->node;
}
std::vector<std::string> Running::addresses() const {
  return impl_->listener->addresses();
}
std::string Running::management_address() const {
  return impl_->management ? impl_->management->addresses().front() : "";
}

int Running::until_stopped() {
  const sigset_t signals = handled_signals();
  while (true) {
    int received = 0;
    sigwait(&signals, &received);
    if (received != SIGHUP) break;
    impl_->reload_certificate();
  }
  notify("STOPPING=1");
  impl_->options.log.info("server.stopping");
  impl_->shut_down();
  impl_->options.log.info("server.stopped");
  return static_cast<int>(ExitCode::ok);
}

void Running::stop() {
  kill(getpid(), SIGTERM);
}

void forbid_core_dumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace cardea::app
