// HTTP/2 connections (security corpus 7.5): the same requests and the same end however the bytes
// were cut, and rules that hold of every accepted request, which are those of HTTP/1.1. Input: one
// byte that chooses the cuts, then the frames behind the preface and the client's SETTINGS.
#include <map>
#include <string>

#include "base/ascii.h"
#include "fuzz/bytes.h"
#include "fuzz/cuts.h"
#include "fuzz/finding.h"
#include "fuzz/http_request.h"
#include "http/listener/http2_head.h"
#include "http/listener/http2_session.h"

namespace cardea::fuzz {
namespace {

using http::Http2Head;
using http::Http2Session;

constexpr std::string_view preface =
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";  // and empty SETTINGS

// A server that answers each request with its length. What happened is kept as text.
class Recorder final : public Http2Session::Events {
 public:
  std::string happened;

  void receive(std::string_view bytes) { session_.receive(bytes); }
  std::string sent() {
    std::string out;
    session_.collect(out, 1 << 20);
    return out;
  }

 private:
  struct Stream {
    Http2Head fields;
    http::RequestHead head;
    http::OutgoingBody answer;
    bool handled = false;
  };

  void note(std::string_view what, std::int32_t stream) {
    happened += std::string(what) + " " + std::to_string(stream) + "\n";
  }
  Stream& at(std::int32_t stream) {
    expect(streams_.contains(stream), "a stream that nobody told of");
    return streams_.at(stream);
  }

  void begin_request(std::int32_t stream) override {
    expect(stream > last_ && stream % 2 == 1, "streams begin out of order");
    last_ = stream;
    expect(streams_.emplace(stream, Stream()).second, "a stream begins twice");
    expect(streams_.size() <= Http2Session::streams_max, "too many streams");
  }
  void take_field(std::int32_t stream, std::string_view name, std::string_view value) override {
    at(stream).fields.take(name, value);
    if (at(stream).fields.size() > 16 * limits::header_bytes_max) {
      session_.terminate(http::Http2Error::enhance_your_calm);
    }
  }
  void end_head(std::int32_t stream, More more) override {
    const bool ends = more == More::nothing;
    auto head = at(stream).fields.finish(ends ? Http2Head::Body::absent : Http2Head::Body::follows);
    if (!head) {
      note(head.error().reason, stream);
      return session_.reset(stream, http::Http2Error::cancel);
    }
    at(stream).head = std::move(*head);
    if (ends) handle(stream);
  }
  void take_data(std::int32_t stream, std::string_view bytes) override {
    auto& body = at(stream).head.request.body;
    body.append(bytes.substr(0, limits::body_bytes_max - body.size()));
  }
  void end_request(std::int32_t stream) override { handle(stream); }
  void stream_refused(std::int32_t stream) override { note("refused", stream); }
  void answer_sent(std::int32_t) override {}
  void stream_closed(std::int32_t stream) override { streams_.erase(stream); }
  void take_idle_frame() override { happened += "idle\n"; }
  void data_frame_sent() override {}
  void ping_answered() override { happened += "pong\n"; }
  void error_sent() override { happened += "error\n"; }

  void handle(std::int32_t number) {
    auto& stream = at(number);
    if (stream.head.request.method.empty()) return;  // it was refused
    expect(!std::exchange(stream.handled, true), "a request ends twice");
    const auto& request = stream.head.request;
    check_request(request);
    for (const auto* name : {"connection", "transfer-encoding", "upgrade", "keep-alive"}) {
      expect(!request.headers.contains(name), "a field of a connection");
    }
    note(request.method + " " + request.target, number);
    for (const auto& [name, value] : request.headers.fields()) {
      for (const char c : name) expect(!ascii::is_upper(c), "a name in upper case");
      happened.append(name).append(": ").append(value).append("\n");
    }
    happened += request.body;
    stream.answer.bytes = std::to_string(request.body.size());
    session_.respond(number, 200, {}, &stream.answer);
  }

  std::map<std::int32_t, Stream> streams_;
  std::int32_t last_ = 0;
  Http2Session session_{*this};
};

std::string read(std::string_view stream, Cuts cuts) {
  Recorder recorder;
  recorder.receive(preface);
  while (!stream.empty()) {
    const auto piece = stream.substr(0, cuts.next());
    stream.remove_prefix(piece.size());
    recorder.receive(piece);
  }
  const auto sent = recorder.sent();
  expect(sent.starts_with(std::string_view("\0\0\x18\4", 4)), "SETTINGS do not come first");
  return recorder.happened;
}

}  // namespace

void frame_stream(std::string_view input) {
  Bytes bytes(input);
  const unsigned seed = bytes.byte();
  const auto stream = bytes.rest();
  const auto whole = read(stream, Cuts(std::max<std::size_t>(stream.size(), 1)));
  expect(whole == read(stream, Cuts(1)), "another end for single bytes");
  expect(whole == read(stream, Cuts::random(seed)), "another end for other cuts");
}

}  // namespace cardea::fuzz
