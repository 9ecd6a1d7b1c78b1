// One keep-alive HTTP/1.1 connection of the driver, plain or TLS, that never blocks: one request,
// one reply. The load loop waits for its socket.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/bench/endpoint_address.h"
#include "app/bench/reply_reader.h"
#include "http/listener/descriptor.h"
#include "http/listener/tls_client.h"

namespace cardea::app::bench {

class Connection {
 public:
  // Begins to connect. address: outlives the connection. tls: needed where the address is TLS.
  Connection(const EndpointAddress& address, std::shared_ptr<const http::TlsClient> tls);

  int socket() const { return socket_.get(); }
  // Queues the request and sends what the socket takes. None may be under way.
  void send(std::string_view request);

  enum class Seen { more, reply, broken };
  // To be called whenever the socket is ready. With `reply`, reply() is there until the next
  // send().
  Seen advance();
  const Reply& reply() const { return reader_.reply(); }
  // Whether it can take another request: it is open, and the server keeps it so.
  bool is_usable() const { return failure_.empty() && !is_spent_; }
  // Why it broke: "connect", "tls", "closed", "malformed response".
  const std::string& failure() const { return failure_; }
  // For people, behind failure(); may be "".
  std::string detail() const { return tls_ ? tls_->failure() : ""; }

 private:
  Seen broke(std::string_view why);
  bool finish_connecting();
  void flush();
  // Bytes read; 0 at the end, -1 when none is there.
  std::ptrdiff_t read_some(char* into, std::size_t size);

  http::Descriptor socket_;
  std::unique_ptr<http::TlsClientSession> tls_;
  enum class State { connecting, shaking_hands, open } state_ = State::connecting;
  std::string unsent_;
  ReplyReader reader_;
  bool is_under_way_ = false;
  bool is_spent_ = false;
  std::string failure_;
};

}  // namespace cardea::app::bench
