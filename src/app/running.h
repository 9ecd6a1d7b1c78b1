// A server that runs: node, public and management listeners, administration, maintenance and
// signals. `serve` and `dev` differ only in what they put in.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/admin/operations.h"
#include "app/metrics.h"
#include "app/node.h"
#include "http/listener/listener.h"

namespace cardea::app {

struct RunOptions {
  const Config& config;            // outlives the run
  http::ListenerOptions listener;  // endpoints, proxies, accepted hosts
  std::string store_path;          // "": in memory, unless there is a database
  std::string database = {};       // of PostgreSQL
  RootKey root_key;
  std::string made_by;  // "serve" or "dev"
  Ownership::By owner = Ownership::By::file;
  Log& log;
  Metrics& metrics;
  Observer* also_observes = nullptr;  // dev: the inspector
  Random& random;
  Relaxations relaxations;
  std::vector<ImportedKey> imported_keys;
  std::string admin_socket;  // "": none
  // dev: answers these paths before the server does; null where there is none.
  std::function<std::optional<Task<http::Response>>(const http::Request&)> before;
};

class Running {
 public:
  // Everything is up and listening when this returns; nothing is left behind when it refuses.
  static Result<std::unique_ptr<Running>, AdminError> start(RunOptions options);
  ~Running();

  Node& node();
  std::vector<std::string> addresses() const;  // of the public listener
  std::string management_address() const;      // "" when there is none
  // Serves until SIGTERM or SIGINT, drains, gives the exit code. SIGHUP reads the certificate anew.
  // Call once, on the main thread; signals were blocked by start().
  int until_stopped();
  // Ends until_stopped() as SIGTERM does. Thread-safe.
  void stop();

 private:
  struct Impl;
  explicit Running(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// No core files, no tracing: long-lived keys stay in this process (security corpus 6.4).
void forbid_core_dumps();

}  // namespace cardea::app
