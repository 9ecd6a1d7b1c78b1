// The edge towards browsers and clients: HTTP/1.1 over TLS or, behind a proxy, plain. The implementation is the
// only code that includes Asio, Beast or the TLS library's stream types (decision E2).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "task/task.h"

namespace cardea::http {

// Called on the I/O context's executor for every complete, well-formed request. An exception that escapes
// becomes one 500 (decision E2).
using Handler = std::function<Task<Response>(Request)>;

struct TlsFiles {
  std::string certificate;  // PEM file: leaf first, then the chain
  std::string key;          // PEM file
};

struct Endpoint {
  // "127.0.0.1:9443", "[::1]:9443" or "unix:/run/cardea/http.sock". Port 0 takes a free one.
  std::string address;
  std::shared_ptr<const TlsFiles> tls;  // null: plain HTTP
};

struct ListenerOptions {
  std::vector<Endpoint> endpoints;
  // Addresses (IP literals or CIDR prefixes; "unix" for Unix-socket peers) whose X-Forwarded-For and PROXY v2
  // header are believed. From any other peer these headers have no effect on peer_address.
  std::vector<std::string> trusted_proxies;
  unsigned io_contexts = 0;  // 0: one per core
  Seconds header_deadline{10};
  Seconds body_deadline{15};
  Seconds idle_deadline{60};
  Seconds drain_deadline{10};
  std::size_t connections_max = 4096;
  std::size_t connections_per_address_max = 1024;
  // Whether the listener answers 421 for a Host that is not in this list (empty: any Host is taken).
  std::vector<std::string> accepted_hosts;
};

struct ListenError {
  std::string address;
  std::string reason;  // "address already in use", ...
  bool busy = false;   // the port is taken
};

class Listener {
 public:
  // Binds all endpoints, or none. Threads start with run().
  static Result<std::unique_ptr<Listener>, ListenError> bind(ListenerOptions options, Handler handler,
                                                             Log& log);
  virtual ~Listener() = default;

  // "127.0.0.1:41234" for each endpoint, in order, with the port that was really taken.
  virtual std::vector<std::string> addresses() const = 0;
  // Blocks until shutdown() has drained. Runs the I/O contexts, one thread each.
  virtual void run() = 0;
  // Stops accepting, finishes requests under way within the drain deadline, then run() returns.
  // Thread-safe; may be called from a signal-waiting thread.
  virtual void shutdown() = 0;
  // Reads certificate and key files anew; new connections use them, old ones go on. On error the old ones stay.
  virtual Status<std::string> reload_certificates() = 0;
  // The executor of the first I/O context, for periodic work.
  virtual Executor& executor() = 0;
};

}  // namespace cardea::http
