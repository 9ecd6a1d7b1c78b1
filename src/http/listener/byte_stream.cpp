// Socket and TLS bytes; see byte_stream.h. TLS reads and writes through a BIO of our own: it gives
// back the bytes that were read before TLS began, and a peer that is gone raises no signal.
#include "http/listener/byte_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/limits.h"

namespace cardea::http {
namespace {

// What the BIO works on.
struct Wire {
  int socket = -1;
  bool* drained = nullptr;  // the stream's
  std::string received;     // read before TLS began
  std::size_t taken = 0;
  bool ended = false;
  bool more_follows = false;  // the next write is not the last of those at hand

  bool holds_received() const { return taken < received.size(); }
};

bool must_wait(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

// As recv(); a read that is not filled has emptied the socket, unless the peer sends urgent data.
ssize_t receive(int socket, char* into, std::size_t size, bool& drained) {
  const auto got = ::recv(socket, into, size, 0);
  drained = got < static_cast<ssize_t>(size);
  return got;
}

int wire_read(BIO* bio, char* into, int size) {
  auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (wire.holds_received()) {
    const auto count = std::min(wire.received.size() - wire.taken, static_cast<std::size_t>(size));
    std::memcpy(into, wire.received.data() + wire.taken, count);
    wire.taken += count;
    if (!wire.holds_received()) wire.received = std::string();
    return static_cast<int>(count);
  }
  const auto got = receive(wire.socket, into, static_cast<std::size_t>(size), *wire.drained);
  if (got < 0 && must_wait(errno)) BIO_set_retry_read(bio);
  if (got == 0) wire.ended = true;
  return static_cast<int>(got);
}

int wire_write(BIO* bio, const char* bytes, int size) {
  auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const int flags = MSG_NOSIGNAL | (wire.more_follows ? MSG_MORE : 0);
  const auto sent = ::send(wire.socket, bytes, static_cast<std::size_t>(size), flags);
  if (sent < 0 && must_wait(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long wire_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return static_cast<Wire*>(BIO_get_data(bio))->ended ? 1 : 0;
  return 0;
}

// Made once and kept, as the library's own methods are.
const BIO_METHOD* wire_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cardea wire");
    if (made == nullptr) return made;
    BIO_meth_set_read(made, wire_read);
    BIO_meth_set_write(made, wire_write);
    BIO_meth_set_ctrl(made, wire_control);
    return made;
  }();
  return method;
}

// The same bytes, for the library to copy into a record, 8 or 16 bytes behind the beginning of a
// block that the allocator begins at a page. Where the source begins at a page as well, the target
// is a few bytes ahead of it within their pages, and there the string move instruction that the C
// library copies with takes forty times as long on some processors (Zen 4; see
// docs/performance.md). They move aside first, which costs next to nothing. Valid until the
// thread's next call.
std::string_view clear_of_page_start(std::string_view bytes) {
  static constexpr std::size_t page = 4096;
  static constexpr std::size_t reach = 16;
  static constexpr std::size_t copied_by_that_instruction = 1024;  // at the least
  const auto place = reinterpret_cast<std::uintptr_t>(bytes.data()) % page;
  const bool is_clear = place >= reach && place <= page - reach;
  if (is_clear || bytes.size() < copied_by_that_instruction) return bytes;
  thread_local std::string aside;  // of the threads alone that need it
  aside.resize(page + SSL3_RT_MAX_PLAIN_LENGTH);
  const auto offset = reinterpret_cast<std::uintptr_t>(aside.data()) % page;
  char* const begin = aside.data() + (page + page / 2 - offset) % page;  // amid a page
  const auto size = std::min<std::size_t>(bytes.size(), SSL3_RT_MAX_PLAIN_LENGTH);
  std::memcpy(begin, bytes.data(), size);
  return {begin, size};
}

std::string encode(const X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  std::string der(reinterpret_cast<char*>(bytes), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

struct ByteStream::Tls {
  std::shared_ptr<const TlsContext> context;
  Wire wire;
  SSL* session = nullptr;
  std::string failure;
  bool established = false;

  ~Tls() { SSL_free(session); }

  // What a call that did not succeed asks for. Any error ends the connection: nothing may follow
  // it.
  IoOutcome outcome_of(int result) {
    switch (SSL_get_error(session, result)) {
      case SSL_ERROR_WANT_READ:
        return IoOutcome::want_read;
      case SSL_ERROR_WANT_WRITE:
        return IoOutcome::want_write;
      default:
        break;
    }
    const auto code = ERR_peek_error();
    if (const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code)) failure = reason;
    ERR_clear_error();
    established = false;  // no close_notify after a fatal error
    return IoOutcome::closed;
  }
};

ByteStream::ByteStream(int socket) : socket_(socket) {}
ByteStream::~ByteStream() = default;

bool ByteStream::start_tls(std::shared_ptr<const TlsContext> context, std::string received) {
  auto tls = std::make_unique<Tls>();
  tls->context = std::move(context);
  tls->wire.socket = socket_;
  tls->wire.drained = &drained_;
  tls->wire.received = std::move(received);
  tls->session = SSL_new(tls->context->native());
  BIO* bio = wire_method() == nullptr ? nullptr : BIO_new(wire_method());
  if (tls->session == nullptr || bio == nullptr) {
    BIO_free(bio);
    return false;
  }
  BIO_set_data(bio, &tls->wire);
  BIO_set_init(bio, 1);
  SSL_set_bio(tls->session, bio, bio);  // takes it
  SSL_set_accept_state(tls->session);
  tls_ = std::move(tls);
  return true;
}

IoOutcome ByteStream::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_->session);
  if (result != 1) return tls_->outcome_of(result);
  tls_->established = true;
  return IoOutcome::done;
}

std::string_view ByteStream::handshake_failure() const {
  return tls_ ? std::string_view(tls_->failure) : std::string_view();
}

bool ByteStream::is_http2_chosen() const {
  if (!tls_) return false;
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_->session, &chosen, &size);
  return std::string_view(reinterpret_cast<const char*>(chosen), size) == "h2";
}

std::vector<std::string> ByteStream::peer_certificates() const {
  if (!tls_) return {};
  // Of a server's view: the leaf is not in the chain.
  const X509* leaf = SSL_get0_peer_certificate(tls_->session);
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(tls_->session);
  const int count = chain == nullptr ? 0 : sk_X509_num(chain);
  if (leaf == nullptr || count >= static_cast<int>(limits::client_certificates_max)) return {};
  std::vector<std::string> certificates{encode(leaf)};
  for (int at = 0; at < count; ++at) certificates.push_back(encode(sk_X509_value(chain, at)));
  return certificates;
}

IoResult ByteStream::read(std::span<char> into) {
  if (tls_) {
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(tls_->session, into.data(), into.size(), &size);
    if (result == 1) return {IoOutcome::done, size};
    return {tls_->outcome_of(result), 0};
  }
  const auto got = receive(socket_, into.data(), into.size(), drained_);
  if (got > 0) return {IoOutcome::done, static_cast<std::size_t>(got)};
  if (got < 0 && must_wait(errno)) return {IoOutcome::want_read, 0};
  return {IoOutcome::closed, 0};
}

IoResult ByteStream::write(std::string_view bytes) {
  if (tls_) {
    ERR_clear_error();
    std::size_t size = 0;
    // One call writes one record. What the caller writes next goes into the same segments.
    tls_->wire.more_follows = bytes.size() > SSL3_RT_MAX_PLAIN_LENGTH;
    const auto record = clear_of_page_start(bytes);
    const int result = SSL_write_ex(tls_->session, record.data(), record.size(), &size);
    if (result == 1) return {IoOutcome::done, size};
    return {tls_->outcome_of(result), 0};
  }
  const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent > 0) return {IoOutcome::done, static_cast<std::size_t>(sent)};
  if (sent < 0 && must_wait(errno)) return {IoOutcome::want_write, 0};
  return {IoOutcome::closed, 0};
}

bool ByteStream::holds_unread() const {
  return tls_ && (tls_->wire.holds_received() || SSL_has_pending(tls_->session) == 1);
}

void ByteStream::finish() {
  if (tls_ && tls_->established) {
    ERR_clear_error();
    SSL_shutdown(tls_->session);
    ERR_clear_error();
  }
  ::shutdown(socket_, SHUT_WR);
}

}  // namespace cardea::http
