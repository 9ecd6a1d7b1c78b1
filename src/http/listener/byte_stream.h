// One connection's bytes over a non-blocking socket, plain or TLS. Every call returns at once and
// says what to wait for; waiting is the connection's work. The socket is not owned. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/listener/tls_context.h"

namespace cardea::http {

enum class IoOutcome { done, want_read, want_write, closed };

struct IoResult {
  IoOutcome outcome = IoOutcome::closed;
  std::size_t size = 0;  // bytes moved, when done; at least 1
};

class ByteStream {
 public:
  explicit ByteStream(int socket);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // From now on the bytes are TLS. received: what read() already gave, which belongs to the
  // handshake. False when the library has no memory for it.
  bool start_tls(std::shared_ptr<const TlsContext> context, std::string received);
  IoOutcome handshake();
  // Why the handshake failed, in the library's words; "" when the peer just went away.
  std::string_view handshake_failure() const;
  // After the handshake: whether the two agreed on HTTP/2 (RFC 7301).
  bool is_http2_chosen() const;
  // After the handshake: the peer's certificate, whose key it has proven to hold, and those that it
  // sent with it, in DER; empty when it sent none, or too many.
  std::vector<std::string> peer_certificates() const;

  IoResult read(std::span<char> into);
  IoResult write(std::string_view bytes);
  // Whether bytes may be readable that the socket's readiness does not show.
  bool holds_unread() const;
  // Whether nothing is known to be in the socket: the last read took all, and note_arrival() was
  // not called since. Bytes behind a mark of urgency are not seen.
  bool is_drained() const { return drained_; }
  void note_arrival() { drained_ = false; }
  // Says goodbye: TLS close_notify as far as it goes without waiting, then no more sending.
  void finish();

 private:
  struct Tls;
  int socket_;
  bool drained_ = false;
  std::unique_ptr<Tls> tls_;
};

}  // namespace cardea::http
