// Sockets of the driver; see connection.h.
#include "app/bench/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace cardea::app::bench {

using Step = http::TlsClientSession::Step;

Connection::Connection(const EndpointAddress& address, std::shared_ptr<const http::TlsClient> tls)
    : socket_(::socket(address.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  const int on = 1;
  ::setsockopt(socket(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* to = reinterpret_cast<const sockaddr*>(&address.address);
  if (::connect(socket(), to, address.size) != 0 && errno != EINPROGRESS) {
    broke("connect");
    return;
  }
  if (address.is_tls) {
    tls_ = std::make_unique<http::TlsClientSession>(std::move(tls), socket(), address.host);
  }
}

Connection::Seen Connection::broke(std::string_view why) {
  if (failure_.empty()) failure_ = why;
  return Seen::broken;
}

void Connection::send(std::string_view request) {
  if (reader_.next()) broke("malformed response");  // bytes that nobody asked for
  unsent_ = request;
  is_under_way_ = true;
  if (state_ == State::open) flush();
}

bool Connection::finish_connecting() {
  if (state_ == State::connecting) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(socket(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
      int error = 0;
      size = sizeof error;
      ::getsockopt(socket(), SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) broke("connect");
      return false;
    }
    state_ = tls_ ? State::shaking_hands : State::open;
  }
  if (state_ == State::shaking_hands) {
    const auto step = tls_->shake_hands();
    if (step == Step::closed || step == Step::failed) broke("tls");
    if (step != Step::done) return false;
    state_ = State::open;
  }
  return true;
}

void Connection::flush() {
  while (!unsent_.empty() && failure_.empty()) {
    std::size_t moved = 0;
    if (tls_) {
      const auto step = tls_->write(unsent_, moved);
      if (step == Step::wants_io) return;
      if (step != Step::done) broke("closed");
    } else {
      const auto sent = ::send(socket(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (sent < 0) broke("closed");
      moved = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }
    unsent_.erase(0, moved);
  }
}

std::ptrdiff_t Connection::read_some(char* into, std::size_t size) {
  if (!tls_) {
    const auto got = ::recv(socket(), into, size, 0);
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? -1 : std::max<std::ptrdiff_t>(got, 0);
  }
  std::size_t moved = 0;
  const auto step = tls_->read(into, size, moved);
  if (step == Step::wants_io) return -1;
  return step == Step::done ? static_cast<std::ptrdiff_t>(moved) : 0;
}

Connection::Seen Connection::advance() {
  if (!failure_.empty()) return Seen::broken;
  if (state_ != State::open && !finish_connecting()) {
    return failure_.empty() ? Seen::more : Seen::broken;
  }
  flush();
  if (!failure_.empty()) return Seen::broken;
  std::array<char, 16384> bytes;
  for (;;) {
    const auto got = read_some(bytes.data(), bytes.size());
    if (got < 0) return Seen::more;
    const auto seen =
        got == 0 ? reader_.end() : reader_.feed({bytes.data(), static_cast<std::size_t>(got)});
    if (!is_under_way_) return broke("closed");  // between two requests: nobody's failure
    if (seen == ReplyReader::Seen::reply) {
      is_under_way_ = false;
      is_spent_ = got == 0 || !reply().keeps_alive;
      return Seen::reply;
    }
    if (seen == ReplyReader::Seen::malformed) {
      return broke(got == 0 ? "closed" : "malformed response");
    }
  }
}

}  // namespace cardea::app::bench
