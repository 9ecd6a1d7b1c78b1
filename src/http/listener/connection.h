// One client's connection: a state machine that its loop turns.
//
//   opening -> [handshaking] -> speaking -> lingering -> closed
//
// opening looks at the first bytes: PROXY v2, TLS or plain HTTP. What is spoken is HTTP/2 where the
// TLS handshake chose it, else HTTP/1.1. lingering lets the client read the last bytes before the
// socket goes. Here is what holds of every connection and of every request; a client that leaves
// while its request is handled changes nothing for the handler (E2). Runs on its loop's thread
// only.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/listener/byte_stream.h"
#include "http/listener/io_loop.h"
#include "http/listener/protocol.h"
#include "http/listener/request_rules.h"
#include "http/message.h"

namespace cardea::http {

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(IoLoop& loop, Arrival arrival);
  ~Connection();

  // --- what its loop asks of it ---

  // Begins, or goes on as far as it can without waiting.
  void run();
  // Ends the phase when its deadline has passed.
  void expire(std::int64_t now_ms);
  // The listener drains: an idle connection ends now, another one after its requests.
  void drain();
  void close();
  // What the kernel says of the socket, once for each change.
  void heed(SocketChange change) noexcept;

  std::size_t index = 0;  // the loop's place for it

  // --- what the protocol asks of it ---

  IoLoop& loop() { return loop_; }
  const ListenerOptions& options() const { return loop_.service().options; }
  // Bytes that came, good until the next call; none when the connection now waits for some, or is
  // closed. if_none: a connection that leaves looks once more, and says goodbye.
  enum class IfNone { wait, leave };
  std::optional<std::string_view> receive(IfNone if_none);
  IoResult write(std::string_view bytes) { return stream_.write(bytes); }
  Step wait_for(IoOutcome outcome);
  // What the last step waited for is no longer waited for: look once more.
  void look_again();
  Step stop();
  Step say_goodbye();
  // All is written: lets the client read it.
  Step linger();
  void set_deadline(Milliseconds from_now);
  void clear_deadline() { deadline_ms_ = 0; }
  std::int64_t deadline_ms() const { return deadline_ms_; }  // of monotonic_ms(); 0: none
  bool is_overdue(std::int64_t now_ms) const { return deadline_ms_ != 0 && now_ms >= deadline_ms_; }
  // Whether a request that is well-formed may be handled; puts into it who asks.
  // Refuses: 421 the host is another's, 400 a trusted proxy's certificate header is malformed.
  Checked admit(Request& request) const;
  // Calls the handler; its answer comes to finish() of the protocol under this number, maybe before
  // this returns.
  void handle(std::int32_t number, Request request);
  // Notes the refusal in the log and gives its answer. Both hold the fixed sentence and nothing
  // that the client sent.
  Response refuse(const Refused& refused) const;
  void log_refused(const Refused& refused) const;
  // The connection ended because of what its client does.
  void log_ended(std::string_view reason) const;

 private:
  enum class Phase { opening, handshaking, speaking, lingering, closed };

  // An exception of one connection ends it and no other.
  template <class Work>
  void guard(Work work);
  Step step();
  Step open();
  Step open_with(std::string_view bytes);
  Step begin_tls();
  Step shake_hands();
  void speak(std::unique_ptr<Protocol> protocol);
  Step refuse_to_speak(const Refused& refused);
  Step discard();

  void finish_handling(std::int32_t number, Response response) noexcept;
  void fail_handling(std::int32_t number, const std::exception_ptr& thrown) noexcept;
  bool is_misdirected(const Request& request) const;
  // Puts the client's certificate into the request, from where it may come. False when a trusted
  // proxy's header is none.
  bool take_certificate(Request& request) const;

  IoLoop& loop_;
  Descriptor socket_;
  ByteStream stream_;
  const Peer peer_;  // of the socket
  Peer proxied_;     // what PROXY v2 said, else peer_
  const Admission::Counting counting_;
  std::shared_ptr<const TlsContext> tls_;  // until TLS begins
  std::vector<std::string> certificates_;  // of the peer's TLS
  std::unique_ptr<Protocol> protocol_;     // once speaking

  Phase phase_ = Phase::opening;
  bool running_ = false;   // run() is on the stack
  bool readable_ = false;  // a read may give bytes
  bool hung_up_ = false;   // the peer's end is among what is to be read
  enum class Waiting { no, to_read, to_write } waiting_ = Waiting::no;
  std::int64_t deadline_ms_ = 0;
  std::string first_bytes_;    // while opening
  std::size_t discarded_ = 0;  // while lingering
};

}  // namespace cardea::http
