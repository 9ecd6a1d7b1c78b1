// `cardea dev`: the same engine with seeds, a local authority, the inspector and the dial (decision
// P2).
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "app/cli/output.h"
#include "app/dev/banner.h"
#include "app/dev/home.h"
#include "app/dev/inspector.h"
#include "app/dev/options.h"
#include "app/dev/strictness_dial.h"
#include "app/log_sink.h"
#include "app/root_key.h"
#include "app/running.h"
#include "base/base64url.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "crypto/password_hash.h"
#include "crypto/random.h"

namespace cardea::app::dev {
namespace {

int fail(const DevOptions& options, ExitCode code, std::string message) {
  return print_error(options.prints_json ? OutputForm::json : OutputForm::people,
                     {code, std::move(message)});
}

// Port 0 must be known before the issuer is: taken, noted and given back, on both families if there
// are two.
Result<int, std::string> choose_port(const DevOptions& options, Log& log) {
  if (options.port != 0) return options.port;
  http::ListenerOptions probe;
  probe.endpoints = {{"localhost:0", nullptr}};
  probe.io_contexts = 1;
  auto bound = http::Listener::bind(
      std::move(probe), [](http::Request) -> Task<http::Response> { co_return http::Response{}; },
      log);
  if (!bound) return refuse(bound.error().reason);
  const std::string address = (*bound)->addresses().front();
  return std::stoi(address.substr(address.rfind(':') + 1));
}

bool has_ipv6_loopback() {
  std::ifstream addresses("/proc/net/if_inet6");
  std::string line;
  while (std::getline(addresses, line)) {
    if (line.starts_with("00000000000000000000000000000001")) return true;
  }
  return false;
}

class DevRun {
 public:
  explicit DevRun(const DevOptions& options) : options_(options), inspector_(clock_) {}

  int run() {
    const auto started = monotonic_ms();
    if (auto code = prepare()) return *code;
    if (auto code = hash_seed_passwords()) return *code;
    if (auto code = start()) return *code;
    keep_keys();
    announce(monotonic_ms() - started);
    std::jthread watcher([this](const std::stop_token& stop) { watch_files(stop); });
    const int code = running_->until_stopped();
    watcher.request_stop();
    watcher.join();
    keep_keys();
    running_.reset();
    remove_certificate();
    return code;
  }

 private:
  std::optional<int> prepare() {
    if (options_.listen.empty() != options_.issuer.empty()) {
      return fail(options_, ExitCode::usage, "--listen and --issuer belong together");
    }
    framework_ = find_framework(options_.app);
    if (framework_ == nullptr) {
      std::string names;
      for (const auto& name : framework_names()) names += (names.empty() ? "" : ", ") + name;
      return fail(options_, ExitCode::usage, "--app must be one of " + names);
    }
    auto home = Home::open(home_directory(options_.home));
    if (!home) return fail(options_, ExitCode::failure, home.error());
    home_ = std::move(*home);
    auto root_key = load_root_key(home_->directory() + "/root.key", random_);
    if (!root_key) return fail(options_, ExitCode::failure, root_key.error());
    root_key_ = std::move(*root_key);
    log_ = make_log(face_for(LogFormat::automatic),
                    options_.is_verbose ? LogLevel::info : LogLevel::warning, clock_);
    auto port = choose_port(options_, *log_);
    if (!port) return fail(options_, ExitCode::network, port.error());
    const std::string scheme = options_.scheme == Scheme::https ? "https" : "http";
    issuer_ =
        is_exposed(options_) ? options_.issuer : scheme + "://localhost:" + std::to_string(*port);
    port_ = *port;
    seed_ = make_seed(options_, issuer_, *framework_, root_key_);
    return explain_problems(seed_);
  }

  std::optional<int> explain_problems(const Seed& seed) {
    std::string errors;
    for (const auto& problem : seed.problems) {
      if (problem.is_warning) {
        print_diagnostic("cardea: warning: " + problem.text());
      } else {
        errors += (errors.empty() ? "" : "; ") + problem.text();
      }
    }
    if (errors.empty()) return std::nullopt;
    return fail(options_, ExitCode::config_invalid, errors);
  }

  // Seed passwords are hashed once per machine; a start then costs milliseconds. The kept name
  // holds a keyed digest of the password, so that a changed one is hashed anew.
  std::optional<int> hash_seed_passwords() {
    auto known = home_->password_hashes();
    const auto before = known.size();
    for (auto& user : seed_.config.users) {
      if (!user.password) continue;
      const std::string digest = base64url_encode(crypto::hmac_sha256(
          root_key_.reveal(),
          "seed password " + user.user.login + " " + std::string(user.password->reveal())));
      auto& hash = known[user.user.login + " " + digest];
      if (hash.empty())
        hash = crypto::hash_password(user.password->reveal(), seed_.config.settings.password_cost);
      if (hash.empty())
        return fail(options_, ExitCode::failure, "not enough memory to hash a password");
      user.user.password_hash = PasswordHash(hash);
      user.password.reset();
    }
    if (known.size() != before) home_->keep_password_hashes(known);
    return std::nullopt;
  }

