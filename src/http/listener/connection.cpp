// A connection's states; see connection.h.
#include "http/listener/connection.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "http/listener/certificate_header.h"
#include "http/listener/proxy_v2.h"
#include "task/task.h"

namespace cardea::http {
namespace {

constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";
// What a client may still send after a refusal before it is cut off.
constexpr std::size_t linger_bytes_max = 1024 * 1024;
constexpr char tls_handshake_record = 0x16;  // RFC 8446 5.1

}  // namespace

Connection::Connection(IoLoop& loop, Arrival arrival)
    : loop_(loop),
      socket_(std::move(arrival.socket)),
      stream_(socket_.get()),
      peer_(arrival.peer),
      proxied_(arrival.peer),
      counting_(arrival.counting),
      tls_(std::move(arrival.tls)) {
  loop.watch(socket_.get(), *this);
  set_deadline(loop.service().options.header_deadline);
}

Connection::~Connection() {
  loop_.service().admission.leave(peer_, counting_);
}

void Connection::run() {
  if (running_) return;
  running_ = true;
  const auto self = shared_from_this();
  try {
    while (step() == Step::go_on) {
    }
  } catch (const std::exception& thrown) {
    loop_.service().log.error("http.connection_failed", {{"reason", thrown.what()}});
    close();
  }
  running_ = false;
}

Connection::Step Connection::step() {
  switch (phase_) {
    case Phase::opening:
      return open();
    case Phase::handshaking:
      return shake_hands();
    case Phase::reading:
      return read();
    case Phase::handling:
      return Step::wait;
    case Phase::writing:
      return write();
    case Phase::lingering:
      return linger();
    case Phase::closed:
      return Step::wait;
  }
  return Step::wait;
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  const auto self = shared_from_this();
  phase_ = Phase::closed;
  waiting_ = Waiting::no;
  loop_.unwatch(socket_.get());
  socket_ = Descriptor();
  loop_.forget(*this);
}

Connection::Step Connection::stop() {
  close();
  return Step::wait;
}

void Connection::set_deadline(Milliseconds from_now) {
  deadline_ms_ = monotonic_ms() + from_now.count;
}

// What was told already is asked for again, and comes in its turn: nobody reads on and on while
// others wait.
Connection::Step Connection::wait_for(IoOutcome outcome) {
  if (outcome == IoOutcome::want_write) {
    waiting_ = Waiting::to_write;
    return Step::wait;
  }
  if (!stream_.is_drained() || hung_up_) loop_.watch_again(socket_.get(), *this);
  waiting_ = Waiting::to_read;
  return Step::wait;
}

void Connection::heed(SocketChange change) noexcept {
  if (change.readable) stream_.note_arrival();
  readable_ = readable_ || change.readable;
  hung_up_ = hung_up_ || change.hung_up;
  const bool awaited = (waiting_ == Waiting::to_read && change.readable) ||
                       (waiting_ == Waiting::to_write && change.writable);
  if (!awaited) return;
  waiting_ = Waiting::no;
  readable_ = true;
  run();
}

Connection::Step Connection::say_goodbye() {
  stream_.finish();
  return stop();
}

void Connection::expire(std::int64_t now_ms) {
  if (deadline_ms_ == 0 || now_ms < deadline_ms_ || phase_ == Phase::closed) return;
  waiting_ = Waiting::no;
  const bool begun = phase_ == Phase::reading && reader_.state() != RequestReader::State::empty;
  if (!begun) {
    if (phase_ == Phase::reading) stream_.finish();
    return close();
  }
  refuse_with({408, awaited_ == Awaited::body ? "The body took too long."
                                              : "The request header took too long."});
  run();
}

// A request that has arrived and was not yet read is under way, too: so look once more, and close
// if there is nothing (open() and read() do, while the loop drains).
void Connection::drain() {
  const bool idle = phase_ == Phase::reading && reader_.state() == RequestReader::State::empty;
  if (!idle && phase_ != Phase::opening) return;
  waiting_ = Waiting::no;
  readable_ = true;
  run();
}

// --- before the first request
// ------------------------------------------------------------------------------

Connection::Step Connection::open() {
  const auto got = stream_.read(loop_.scratch());
  if (got.outcome == IoOutcome::closed) return stop();
  if (got.outcome != IoOutcome::done) {
    return loop_.draining() && input_.empty() ? say_goodbye() : wait_for(got.outcome);
  }
  return open_with({loop_.scratch().data(), got.size});
}

// Nothing is believed that a peer says about itself: PROXY v2 counts from trusted proxies only.
Connection::Step Connection::open_with(std::string_view bytes) {
  input_.append(bytes);
  const auto header = parse_proxy_v2(input_);
  switch (header.verdict) {
    case ProxyHeader::Verdict::more:
      return wait_for(IoOutcome::want_read);
    case ProxyHeader::Verdict::absent:
      break;
    case ProxyHeader::Verdict::malformed:
      return refuse_with({400, "The PROXY header is malformed."});
    case ProxyHeader::Verdict::present:
      if (!loop_.service().trusted.contains(peer_)) {
        return refuse_with({400, "A PROXY header is accepted from trusted proxies only."});
      }
      if (header.source) proxied_ = *header.source;
      input_.erase(0, header.size);
      break;
  }
  if (tls_) return begin_tls();
  phase_ = Phase::reading;
  return Step::go_on;
}

Connection::Step Connection::begin_tls() {
  if (!input_.empty() && input_.front() != tls_handshake_record) {
    return refuse_with({400, "This port speaks HTTPS: use an https:// address."});
  }
  if (!stream_.start_tls(std::exchange(tls_, nullptr), std::exchange(input_, {}))) return stop();
  phase_ = Phase::handshaking;
  return Step::go_on;
}

Connection::Step Connection::shake_hands() {
  const auto outcome = stream_.handshake();
  if (outcome == IoOutcome::done) {
    phase_ = Phase::reading;
    readable_ = stream_.holds_unread();
    certificates_ = stream_.peer_certificates();
    return Step::go_on;
  }
  if (outcome != IoOutcome::closed) return wait_for(outcome);
  if (!stream_.handshake_failure().empty()) {
    loop_.service().log.info("http.tls_refused", {{"reason", stream_.handshake_failure()},
                                                  {"peer", write_peer(proxied_)}});
  }
  return stop();
}

// --- requests
// ----------------------------------------------------------------------------------------------

Connection::Step Connection::read() {
  if (!input_.empty()) return take_input(std::exchange(input_, {}));
  const bool between = reader_.state() == RequestReader::State::empty;
  if (!readable_ && !(between && loop_.draining())) return wait_for(IoOutcome::want_read);
  const auto got = stream_.read(loop_.scratch());
  if (got.outcome == IoOutcome::closed) return stop();
  if (got.outcome != IoOutcome::done) {
    return between && loop_.draining() ? say_goodbye() : wait_for(got.outcome);
  }
  readable_ = stream_.holds_unread();
  return take_input({loop_.scratch().data(), got.size});
}

Connection::Step Connection::take_input(std::string_view bytes) {
  if (awaited_ == Awaited::request) {
    awaited_ = Awaited::head;
    set_deadline(options().header_deadline);
  }
  const auto used = reader_.feed(bytes);
  input_.assign(bytes.substr(used));
  return heed_reader();
}

Connection::Step Connection::heed_reader() {
  switch (reader_.state()) {
    case RequestReader::State::empty:
    case RequestReader::State::head:
      return Step::go_on;
    case RequestReader::State::body:
      if (awaited_ != Awaited::body) {
        awaited_ = Awaited::body;
        set_deadline(options().body_deadline);
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

bool Connection::is_misdirected(const Request& request) const {
  const auto& accepted = options().accepted_hosts;
  const auto host = request.headers.first("host");
  return !accepted.empty() && std::ranges::none_of(accepted, [&](const std::string& one) {
    return ascii::equal_ignoring_case(one, host);
  });
}

// RFC 8705 6.5: whoever ends TLS knows the certificate. A header is believed as X-Forwarded-For is,
// and nobody else's reaches the handler.
bool Connection::take_certificate(Request& request) const {
  const auto& name = options().client_certificate_header;
  if (name.empty() || !loop_.service().trusted.contains(proxied_)) {
    if (!name.empty()) request.headers.remove(name);
    request.client_certificates = certificates_;
    return true;
  }
  auto certificates = take_certificate_header(request.headers, name);
  if (!certificates) return false;
  request.client_certificates = *std::move(certificates);
  return true;
}

Connection::Step Connection::begin_handling() {
  auto head = reader_.take();
  if (is_misdirected(head.request)) {
    return refuse_with({421, "This server does not answer for that host."});
  }
  if (!take_certificate(head.request)) {
    return refuse_with({400, "The client certificate header is malformed."});
  }
  head.request.peer_address =
      write_peer(forwarded_peer(loop_.service().trusted, proxied_, head.request.headers));
  persistence_ = head.persistence;
  content_ = head.request.method == "HEAD" ? ResponseFrame::Content::without_body
                                           : ResponseFrame::Content::whole;
  phase_ = Phase::handling;
  deadline_ms_ = 0;
  handle(std::move(head.request));
  return Step::go_on;
}

void Connection::handle(Request request) {
  std::optional<Task<Response>> task;
  try {
    task.emplace(loop_.service().handler(std::move(request)));
  } catch (...) {
    return fail_handling(std::current_exception());
  }
  const auto self = shared_from_this();
  spawn(
      loop_, std::move(*task),
      [self](Response response) { self->finish_handling(std::move(response)); },
      [self](const std::exception_ptr& thrown) { self->fail_handling(thrown); });
}

// The connection may be gone: then the work is done all the same, and nobody is told.
void Connection::finish_handling(Response response) noexcept {
  if (phase_ != Phase::handling) return;
  try {
    if (!is_writable(response)) {
      loop_.service().log.error("http.response_unwritable", {{"status", response.status}});
      response = plain_response(500, "The server made an error.");
    }
    const bool last = persistence_ == RequestHead::Persistence::close || loop_.draining();
    answer(response, last ? RequestHead::Persistence::close : RequestHead::Persistence::keep_alive);
  } catch (...) {
    return close();
  }
  run();
}

// Decision E2: whatever escapes a handler is one 500 and one event.
void Connection::fail_handling(const std::exception_ptr& thrown) noexcept {
  try {
    std::string reason = "unknown exception";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& known) {
      reason = known.what();
    } catch (...) {
    }
    loop_.service().log.error("http.handler_failed", {{"reason", reason}});
    finish_handling(plain_response(500, "The server made an error."));
  } catch (...) {
    close();
  }
}

// --- responses
// ---------------------------------------------------------------------------------------------

void Connection::answer(const Response& response, RequestHead::Persistence persistence) {
  output_ = write_response(response,
                           {.date = loop_.date(), .persistence = persistence, .content = content_});
  written_ = 0;
  after_write_ = persistence == RequestHead::Persistence::close ? AfterWrite::linger
                                                                : AfterWrite::next_request;
  phase_ = Phase::writing;
  set_deadline(options().write_deadline);
}

// Log and answer hold the fixed sentence and nothing that the client sent.
Connection::Step Connection::refuse_with(const Refused& refused) {
  loop_.service().log.info(
      "http.request_refused",
      {{"status", refused.status}, {"reason", refused.reason}, {"peer", write_peer(proxied_)}});
  content_ = ResponseFrame::Content::whole;
  answer(plain_response(refused.status, refused.reason), RequestHead::Persistence::close);
  return Step::go_on;
}

Connection::Step Connection::write() {
  while (written_ < output_.size()) {
    const auto sent = stream_.write(std::string_view(output_).substr(written_));
    if (sent.outcome == IoOutcome::closed) return stop();
    if (sent.outcome != IoOutcome::done) return wait_for(sent.outcome);
    written_ += sent.size;
  }
  output_ = std::string();
  switch (after_write_) {
    case AfterWrite::linger:
      stream_.finish();
      phase_ = Phase::lingering;
      set_deadline(options().linger_deadline);
      input_ = std::string();
      return Step::go_on;
    case AfterWrite::next_request:
      awaited_ = Awaited::request;
      set_deadline(options().idle_deadline);
      break;
    case AfterWrite::same_request:
      break;
  }
  phase_ = Phase::reading;
  return Step::go_on;
}

// Closing with unread bytes would reset the connection and could take the response away from the
// client.
Connection::Step Connection::linger() {
  const auto got = stream_.read(loop_.scratch());
  if (got.outcome == IoOutcome::closed) return stop();
  if (got.outcome != IoOutcome::done) return wait_for(got.outcome);
  discarded_ += got.size;
  return discarded_ > linger_bytes_max ? stop() : Step::go_on;
}

}  // namespace cardea::http
