// The edge towards browsers and clients: HTTP/2 and HTTP/1.1 over TLS or, behind a proxy, HTTP/1.1
// alone and plain. The implementation is the only code that includes Asio, Beast, nghttp2 or the
// TLS library's stream types (decision E2).
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
#include "task/occupancy.h"
#include "task/task.h"

namespace cardea::http {

// Called on the I/O context's executor for every complete, well-formed request. An exception that
// escapes becomes one 500 (decision E2).
using Handler = std::function<Task<Response>(Request)>;

struct TlsFiles {
  std::string certificate;  // PEM file: leaf first, then the chain
  std::string key;          // PEM file
};

struct Endpoint {
  // "127.0.0.1:9443", "[::1]:9443" or "unix:/run/cardea/http.sock". Port 0 takes a free one.
  // "localhost:9443" is both loopback families on one port.
  std::string address;
  std::shared_ptr<const TlsFiles> tls;  // null: plain HTTP
  // asked: the handshake asks for a client certificate, takes any and none, and leaves the judging
  // to the handler (RFC 8705 2.2). Sessions are not resumed there, for a resumed one has not all of
  // it.
  enum class ClientCertificates {
    not_asked,
    asked
  } client_certificates = ClientCertificates::not_asked;
};

// A deadline. Made of Seconds in settings; tests take less.
struct Milliseconds {
  std::int64_t count = 0;
  constexpr Milliseconds(Seconds seconds) : count(seconds.count * 1000) {}
  constexpr explicit Milliseconds(std::int64_t milliseconds) : count(milliseconds) {}
};

struct ListenerOptions {
  std::vector<Endpoint> endpoints;
  // Addresses (IP literals or CIDR prefixes; "unix" for Unix-socket peers) whose X-Forwarded-For
  // and PROXY v2 header are believed. From any other peer these headers have no effect on
  // peer_address.
  std::vector<std::string> trusted_proxies;
  // The header in which trusted proxies pass on a client's certificate (certificate_header.h); ""
  // for none. From them it is the only source: a certificate of their own connection is theirs.
  // From any other peer it is dropped unread.
  std::string client_certificate_header;
  unsigned io_contexts = 0;  // 0: one per core
  Milliseconds header_deadline{
      Seconds{10}};  // from accept or first byte to the end of the head; TLS too
  Milliseconds body_deadline{Seconds{15}};   // from the end of the head to the end of the body
  Milliseconds write_deadline{Seconds{30}};  // for one response, until the client has taken it
  Milliseconds idle_deadline{Seconds{60}};   // between two requests
  Milliseconds linger_deadline{Seconds{2}};  // for the client to read the last response
  Milliseconds drain_deadline{Seconds{10}};
  std::size_t connections_max = 4096;
  // An IPv6 address counts by its /64. Trusted proxies and Unix sockets are not counted by address.
  std::size_t connections_per_address_max = 1024;
  // Where the Date header and the keys of TLS tickets take the time from; the system's clock when
  // null. Must outlive the listener.
  const Clock* clock = nullptr;
  // Told when the loops of this listener have work and when not; may be null. Must outlive the
  // listener.
  Occupancy* occupancy = nullptr;
  // Whether the listener answers 421 for a Host that is not in this list (empty: any Host is
  // taken).
  std::vector<std::string> accepted_hosts;
};

struct ListenError {
  std::string address;
  std::string reason;  // "address already in use", ...
  bool busy = false;   // the port is taken
};

// After run() has returned, whatever may still post to the executors (store threads, hash pool)
// must be stopped before the listener is destroyed.
class Listener {
 public:
  // Binds all endpoints, or none, and begins to queue connections. Threads start with run().
  // `log` must outlive the listener. Events: http.request_refused, http.tls_refused,
  // http.handler_failed, ...; none holds a header, a body or a query.
  static Result<std::unique_ptr<Listener>, ListenError> bind(ListenerOptions options,
                                                             Handler handler, Log& log);
  virtual ~Listener() = default;

  // "127.0.0.1:41234" (or "localhost:41234", "unix:/path") for each endpoint, in order, with the
  // port that was really taken.
  virtual std::vector<std::string> addresses() const = 0;
  // Blocks until shutdown() has drained. Runs the I/O contexts, one thread each.
  virtual void run() = 0;
  // Stops accepting, finishes requests under way within the drain deadline, then run() returns.
  // Thread-safe; may be called from a signal-waiting thread.
  virtual void shutdown() = 0;
  // Reads certificate and key files anew; new connections use them, old ones go on. On error the
  // old ones stay.
  virtual Status<std::string> reload_certificates() = 0;
  // The executor of the first I/O context, for periodic work.
  virtual Executor& executor() = 0;
};

}  // namespace cardea::http
