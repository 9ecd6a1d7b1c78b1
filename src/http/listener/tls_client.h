// The other end of TLS: a client's session over a socket of the caller's, for `cardea bench`, which
// measures servers and so does without libcurl. Verifies the certificate and the name always; TLS
// 1.2 and 1.3 (RFC 9325); speaks HTTP/1.1 and nothing else (RFC 7301).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace cardea::http {

// What sessions share. Immutable once made, and safe to use from any thread.
class TlsClient {
 public:
  // ca_file: a PEM file to trust instead of the system's; "" for the system's. Refuses with a
  // sentence that names the file when it cannot be used.
  static Result<std::shared_ptr<const TlsClient>, std::string> make(const std::string& ca_file);
  explicit TlsClient(ssl_ctx_st* context) : context_(context) {}  // owns it; see make()
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

 private:
  friend class TlsClientSession;
  ssl_ctx_st* context_;
};

// One connection, used by one thread at a time. The socket stays the caller's, does not block, and
// outlives the session.
class TlsClientSession {
 public:
  // host: the name or address that the certificate must be for.
  TlsClientSession(std::shared_ptr<const TlsClient> client, int socket, const std::string& host);
  ~TlsClientSession();
  TlsClientSession(const TlsClientSession&) = delete;
  TlsClientSession& operator=(const TlsClientSession&) = delete;

  enum class Step { done, wants_io, closed, failed };
  // Goes on with the handshake; call it again once the socket is ready.
  Step shake_hands();
  // Bytes are moved with `done` alone; then `moved` of them.
  Step write(std::string_view bytes, std::size_t& moved);
  Step read(char* into, std::size_t size, std::size_t& moved);
  // Why it failed, for people; holds nothing that was sent.
  std::string failure() const;

 private:
  Step outcome(int result);

  std::shared_ptr<const TlsClient> client_;
  ssl_st* session_;
  std::string failure_;
};

}  // namespace cardea::http
