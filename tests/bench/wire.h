// One keep-alive HTTP/1.1 connection of the bench driver, plain or TLS 1.3: writes a request, reads
// one response with Content-Length. It measures servers, so it does as little as it can: no
// redirects, no chunked bodies, one request at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cardea::bench {

struct Reply {
  int status = 0;
  std::string_view head;  // status line and fields
  std::string_view body;

  // The first field of that name (as spelled, with ": " behind), or "".
  std::string_view field(std::string_view name) const;
};

// The text behind `before` up to the next `end`, or "" when `before` is not there.
std::string_view between(std::string_view text, std::string_view before, char end);

class TlsClient;

class Wire {
 public:
  // Connects to 127.0.0.1:port, blocking; tls may be null. Ends the program when it cannot.
  Wire(int port, TlsClient* tls);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  int descriptor() const { return socket_; }
  // Queues a request and sends what the socket takes.
  void send(std::string_view request);
  enum class Seen { more, reply, closed };
  // Reads what is there; with `reply`, reply() is valid until the next send().
  Seen receive();
  const Reply& reply() const { return reply_; }
  bool wants_write() const { return !unsent_.empty(); }
  void flush();

 private:
  std::int64_t read_some(char* into, std::size_t size);
  bool complete();

  int socket_ = -1;
  void* session_ = nullptr;  // SSL
  std::string unsent_;
  std::string received_;
  std::size_t head_size_ = 0;
  std::size_t total_size_ = 0;
  Reply reply_;
};

// What TLS connections share; sessions are not resumed.
class TlsClient {
 public:
  // certificate and key: PEM files of a client certificate, or "" for none.
  TlsClient(const std::string& server_name, const std::string& certificate, const std::string& key);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

 private:
  friend Wire;
  void* context_;  // SSL_CTX
  std::string server_name_;
};

}  // namespace cardea::bench
