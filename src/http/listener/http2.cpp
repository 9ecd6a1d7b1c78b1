// Streams, their limits and deadlines; see http2.h.
#include "http/listener/http2.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/limits.h"
#include "http/listener/connection.h"

namespace cardea::http {
namespace {

// Frames are collected up to here before they are written: four records of TLS.
constexpr std::size_t output_enough = 64 * 1024;
// Behind so many others, for an allocator begins large blocks where a page begins, and bytes that
// do so as well are copied once more (byte_stream.cpp).
constexpr std::size_t page_start = 64;
// A head is decoded to its end, or the connection's table is lost; beyond this that is not worth
// it.
constexpr std::size_t decoded_head_max = 16 * limits::header_bytes_max;

// Bodies under way in all requests of a connection: room for one of five KiB in each of them.
constexpr std::size_t held_max = 8 * limits::body_bytes_max;

// A client that navigates on takes back what it asked for, all of it at once.
constexpr std::int64_t taken_back_at_once = 2 * Http2Session::streams_max;
constexpr std::int64_t taken_back_per_second = 20;
// Settings, pings and windows of an ordinary client: some per request and frame of an answer.
constexpr std::int64_t idle_frames_at_once = 1000;
constexpr std::int64_t idle_frames_per_second = 50;
constexpr std::int64_t idle_frames_per_request = 8;
constexpr std::int64_t idle_frames_per_data_frame = 4;

// Fields whose values are the same in most responses, or are those of a public document; any other
// may hold what one client alone may know.
bool may_be_indexed(std::string_view name) {
  static constexpr std::array<std::string_view, 8> alike{"vary",
                                                         "etag",
                                                         "content-type",
                                                         "cache-control",
                                                         "content-language",
                                                         "strict-transport-security",
                                                         "access-control-allow-origin",
                                                         "access-control-expose-headers"};
  return std::ranges::any_of(alike, [&](auto one) {
    return one.size() == name.size() && ascii::equal_ignoring_case(one, name);
  });
}

}  // namespace

Http2::Http2(Connection& connection)
    : connection_(connection),
      session_(*this),
      taken_back_(taken_back_at_once, taken_back_per_second),
      idle_frames_(idle_frames_at_once, idle_frames_per_second),
      idle_deadline_ms_(connection.deadline_ms()) {}

Http2::Stream* Http2::find(std::int32_t number) {
  const auto found = streams_.find(number);
  return found == streams_.end() ? nullptr : &found->second;
}

std::int64_t Http2::deadline_in(Milliseconds time) const {
  return connection_.loop().now_ms() + time.count;
}

Step Http2::step() {
  if (const auto ended = flush()) return *ended;
  if (session_.is_over()) return connection_.linger();
  const auto bytes = connection_.receive(Connection::IfNone::wait);
  if (!bytes) return Step::wait;
  session_.receive(*bytes);
  begin_ready();
  return Step::go_on;
}

std::optional<Step> Http2::flush() {
  if (!unwritten_.empty()) {
    auto kept = std::exchange(unwritten_, {});
    if (const auto ended = write(kept)) return ended;
  }
  auto& frames = connection_.loop().outgoing();
  for (;;) {
    frames.assign(page_start, '\0');  // whatever happened to the connection that was here before
    session_.collect(frames, page_start + output_enough);
    if (frames.size() == page_start) return std::nullopt;
    if (const auto ended = write(std::string_view(frames).substr(page_start))) return ended;
  }
}

std::optional<Step> Http2::write(std::string_view frames) {
  for (std::size_t written = 0; written < frames.size();) {
    const auto sent = connection_.write(frames.substr(written));
    if (sent.outcome == IoOutcome::done) {
      written += sent.size;
      continue;
    }
    if (sent.outcome == IoOutcome::closed || ending_ == Ending::at_once) return connection_.stop();
    unwritten_ = frames.substr(written);
    if (stuck_deadline_ms_ == 0)
      stuck_deadline_ms_ = deadline_in(connection_.options().write_deadline);
    return connection_.wait_for(sent.outcome);
  }
  stuck_deadline_ms_ = 0;
  return std::nullopt;
}

// --- requests
// ----------------------------------------------------------------------------------------------

void Http2::begin_request(std::int32_t number) {
  streams_[number].deadline_ms = deadline_in(connection_.options().header_deadline);
  idle_frames_.earn(idle_frames_per_request);
}

void Http2::take_field(std::int32_t number, std::string_view name, std::string_view value) {
  auto* stream = find(number);
  if (stream == nullptr) return;
  if (stream->phase == Stream::Phase::body) refuse_with(number, *stream, trailer_fields);
  stream->fields.take(name, value);
  if (stream->fields.size() > decoded_head_max) {
    end(Http2Error::enhance_your_calm, "A request header is far too large.");
  }
}

void Http2::end_head(std::int32_t number, More more) {
  auto* stream = find(number);
  if (stream == nullptr) return;
  const bool ends = more == More::nothing;
  stream->ended = ends;
  stream->content = content_for(stream->fields.method());
  auto head = stream->fields.finish(ends ? Http2Head::Body::absent : Http2Head::Body::follows);
  stream->fields = {};
  if (!head) return refuse_with(number, *stream, head.error());
  stream->request = std::move(*head);
  if (ends) return make_ready(number, *stream);
  stream->phase = Stream::Phase::body;
  stream->deadline_ms = deadline_in(connection_.options().body_deadline);
  if (stream->request.expectation == RequestHead::Expectation::continue_100) {
    session_.send_continue(number);
  }
}

void Http2::take_data(std::int32_t number, std::string_view bytes) {
  auto* stream = find(number);
  if (stream == nullptr || stream->phase != Stream::Phase::body) return;
  auto& body = stream->request.request.body;
  if (body.size() + bytes.size() > limits::body_bytes_max) {
    return refuse_with(number, *stream, too_large_body);
  }
  if (held_ + bytes.size() > held_max) return take_no_more(number, *stream);
  held_ += bytes.size();
  stream->held += bytes.size();
  body.append(bytes);
}

// RFC 9113 8.7: nothing was done about it, so its client may safely send it again.
void Http2::take_no_more(std::int32_t number, Stream& stream) {
  release(stream);
  stream.request = {};
  stream.phase = Stream::Phase::answering;
  session_.reset(number, Http2Error::refused_stream);
}

void Http2::end_request(std::int32_t number) {
  auto* stream = find(number);
  if (stream == nullptr) return;
  stream->ended = true;
  if (stream->phase == Stream::Phase::body) make_ready(number, *stream);
}

// RFC 9113 8.1.1: the library has reset it, which is the whole answer. One that begin_request() did
// not tell of was beyond the number that we allow.
void Http2::stream_refused(std::int32_t number) {
  auto* stream = find(number);
  if (stream == nullptr) return count_taken_back();
  if (stream->phase == Stream::Phase::handling) return;
  connection_.log_refused({400, "The request is malformed."});
  stream->phase = Stream::Phase::answering;
  stream->deadline_ms = deadline_in(connection_.options().write_deadline);
}

// Requests are begun when all that came was taken: one that is taken back in the same breath costs
// no handler.
void Http2::make_ready(std::int32_t number, Stream& stream) {
  stream.phase = Stream::Phase::ready;
  stream.deadline_ms = 0;
  ready_.push_back(number);
}

void Http2::begin_ready() {
  for (std::size_t at = 0; at < ready_.size() && ending_ == Ending::no; ++at) {
    auto* stream = find(ready_[at]);
    if (stream != nullptr && stream->phase == Stream::Phase::ready) {
      begin_handling(ready_[at], *stream);
    }
  }
  ready_.clear();
}

// Streams that were reset are no more, but their handlers are at work: those count (E2).
void Http2::begin_handling(std::int32_t number, Stream& stream) {
  if (handling_ >= Http2Session::streams_max) return take_no_more(number, stream);
  release(stream);
  auto request = std::move(stream.request.request);
  if (const auto refused = connection_.admit(request)) return refuse_with(number, stream, *refused);
  stream.phase = Stream::Phase::handling;
  ++handling_;
  connection_.handle(number, std::move(request));
}

void Http2::release(Stream& stream) {
  held_ -= std::exchange(stream.held, 0);
}

// --- responses
// ---------------------------------------------------------------------------------------------

void Http2::finish(std::int32_t number, Response response) {
  --handling_;
  auto* stream = find(number);
  if (stream == nullptr || stream->phase != Stream::Phase::handling) return;
  answer(number, *stream, std::move(response));
}

void Http2::refuse_with(std::int32_t number, Stream& stream, const Refused& refused) {
  release(stream);
  stream.request = {};
  answer(number, stream, connection_.refuse(refused));
}

void Http2::answer(std::int32_t number, Stream& stream, Response response) {
  stream.phase = Stream::Phase::answering;
  stream.deadline_ms = deadline_in(connection_.options().write_deadline);
  const bool has_content = !has_no_body(response.status);
  const auto length = has_content ? std::to_string(response.body.size()) : std::string();
  list_fields(response, length);
  const bool sends_body = has_content && stream.content == ResponseFrame::Content::whole;
  if (sends_body) stream.body.bytes = std::move(response.body);
  session_.respond(number, response.status, fields_,
                   stream.body.bytes.empty() ? nullptr : &stream.body);
}

void Http2::list_fields(const Response& response, std::string_view length) {
  using Indexed = OutgoingField::Indexed;
  fields_.clear();
  fields_.push_back({"date", connection_.loop().date(), Indexed::may_be});
  if (const auto* shared = response.headers.shared()) {
    for (const auto& [name, value] : shared->lower_case_fields()) {
      fields_.push_back({name, value, Indexed::may_be, OutgoingField::Text::lasting});
    }
  }
  for (std::size_t at = 0; at < response.headers.own_count(); ++at) {
    const auto [name, value] = response.headers.own_field(at);
    if (is_listeners_own(name)) continue;
    fields_.push_back({name, value, may_be_indexed(name) ? Indexed::may_be : Indexed::never});
  }
  if (!length.empty()) fields_.push_back({"content-length", length, Indexed::may_be});
}

// RFC 9113 8.1: who was answered before all was said need not say the rest.
void Http2::answer_sent(std::int32_t number) {
  auto* stream = find(number);
  if (stream == nullptr) return;
  stream->answered = true;
  stream->deadline_ms = 0;
  if (!stream->ended) session_.reset(number, Http2Error::no_error);
}

void Http2::stream_closed(std::int32_t number) {
  const auto found = streams_.find(number);
  if (found == streams_.end()) return;
  release(found->second);
  const bool spoiled = !found->second.answered;
  streams_.erase(found);
  if (streams_.empty()) idle_deadline_ms_ = deadline_in(connection_.options().idle_deadline);
  if (spoiled) count_taken_back();
}

void Http2::count_taken_back() {
  if (!taken_back_.take()) {
    end(Http2Error::enhance_your_calm, "Too many requests were taken back.");
  }
}

void Http2::data_frame_sent() {
  idle_frames_.earn(idle_frames_per_data_frame);
}

void Http2::take_idle_frame() {
  if (!idle_frames_.take()) {
    end(Http2Error::enhance_your_calm, "Too many frames carried nothing.");
  }
}

// --- the end
// -----------------------------------------------------------------------------------------------

void Http2::end(Http2Error error, std::string_view reason) {
  if (ending_ != Ending::no) return;
  ending_ = Ending::heard;
  if (!reason.empty()) connection_.log_ended(reason);
  session_.terminate(error);
}

void Http2::error_sent() {
  if (ending_ == Ending::no) connection_.log_ended("The client broke the rules of HTTP/2.");
  ending_ = std::max(ending_, Ending::heard);
}

void Http2::cut_off(std::string_view reason) {
  end(Http2Error::enhance_your_calm, reason);
  ending_ = Ending::at_once;
}

bool Http2::expire_stream(std::int32_t number, Stream& stream) {
  switch (stream.phase) {
    case Stream::Phase::head:
      end(Http2Error::enhance_your_calm, "The request header took too long.");
      return true;
    case Stream::Phase::body:
      refuse_with(number, stream, slow_body);
      return true;
    case Stream::Phase::ready:
    case Stream::Phase::handling:
      return false;
    case Stream::Phase::answering:
      cut_off("The client does not read.");
      return true;
  }
  return false;
}

void Http2::expire(std::int64_t now_ms) {
  const auto is_past = [&](std::int64_t deadline) { return deadline != 0 && now_ms >= deadline; };
  bool speaks = false;
  for (auto& [number, stream] : streams_) {
    if (is_past(stream.deadline_ms)) speaks = expire_stream(number, stream) || speaks;
  }
  if (is_past(stuck_deadline_ms_)) {
    cut_off("The client does not read.");
    speaks = true;
  }
  if (streams_.empty() && is_past(idle_deadline_ms_)) {
    end(Http2Error::no_error, "");
    speaks = true;
  }
  if (is_past(farewell_deadline_ms_)) {
    ping_answered();
    speaks = true;
  }
  if (speaks) connection_.run();
}

// RFC 9113 6.8: first a word that we leave; when the client has heard it, the last stream that is
// answered.
void Http2::drain() {
  session_.give_notice();
  farewell_deadline_ms_ = deadline_in(connection_.options().linger_deadline);
  connection_.run();
}

void Http2::ping_answered() {
  if (std::exchange(farewell_deadline_ms_, 0) != 0) session_.go_away();
}

}  // namespace cardea::http
