// HTTP/2 over one TLS connection, many requests at once (RFC 9113). Each stream is
//
//   head -> [body] -> ready -> handling -> answering -> gone
//     |        |                             |
//     +--------+---- refusal ----------------+
//
// and a stream that its client resets is gone at once, while its handler goes on (E2). What costs
// the client little and us much has an allowance, beyond which the connection is ended by GOAWAY:
// requests taken back, frames that carry nothing, heads without end; and a client that does not
// read is cut off.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/listener/allowance.h"
#include "http/listener/http2_head.h"
#include "http/listener/http2_session.h"
#include "http/listener/listener.h"
#include "http/listener/protocol.h"
#include "http/listener/response_writer.h"

namespace cardea::http {

class Connection;

class Http2 final : public Protocol, private Http2Session::Events {
 public:
  explicit Http2(Connection& connection);  // which outlives it

  Step step() override;
  void finish(std::int32_t number, Response response) override;
  void expire(std::int64_t now_ms) override;
  void drain() override;

 private:
  struct Stream {
    enum class Phase { head, body, ready, handling, answering } phase = Phase::head;
    std::int64_t deadline_ms = 0;  // of monotonic_ms(); 0: none
    Http2Head fields;              // of phase head
    RequestHead request;           // of phases body and ready
    std::size_t held = 0;          // what of its body counts in held_
    bool ended = false;            // the client has said all
    bool answered = false;         // and so have we
    ResponseFrame::Content content = ResponseFrame::Content::whole;
    OutgoingBody body;
  };

  // --- of the session ---
  void begin_request(std::int32_t stream) override;
  void take_field(std::int32_t stream, std::string_view name, std::string_view value) override;
  void end_head(std::int32_t stream, More more) override;
  void take_data(std::int32_t stream, std::string_view bytes) override;
  void end_request(std::int32_t stream) override;
  void stream_refused(std::int32_t stream) override;
  void answer_sent(std::int32_t stream) override;
  void stream_closed(std::int32_t stream) override;
  void take_idle_frame() override;
  void data_frame_sent() override;
  void ping_answered() override;
  void error_sent() override;

  Stream* find(std::int32_t number);
  std::int64_t deadline_in(Milliseconds time) const;
  void make_ready(std::int32_t number, Stream& stream);
  void take_no_more(std::int32_t number, Stream& stream);
  void begin_ready();
  void begin_handling(std::int32_t number, Stream& stream);
  void answer(std::int32_t number, Stream& stream, Response response);
  void list_fields(const Response& response, std::string_view length);
  void refuse_with(std::int32_t number, Stream& stream, const Refused& refused);
  void release(Stream& stream);
  void count_taken_back();
  // Whether there is something to say now.
  bool expire_stream(std::int32_t number, Stream& stream);
  // Ends the connection: with a word for the log, or as a matter of course.
  void end(Http2Error error, std::string_view reason);
  void cut_off(std::string_view reason);
  // Writes all there is; what to do where that ends the step.
  std::optional<Step> flush();
  // Writes as much of it as goes, and keeps the rest.
  std::optional<Step> write(std::string_view frames);

  Connection& connection_;
  Http2Session session_;
  std::unordered_map<std::int32_t, Stream> streams_;
  std::vector<std::int32_t> ready_;
  std::size_t handling_ = 0;  // requests with the handler, also those whose client took them back
  std::size_t held_ = 0;      // bytes of bodies that no handler has yet
  Allowance taken_back_;
  Allowance idle_frames_;
  std::int64_t idle_deadline_ms_;          // while there is no stream
  std::int64_t stuck_deadline_ms_ = 0;     // for the client to read; 0: nothing waits for it
  std::int64_t farewell_deadline_ms_ = 0;  // for the client to hear that we drain
  enum class Ending { no, heard, at_once } ending_ = Ending::no;
  std::string unwritten_;              // what the socket did not take
  std::vector<OutgoingField> fields_;  // of the response at hand
};

}  // namespace cardea::http
