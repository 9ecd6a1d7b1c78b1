// The frames of one HTTP/2 connection, without I/O: bytes in, events out, bytes out (RFC 9113).
// Framing, HPACK, flow control and what makes a message malformed are nghttp2's, whose types do not
// leave http2_session.cpp; what a request may be and how long it may take is http2.h's. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/limits.h"

struct nghttp2_session;

namespace cardea::http {

// RFC 9113 7.
enum class Http2Error : std::uint32_t {
  no_error = 0x0,
  protocol_error = 0x1,
  internal_error = 0x2,
  refused_stream = 0x7,
  cancel = 0x8,
  enhance_your_calm = 0xb
};

// A response's body while it is sent.
struct OutgoingBody {
  std::string bytes;
  std::size_t sent = 0;
};

struct OutgoingField {
  std::string_view name;  // in any case: it is sent in lower case
  std::string_view value;
  // never: may be a secret, so that no compressor on the way is to remember it (RFC 7541 7.1.3).
  enum class Indexed { may_be, never } indexed = Indexed::may_be;
  // lasting: name (in lower case) and value live as long as the process, so nothing is copied.
  enum class Text { copied, lasting } text = Text::copied;
};

class Http2Session {
 public:
  // What the peer did. `stream` is one that begin_request() told of and stream_closed() has not.
  // Any may throw, which ends the connection. None may call receive() or collect().
  class Events {
   public:
    virtual ~Events() = default;
    virtual void begin_request(std::int32_t stream) = 0;
    // Of the head, or behind the body.
    virtual void take_field(std::int32_t stream, std::string_view name, std::string_view value) = 0;
    enum class More { body, nothing };
    virtual void end_head(std::int32_t stream, More more) = 0;
    virtual void take_data(std::int32_t stream, std::string_view bytes) = 0;
    virtual void end_request(std::int32_t stream) = 0;
    // The stream broke a rule of RFC 9113 8, or was one too many so that begin_request() did not
    // tell of it. It is reset: nothing more comes of it.
    virtual void stream_refused(std::int32_t stream) = 0;
    virtual void answer_sent(std::int32_t stream) = 0;
    virtual void stream_closed(std::int32_t stream) = 0;
    // A frame that carries no part of a request: SETTINGS, PING, WINDOW_UPDATE, empty DATA, ...
    virtual void take_idle_frame() = 0;
    virtual void data_frame_sent() = 0;
    virtual void ping_answered() = 0;
    virtual void error_sent() = 0;  // by GOAWAY: the connection ends
  };

  // Begins with our SETTINGS.
  explicit Http2Session(Events& events);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // What came from the peer. Of a connection that has failed nothing more is taken, and the peer is
  // told by GOAWAY.
  void receive(std::string_view bytes);
  // Appends frames that are to be sent until there are so many bytes, or none left.
  void collect(std::string& out, std::size_t enough);
  // Neither side has anything more to say.
  bool is_over() const;

  // The whole answer. body: outlives the stream; null for none.
  void respond(std::int32_t stream, int status, std::span<const OutgoingField> fields,
               OutgoingBody* body);
  void send_continue(std::int32_t stream);  // RFC 9110 15.2.1
  void reset(std::int32_t stream, Http2Error error);
  // RFC 9113 6.8: no more requests, please; then a PING by whose answer the peer has heard it.
  void give_notice();
  // Finishes what was begun and takes nothing new.
  void go_away();
  // Ends everything, also what receive() is at.
  void terminate(Http2Error error);

  // Requests under way at once: what RFC 9113 6.5.2 recommends.
  static constexpr std::uint32_t streams_max = 100;
  // A whole body of the largest size needs no word from us.
  static constexpr std::uint32_t stream_window = limits::body_bytes_max + 1;
  // What may be on its way in all requests of a connection.
  static constexpr std::int32_t connection_window = 8 * limits::body_bytes_max;

 private:
  struct Callbacks;
  void submit_settings();

  Events& events_;
  nghttp2_session* session_ = nullptr;
  std::string* out_ = nullptr;  // of collect(), while it runs
  bool receiving_ = false;
  bool deaf_ = false;  // nothing is taken any more
  bool mute_ = false;  // and nothing said
};

}  // namespace cardea::http
