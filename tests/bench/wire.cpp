// Sockets and response framing of the bench driver; see wire.h.
#include "bench/wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace cardea::bench {
namespace {

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(2);
}

int connect_to(int port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) give_up("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    give_up("connect");
  }
  const int on = 1;
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

SSL* native(void* session) {
  return static_cast<SSL*>(session);
}

}  // namespace

std::string_view between(std::string_view text, std::string_view before, char end) {
  const auto at = text.find(before);
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + before.size());
  return rest.substr(0, rest.find(end));
}

std::string_view Reply::field(std::string_view name) const {
  std::size_t at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() > name.size() + 1 && line[name.size()] == ':' &&
        ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
      return line.substr(name.size() + 2);
    }
    at = head.find("\r\n", at + 2);
  }
  return {};
}

TlsClient::TlsClient(const std::string& server_name, const std::string& certificate,
                     const std::string& key)
    : context_(SSL_CTX_new(TLS_client_method())), server_name_(server_name) {
  auto* context = static_cast<SSL_CTX*>(context_);
  // The certificate is the run's own and says nothing about speed.
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  if (certificate.empty()) return;
  if (SSL_CTX_use_certificate_file(context, certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    ERR_print_errors_fp(stderr);
    std::exit(2);
  }
}

TlsClient::~TlsClient() {
  SSL_CTX_free(static_cast<SSL_CTX*>(context_));
}

Wire::Wire(int port, TlsClient* tls) : socket_(connect_to(port)) {
  if (tls != nullptr) {
    SSL* session = SSL_new(static_cast<SSL_CTX*>(tls->context_));
    session_ = session;
    SSL_set_fd(session, socket_);
    SSL_set_tlsext_host_name(session, tls->server_name_.c_str());
    if (SSL_connect(session) != 1) {
      ERR_print_errors_fp(stderr);
      std::exit(2);
    }
  }
  ::fcntl(socket_, F_SETFL, O_NONBLOCK);
}

Wire::~Wire() {
  SSL_free(native(session_));
  ::close(socket_);
}

void Wire::send(std::string_view request) {
  received_.erase(0, total_size_);
  head_size_ = total_size_ = 0;
  unsent_.append(request);
  flush();
}

void Wire::flush() {
  while (!unsent_.empty()) {
    const auto size = static_cast<int>(unsent_.size());
    const auto sent = session_ != nullptr
                          ? SSL_write(native(session_), unsent_.data(), size)
                          : ::send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
}

std::int64_t Wire::read_some(char* into, std::size_t size) {
  if (session_ == nullptr) {
    const auto got = ::recv(socket_, into, size, 0);
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? -1 : got;
  }
  const int got = SSL_read(native(session_), into, static_cast<int>(size));
  if (got > 0) return got;
  return SSL_get_error(native(session_), got) == SSL_ERROR_WANT_READ ? -1 : 0;
}

bool Wire::complete() {
  if (head_size_ == 0) {
    const auto end = received_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    head_size_ = end + 4;
    reply_.head = std::string_view(received_).substr(0, end + 2);
    const auto length = reply_.field("Content-Length");
    total_size_ =
        head_size_ + (length.empty() ? 0 : std::strtoul(std::string(length).c_str(), nullptr, 10));
  }
  if (received_.size() < total_size_) return false;
  const std::string_view all = received_;
  reply_.head = all.substr(0, head_size_ - 2);
  reply_.body = all.substr(head_size_, total_size_ - head_size_);
  reply_.status = std::atoi(received_.c_str() + sizeof "HTTP/1.1");
  return true;
}

Wire::Seen Wire::receive() {
  for (;;) {
    char bytes[16384];
    const auto got = read_some(bytes, sizeof bytes);
    if (got == 0) return Seen::closed;
    if (got < 0) return Seen::more;
    received_.append(bytes, static_cast<std::size_t>(got));
    if (complete()) return Seen::reply;
  }
}

}  // namespace cardea::bench
