// A connection's states; see connection.h.
#include "http/listener/connection.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "http/listener/certificate_header.h"
#include "http/listener/http1.h"
#include "http/listener/http2.h"
#include "http/listener/proxy_v2.h"
#include "http/listener/response_writer.h"
#include "task/task.h"

namespace cardea::http {
namespace {

// What a client may still send after the last response before it is cut off.
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
  guard([&] {
    while (step() == Step::go_on) {
    }
  });
  running_ = false;
}

template <class Work>
void Connection::guard(Work work) {
  try {
    work();
  } catch (const std::exception& thrown) {
    loop_.service().log.error("http.connection_failed", {{"reason", thrown.what()}});
    close();
  }
}

Step Connection::step() {
  switch (phase_) {
    case Phase::opening:
      return open();
    case Phase::handshaking:
      return shake_hands();
    case Phase::speaking:
      return protocol_->step();
    case Phase::lingering:
      return discard();
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

Step Connection::stop() {
  close();
  return Step::wait;
}

void Connection::set_deadline(Milliseconds from_now) {
  deadline_ms_ = loop_.now_ms() + from_now.count;
}

// What was told already is asked for again, and comes in its turn: nobody reads on and on while
// others wait.
Step Connection::wait_for(IoOutcome outcome) {
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

Step Connection::say_goodbye() {
  stream_.finish();
  return stop();
}

void Connection::look_again() {
  waiting_ = Waiting::no;
  readable_ = true;
  run();
}

void Connection::expire(std::int64_t now_ms) {
  guard([&] {
    if (phase_ == Phase::speaking) return protocol_->expire(now_ms);
    if (is_overdue(now_ms)) close();
  });
}

void Connection::drain() {
  guard([&] {
    if (phase_ == Phase::speaking) return protocol_->drain();
    if (phase_ == Phase::opening) look_again();
  });
}

std::optional<std::string_view> Connection::receive(IfNone if_none) {
  if (!readable_ && if_none == IfNone::wait) {
    wait_for(IoOutcome::want_read);
    return std::nullopt;
  }
  const auto got = stream_.read(loop_.scratch());
  if (got.outcome == IoOutcome::done) {
    readable_ = stream_.holds_unread();
    return std::string_view(loop_.scratch().data(), got.size);
  }
  if (got.outcome == IoOutcome::closed) {
    stop();
  } else if (if_none == IfNone::leave) {
    say_goodbye();
  } else {
    wait_for(got.outcome);
  }
  return std::nullopt;
}

// --- before the first request
// ------------------------------------------------------------------------------

Step Connection::open() {
  const auto got = stream_.read(loop_.scratch());
  if (got.outcome == IoOutcome::closed) return stop();
  if (got.outcome != IoOutcome::done) {
    return loop_.draining() && first_bytes_.empty() ? say_goodbye() : wait_for(got.outcome);
  }
  return open_with({loop_.scratch().data(), got.size});
}

// Nothing is believed that a peer says about itself: PROXY v2 counts from trusted proxies only.
Step Connection::open_with(std::string_view bytes) {
  first_bytes_.append(bytes);
  const auto header = parse_proxy_v2(first_bytes_);
  switch (header.verdict) {
    case ProxyHeader::Verdict::more:
      return wait_for(IoOutcome::want_read);
    case ProxyHeader::Verdict::absent:
      break;
    case ProxyHeader::Verdict::malformed:
      return refuse_to_speak({400, "The PROXY header is malformed."});
    case ProxyHeader::Verdict::present:
      if (!loop_.service().trusted.contains(peer_)) {
        return refuse_to_speak({400, "A PROXY header is accepted from trusted proxies only."});
      }
      if (header.source) proxied_ = *header.source;
      first_bytes_.erase(0, header.size);
      break;
  }
  if (tls_) return begin_tls();
  speak(std::make_unique<Http1>(*this, std::exchange(first_bytes_, {})));
  return Step::go_on;
}

Step Connection::begin_tls() {
  if (!first_bytes_.empty() && first_bytes_.front() != tls_handshake_record) {
    return refuse_to_speak({400, "This port speaks HTTPS: use an https:// address."});
  }
  if (!stream_.start_tls(std::exchange(tls_, nullptr), std::exchange(first_bytes_, {}))) {
    return stop();
  }
  phase_ = Phase::handshaking;
  return Step::go_on;
}

Step Connection::shake_hands() {
  const auto outcome = stream_.handshake();
  if (outcome == IoOutcome::done) {
    readable_ = stream_.holds_unread();
    certificates_ = stream_.peer_certificates();
    if (stream_.is_http2_chosen()) {
      speak(std::make_unique<Http2>(*this));
    } else {
      speak(std::make_unique<Http1>(*this, std::string()));
    }
    return Step::go_on;
  }
  if (outcome != IoOutcome::closed) return wait_for(outcome);
  if (!stream_.handshake_failure().empty()) {
    loop_.service().log.info("http.tls_refused", {{"reason", stream_.handshake_failure()},
                                                  {"peer", write_peer(proxied_)}});
  }
  return stop();
}

void Connection::speak(std::unique_ptr<Protocol> protocol) {
  protocol_ = std::move(protocol);
  phase_ = Phase::speaking;
  if (loop_.draining()) protocol_->drain();
}

// Whoever sends what this port does not expect is told in HTTP/1.1.
Step Connection::refuse_to_speak(const Refused& refused) {
  auto protocol = std::make_unique<Http1>(*this, std::string());
  auto& http1 = *protocol;
  speak(std::move(protocol));
  return http1.refuse_with(refused);
}

// --- requests
// ----------------------------------------------------------------------------------------------

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

Checked Connection::admit(Request& request) const {
  if (is_misdirected(request)) return Refused{421, "This server does not answer for that host."};
  if (!take_certificate(request)) {
    return Refused{400, "The client certificate header is malformed."};
  }
  request.peer_address =
      write_peer(forwarded_peer(loop_.service().trusted, proxied_, request.headers));
  return std::nullopt;
}

void Connection::handle(std::int32_t number, Request request) {
  std::optional<Task<Response>> task;
  try {
    task.emplace(loop_.service().handler(std::move(request)));
  } catch (...) {
    return fail_handling(number, std::current_exception());
  }
  const auto self = shared_from_this();
  spawn(
      loop_, std::move(*task),
      [self, number](Response response) { self->finish_handling(number, std::move(response)); },
      [self, number](const std::exception_ptr& thrown) { self->fail_handling(number, thrown); });
}

// The connection may be gone: then the work is done all the same, and nobody is told.
void Connection::finish_handling(std::int32_t number, Response response) noexcept {
  if (phase_ != Phase::speaking) return;
  try {
    if (!is_writable(response)) {
      loop_.service().log.error("http.response_unwritable", {{"status", response.status}});
      response = plain_response(500, "The server made an error.");
    }
    protocol_->finish(number, std::move(response));
  } catch (...) {
    return close();
  }
  run();
}

// Decision E2: whatever escapes a handler is one 500 and one event.
void Connection::fail_handling(std::int32_t number, const std::exception_ptr& thrown) noexcept {
  try {
    std::string reason = "unknown exception";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& known) {
      reason = known.what();
    } catch (...) {
    }
    loop_.service().log.error("http.handler_failed", {{"reason", reason}});
    finish_handling(number, plain_response(500, "The server made an error."));
  } catch (...) {
    close();
  }
}

Response Connection::refuse(const Refused& refused) const {
  log_refused(refused);
  return plain_response(refused.status, refused.reason);
}

void Connection::log_refused(const Refused& refused) const {
  loop_.service().log.info(
      "http.request_refused",
      {{"status", refused.status}, {"reason", refused.reason}, {"peer", write_peer(proxied_)}});
}

void Connection::log_ended(std::string_view reason) const {
  loop_.service().log.info("http.connection_ended",
                           {{"reason", reason}, {"peer", write_peer(proxied_)}});
}

// --- the end
// -----------------------------------------------------------------------------------------------

Step Connection::linger() {
  stream_.finish();
  phase_ = Phase::lingering;
  set_deadline(options().linger_deadline);
  return Step::go_on;
}

// Closing with unread bytes would reset the connection and could take the response away from the
// client.
Step Connection::discard() {
  const auto got = stream_.read(loop_.scratch());
  if (got.outcome == IoOutcome::closed) return stop();
  if (got.outcome != IoOutcome::done) return wait_for(got.outcome);
  discarded_ += got.size;
  return discarded_ > linger_bytes_max ? stop() : Step::go_on;
}

}  // namespace cardea::http
