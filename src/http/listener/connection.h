// One client's connection: a state machine that its loop turns.
//
//   opening -> [handshaking] -> reading -> handling -> writing -> reading ...
//                                  |                      |
//                                  +-> writing (refusal) -+-> lingering -> closed
//
// opening looks at the first bytes: PROXY v2, TLS or plain HTTP. lingering lets the client read the
// last response before the socket goes. A client that leaves while its request is handled changes
// nothing for the handler (E2). Runs on its loop's thread only.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/listener/byte_stream.h"
#include "http/listener/io_loop.h"
#include "http/listener/request_reader.h"
#include "http/message.h"

namespace cardea::http {

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(IoLoop& loop, Arrival arrival);
  ~Connection();

  // Begins, or goes on as far as it can without waiting.
  void run();
  // Ends the phase when its deadline has passed.
  void expire(std::int64_t now_ms);
  // The listener drains: an idle connection ends now, another one after its request.
  void drain();
  void close();
  // What the kernel says of the socket, once for each change.
  void heed(SocketChange change) noexcept;

  std::size_t index = 0;  // the loop's place for it

 private:
  enum class Phase { opening, handshaking, reading, handling, writing, lingering, closed };
  // What the deadline of reading is for: the next request, a head under way, a body under way.
  enum class Awaited { request, head, body };
  enum class AfterWrite { next_request, same_request, linger };
  enum class Step { go_on, wait };  // wait: something else will call run() again

  Step step();
  Step open();
  Step open_with(std::string_view bytes);
  Step begin_tls();
  Step shake_hands();
  Step read();
  Step take_input(std::string_view bytes);
  Step heed_reader();
  Step begin_handling();
  Step write();
  Step linger();

  void handle(Request request);
  void finish_handling(Response response) noexcept;
  void fail_handling(const std::exception_ptr& thrown) noexcept;
  void answer(const Response& response, RequestHead::Persistence persistence);
  Step refuse_with(const Refused& refused);
  Step wait_for(IoOutcome outcome);
  Step stop();
  Step say_goodbye();
  void set_deadline(Milliseconds from_now);
  bool is_misdirected(const Request& request) const;
  // Puts the client's certificate into the request, from where it may come. False when a trusted
  // proxy's header is none.
  bool take_certificate(Request& request) const;
  const ListenerOptions& options() const { return loop_.service().options; }

  IoLoop& loop_;
  Descriptor socket_;
  ByteStream stream_;
  const Peer peer_;  // of the socket
  Peer proxied_;     // what PROXY v2 said, else peer_
  const Admission::Counting counting_;
  std::shared_ptr<const TlsContext> tls_;  // until TLS begins
  std::vector<std::string> certificates_;  // of the peer's TLS

  Phase phase_ = Phase::opening;
  Awaited awaited_ = Awaited::head;
  bool running_ = false;   // run() is on the stack
  bool readable_ = false;  // a read may give bytes
  bool hung_up_ = false;   // the peer's end is among what is to be read
  enum class Waiting { no, to_read, to_write } waiting_ = Waiting::no;
  std::int64_t deadline_ms_ = 0;  // of monotonic_ms(); 0: none

  std::string input_;  // received and not yet used: the first bytes, or pipelined requests
  RequestReader reader_;
  RequestHead::Persistence persistence_ = RequestHead::Persistence::keep_alive;
  ResponseFrame::Content content_ = ResponseFrame::Content::whole;
  std::string output_;
  std::size_t written_ = 0;
  AfterWrite after_write_ = AfterWrite::next_request;
  std::size_t discarded_ = 0;  // while lingering
};

}  // namespace cardea::http