  std::optional<int> start() {
    http::ListenerOptions listener;
    std::shared_ptr<const http::TlsFiles> tls;
    if (options_.scheme == Scheme::https) {
      std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
      if (is_exposed(options_)) {
        const auto parts = url::parse(issuer_);
        if (parts && parts->host != "localhost") names.push_back(parts->host);
      }
      auto files = home_->server_certificate(clock_.now(), names);
      if (!files) return fail(options_, ExitCode::failure, files.error());
      certificate_ = *files;
      tls = std::make_shared<http::TlsFiles>(*files);
    }
    if (is_exposed(options_)) {
      listener.endpoints = {{options_.listen, tls}};
    } else {
      // Both loopback families: "localhost" means either (decision P8).
      listener.endpoints = {{"127.0.0.1:" + std::to_string(port_), tls}};
      if (has_ipv6_loopback())
        listener.endpoints.push_back({"[::1]:" + std::to_string(port_), tls});
      listener.accepted_hosts = {"localhost:" + std::to_string(port_)};
    }
    auto started = Running::start(
        {.config = seed_.config,
         .listener = std::move(listener),
         .store_path = store_path(),
         .root_key = root_key_,
         .made_by = "dev",
         .owner = Ownership::By::dev,
         .log = *log_,
         .metrics = metrics_,
         .also_observes = is_exposed(options_) ? nullptr : &inspector_,
         .random = random_,
         .relaxations = cardea::dev::StrictnessDial::at(options_.strictness),
         .imported_keys = home_->signing_keys(root_key_),
         .admin_socket = options_.state == "memory" ? "" : options_.state + "/admin/cardea.sock",
         .before = [this](const http::Request& request) { return inspect(request); }});
    if (!started) {
      remove_certificate();
      const bool is_busy = started.error().code == ExitCode::network;
      return fail(
          options_, started.error().code,
          started.error().message + (is_busy ? " (cardea dev --port 0 takes a free one)" : ""));
    }
    running_ = std::move(*started);
    return std::nullopt;
  }

  std::string store_path() const {
    if (options_.state == "memory") return "";
    std::error_code ignored;
    std::filesystem::create_directories(options_.state, ignored);
    return std::filesystem::absolute(options_.state).lexically_normal().string() + "/cardea-dev.db";
  }

  std::optional<Task<http::Response>> inspect(const http::Request& request) {
    if (is_exposed(options_)) return std::nullopt;
    auto answer = inspector_.answer(request);
    if (!answer) return std::nullopt;
    return at_once(std::move(*answer));
  }
  static Task<http::Response> at_once(http::Response response) { co_return response; }

  // Keys made in this run are there for the next one; `next` keys too, once they exist.
  void keep_keys() {
    std::vector<ImportedKey> keys;
    for (const auto& key : running_->node().keys().signing_keys()) {
      if (key->state != ServerKey::State::retiring)
        keys.push_back({key->key, key->state, key->created_at});
    }
    home_->keep_signing_keys(root_key_, keys, random_);
  }

  void announce(std::int64_t milliseconds) {
    const std::string management = running_->management_address();
    const Ready ready{options_,
                      seed_,
                      *framework_,
                      issuer_,
                      options_.scheme == Scheme::https ? home_->ca_file() : "",
                      management.empty() ? "" : "http://" + management,
                      milliseconds};
    if (!options_.env_file.empty()) write_env_file(ready);
    if (options_.prints_json) {
      print_line(ready_line(ready));
    } else {
      print_line(banner(ready));
    }
    if (options_.ready_fd >= 0) {
      const std::string line = ready_line(ready) + "\n";
      static_cast<void>(!write(options_.ready_fd, line.data(), line.size()));
      close(options_.ready_fd);
    }
  }

  void write_env_file(const Ready& ready) {
    std::ifstream file(options_.env_file, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    const std::string text = with_env_block(content.str(), ready);
    const std::string temporary = options_.env_file + ".cardea";
    const int out = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written =
        out >= 0 && write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (out >= 0) close(out);
    if (!written || rename(temporary.c_str(), options_.env_file.c_str()) != 0) {
      print_diagnostic("cardea: cannot write " + options_.env_file);
    }
  }

  std::int64_t stamp(const std::string& path) const {
    struct stat facts{};
    if (path.empty() || stat(path.c_str(), &facts) != 0) return 0;
    return facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec;
  }

  // People and clients of --users and --clients are taken over when a file changes; mistakes leave
  // what was.
  void watch_files(const std::stop_token& stop) {
    if (options_.users_file.empty() && options_.clients_file.empty()) return;
    auto seen = stamp(options_.users_file) + stamp(options_.clients_file);
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, stop, std::chrono::milliseconds(500),
                          [&] { return stop.stop_requested(); })) {
      const auto now = stamp(options_.users_file) + stamp(options_.clients_file);
      if (now == seen) continue;
      seen = now;
      reload();
    }
  }

  void reload() {
    Seed fresh = make_seed(options_, issuer_, *framework_, root_key_);
    std::swap(seed_.problems, fresh.problems);
    for (const auto& problem : seed_.problems) print_diagnostic("cardea: " + problem.text());
    if (std::ranges::any_of(seed_.problems,
                            [](const auto& problem) { return !problem.is_warning; }))
      return;
    Config changed = fresh.config;
    auto done = reconcile(running_->node(), changed, Ownership::By::dev);
    if (!done) {
      print_diagnostic("cardea: " + done.error());
      return;
    }
    for (const auto& change : *done) print_diagnostic("cardea: " + change);
    if (changed.settings.resources.size() != seed_.config.settings.resources.size()) {
      print_diagnostic("cardea: resources changed; restart to take them over");
    }
  }

  void remove_certificate() {
    if (!certificate_) return;
    unlink(certificate_->certificate.c_str());
    unlink(certificate_->key.c_str());
  }

  const DevOptions& options_;
  SystemClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  Inspector inspector_;
  const Framework* framework_ = nullptr;
  std::optional<Home> home_;
  RootKey root_key_;
  std::unique_ptr<Log> log_;
  std::string issuer_;
  int port_ = 0;
  Seed seed_;
  std::optional<http::TlsFiles> certificate_;
  std::unique_ptr<Running> running_;
};

}  // namespace

int run_dev(const DevOptions& options) {
  DevRun run(options);
  return run.run();
}

}  // namespace cardea::app::dev
