// Requests and responses one after the other; see http1.h.
#include "http/listener/http1.h"

#include <utility>

#include "http/listener/connection.h"

namespace cardea::http {
namespace {

constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::int32_t only_request = 0;  // there is one at a time

}  // namespace

Http1::Http1(Connection& connection, std::string received)
    : connection_(connection), input_(std::move(received)) {}

Step Http1::step() {
  switch (phase_) {
    case Phase::reading:
      return read();
    case Phase::handling:
      return Step::wait;
    case Phase::writing:
      return write();
  }
  return Step::wait;
}

bool Http1::is_between() const {
  return phase_ == Phase::reading && reader_.state() == RequestReader::State::empty;
}

void Http1::expire(std::int64_t now_ms) {
  if (!connection_.is_overdue(now_ms)) return;
  if (phase_ != Phase::reading) return connection_.close();
  if (is_between()) {
    connection_.say_goodbye();
    return;
  }
  refuse_with(awaited_ == Awaited::body ? slow_body
                                        : Refused{408, "The request header took too long."});
  connection_.look_again();
}

// A request that has arrived and was not yet read is under way, too: so look once more, and close
// if there is nothing (read() does, while the loop drains).
void Http1::drain() {
  if (is_between()) connection_.look_again();
}

// --- requests
// ----------------------------------------------------------------------------------------------

Step Http1::read() {
  if (!input_.empty()) return take_input(std::exchange(input_, {}));
  const bool leaves = is_between() && connection_.loop().draining();
  const auto bytes =
      connection_.receive(leaves ? Connection::IfNone::leave : Connection::IfNone::wait);
  return bytes ? take_input(*bytes) : Step::wait;
}

Step Http1::take_input(std::string_view bytes) {
  if (awaited_ == Awaited::request) {
    awaited_ = Awaited::head;
    connection_.set_deadline(connection_.options().header_deadline);
  }
  const auto used = reader_.feed(bytes);
  input_.assign(bytes.substr(used));
  return heed_reader();
}

Step Http1::heed_reader() {
  switch (reader_.state()) {
    case RequestReader::State::empty:
    case RequestReader::State::head:
      return Step::go_on;
    case RequestReader::State::body:
      if (awaited_ != Awaited::body) {
        awaited_ = Awaited::body;
        connection_.set_deadline(connection_.options().body_deadline);
      }
      if (!reader_.take_continue()) return Step::go_on;
      output_ = continue_line;
      written_ = 0;
      after_write_ = AfterWrite::same_request;
      phase_ = Phase::writing;
      return Step::go_on;
    case RequestReader::State::refused:
      return refuse_with(reader_.refusal());
    case RequestReader::State::complete:
      break;
  }
  return begin_handling();
}

Step Http1::begin_handling() {
  auto head = reader_.take();
  if (const auto refused = connection_.admit(head.request)) return refuse_with(*refused);
  persistence_ = head.persistence;
  content_ = content_for(head.request.method);
  phase_ = Phase::handling;
  connection_.clear_deadline();
  connection_.handle(only_request, std::move(head.request));
  return Step::go_on;
}

// --- responses
// ---------------------------------------------------------------------------------------------

void Http1::finish(std::int32_t, Response response) {
  const bool last =
      persistence_ == RequestHead::Persistence::close || connection_.loop().draining();
  answer(response, last ? RequestHead::Persistence::close : RequestHead::Persistence::keep_alive);
}

void Http1::answer(const Response& response, RequestHead::Persistence persistence) {
  output_ = write_response(
      response,
      {.date = connection_.loop().date(), .persistence = persistence, .content = content_});
  written_ = 0;
  after_write_ = persistence == RequestHead::Persistence::close ? AfterWrite::linger
                                                                : AfterWrite::next_request;
  phase_ = Phase::writing;
  connection_.set_deadline(connection_.options().write_deadline);
}

Step Http1::refuse_with(const Refused& refused) {
  content_ = ResponseFrame::Content::whole;
  answer(connection_.refuse(refused), RequestHead::Persistence::close);
  return Step::go_on;
}

Step Http1::write() {
  while (written_ < output_.size()) {
    const auto sent = connection_.write(std::string_view(output_).substr(written_));
    if (sent.outcome == IoOutcome::closed) return connection_.stop();
    if (sent.outcome != IoOutcome::done) return connection_.wait_for(sent.outcome);
    written_ += sent.size;
  }
  output_ = std::string();
  switch (after_write_) {
    case AfterWrite::linger:
      input_ = std::string();
      return connection_.linger();
    case AfterWrite::next_request:
      awaited_ = Awaited::request;
      connection_.set_deadline(connection_.options().idle_deadline);
      break;
    case AfterWrite::same_request:
      break;
  }
  phase_ = Phase::reading;
  return Step::go_on;
}

}  // namespace cardea::http
