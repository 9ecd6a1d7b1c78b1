// A real listener on a free port in a thread of its own, and clients that send it raw bytes, plain
// or over TLS. Every wait has a bound, so that a broken listener fails a test and does not hang it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/ascii.h"
#include "crypto/certificate.h"
#include "http/listener/listener.h"
#include "task/delivery.h"
#include "task/task.h"

namespace cardea::http_socket_test {

// Keeps events as "name key=value ...".
class KeptLog final : public Log {
 public:
  void write(LogLevel, std::string_view event, std::span<const LogField> fields) override {
    std::string line(event);
    for (const auto& field : fields) {
      line += " " + std::string(field.name) + "=";
      if (const auto* text = std::get_if<std::string_view>(&field.value)) line += *text;
      if (const auto* number = std::get_if<std::int64_t>(&field.value))
        line += std::to_string(*number);
      if (const auto* flag = std::get_if<bool>(&field.value)) line += *flag ? "true" : "false";
    }
    {
      const std::lock_guard lock(mutex_);
      lines_.push_back(std::move(line));
    }
    written_.notify_all();
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& line : lines_) all += line + "\n";
    return all;
  }
  // Whether a line with this text comes within some seconds.
  bool comes(std::string_view part) {
    std::unique_lock lock(mutex_);
    return written_.wait_for(lock, std::chrono::seconds(20), [&] {
      for (const auto& line : lines_) {
        if (line.find(part) != std::string::npos) return true;
      }
      return false;
    });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable written_;
  std::vector<std::string> lines_;
};

// Answers with what it got: "METHOD target peer body".
inline Task<http::Response> echo(http::Request request) {
  http::Response response;
  response.headers.add("Content-Type", "text/plain");
  response.body =
      request.method + " " + request.target + " " + request.peer_address + " " + request.body;
  co_return response;
}

class RunningListener {
 public:
  explicit RunningListener(http::ListenerOptions options = {}, http::Handler handler = echo) {
    if (options.endpoints.empty())
      options.endpoints.push_back({.address = "127.0.0.1:0", .tls = nullptr});
    if (options.io_contexts == 0) options.io_contexts = 2;
    auto bound = http::Listener::bind(std::move(options), std::move(handler), log);
    EXPECT_TRUE(bound.ok()) << (bound ? "" : bound.error().reason);
    listener = std::move(*bound);
    thread_ = std::jthread([this] { listener->run(); });
  }
  ~RunningListener() { stop(); }

  // Returns when run() has.
  void stop() {
    if (!thread_.joinable()) return;
    listener->shutdown();
    thread_.join();
  }
  std::string address(std::size_t at = 0) const { return listener->addresses().at(at); }

  KeptLog log;
  std::unique_ptr<http::Listener> listener;

 private:
  std::jthread thread_;
};

struct RawResponse {
  int status = 0;
  http::Headers headers;
  std::string body;
};

// A blocking client socket. No check on what it sends.
class RawClient {
 public:
  // address: as Listener::addresses() gives it.
  explicit RawClient(const std::string& address) { connect_to(address); }
  // TLS to a server of that name.
  RawClient(const std::string& address, SSL_CTX* tls, const std::string& name) {
    connect_to(address);
    begin_tls(tls, name);
  }
  // session: one to resume, or null.
  void begin_tls(SSL_CTX* tls, const std::string& name, SSL_SESSION* session = nullptr) {
    ssl_ = SSL_new(tls);
    if (session != nullptr) SSL_set_session(ssl_, session);
    SSL_set_fd(ssl_, fd_);
    SSL_set1_host(ssl_, name.c_str());
    SSL_set_tlsext_host_name(ssl_, name.c_str());
    handshaken_ = SSL_connect(ssl_) == 1;
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        ssl_(std::exchange(other.ssl_, nullptr)),
        handshaken_(other.handshaken_),
        unread_(std::move(other.unread_)) {}
  ~RawClient() {
    SSL_free(ssl_);
    if (fd_ >= 0) ::close(fd_);
  }

  int fd() const { return fd_; }
  SSL* ssl() const { return ssl_; }
  bool handshaken() const { return handshaken_; }
  // What the server chose of the protocols that were offered (RFC 7301); "" for none.
  std::string protocol() const {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &chosen, &size);
    return {reinterpret_cast<const char*>(chosen), size};
  }

  // False when the server has gone; the bytes before that may have arrived.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ssl_ != nullptr
                            ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                            : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }

  // One response; status 0 when the connection ended before it was complete.
  RawResponse read_response(std::string_view method = "GET") {
    RawResponse response;
    std::size_t head_end = 0;
    while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) return response;
    }
    const auto head = unread_.substr(0, head_end);
    unread_.erase(0, head_end + 4);
    const auto lines = split_lines(head);
    for (std::size_t at = 1; at < lines.size(); ++at) {
      const auto colon = lines[at].find(": ");
      response.headers.add(lines[at].substr(0, colon), lines[at].substr(colon + 2));
    }
    const auto length = response.headers.first("content-length");
    std::size_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    if (method == "HEAD") size = 0;
    while (unread_.size() < size) {
      if (!read_more()) return response;
    }
    response.body = unread_.substr(0, size);
    unread_.erase(0, size);
    std::from_chars(head.data() + 9, head.data() + 12, response.status);
    return response;
  }
  // All bytes until the server closes.
  std::string read_to_end() {
    while (read_more()) {
    }
    return std::exchange(unread_, {});
  }
  // The next bytes, so many; fewer when the server closes before that.
  std::string read_exactly(std::size_t size) {
    while (unread_.size() < size && read_more()) {
    }
    const auto bytes = unread_.substr(0, size);
    unread_.erase(0, bytes.size());
    return bytes;
  }
  // Whether the server closed, without a further byte.
  bool is_closed() { return unread_.empty() && !read_more() && ended_; }

  RawResponse ask(const std::string& request) {
    send(request);
    return read_response(request.starts_with("HEAD") ? "HEAD" : "GET");
  }

 private:
  static std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t from = 0; from <= text.size();) {
      const auto end = std::min(text.find("\r\n", from), text.size());
      lines.push_back(text.substr(from, end - from));
      from = end + 2;
    }
    return lines;
  }

  void connect_to(const std::string& address) {
    union {
      sockaddr any;
      sockaddr_in v4;
      sockaddr_in6 v6;
      sockaddr_un local;
    } to{};
    socklen_t size = sizeof to.v4;
    if (address.starts_with("unix:")) {
      to.local.sun_family = AF_UNIX;
      std::strncpy(to.local.sun_path, address.c_str() + 5, sizeof to.local.sun_path - 1);
      size = sizeof to.local;
    } else {
      const auto port =
          static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
      if (address.starts_with("[::1]")) {
        to.v6.sin6_family = AF_INET6;
        to.v6.sin6_port = htons(port);
        to.v6.sin6_addr = in6addr_loopback;
        size = sizeof to.v6;
      } else {
        to.v4.sin_family = AF_INET;
        to.v4.sin_port = htons(port);
        to.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      }
    }
    fd_ = ::socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval bound{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
    connected_ = ::connect(fd_, &to.any, size) == 0;
    EXPECT_TRUE(connected_) << address << ": " << std::strerror(errno);
  }

  bool read_more() {
    char bytes[4096];
    const auto got =
        ssl_ != nullptr ? SSL_read(ssl_, bytes, sizeof bytes) : ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) {
      ended_ = ssl_ != nullptr || got == 0 || errno == ECONNRESET;
      return false;
    }
    unread_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  int fd_ = -1;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
  bool handshaken_ = false;
  bool ended_ = false;
  std::string unread_;
};

inline std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) +
         "\r\n";
}

// A directory that is removed with its content.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cardea-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A development CA and a server certificate in files.
class Certificates {
 public:
  Certificates() {
    auto authority = crypto::make_certificate_authority("Cardea test CA", {"localhost"},
                                                        SystemClock().now() - hours(1), days(2));
    EXPECT_TRUE(authority.ok());
    authority_ = std::move(*authority);
    std::ofstream(ca_file()) << authority_.certificate_pem;
    renew();
  }
  // Puts a new certificate and key into the files.
  void renew() {
    const auto leaf = crypto::make_server_certificate(authority_, {"localhost", "127.0.0.1", "::1"},
                                                      SystemClock().now() - minutes(10), days(1));
    EXPECT_TRUE(leaf.ok());
    std::ofstream(directory_ / "cert.pem") << leaf->certificate_pem;
    std::ofstream(directory_ / "key.pem") << leaf->key_pem.reveal();
  }
  std::string ca_file() const { return directory_ / "ca.pem"; }
  std::shared_ptr<const http::TlsFiles> files() const {
    return std::make_shared<http::TlsFiles>(
        http::TlsFiles{.certificate = directory_ / "cert.pem", .key = directory_ / "key.pem"});
  }

 private:
  TemporaryDirectory directory_;
  crypto::CertificateAndKey authority_;
};

// The client's side of TLS, trusting one CA file.
class TlsClientContext {
 public:
  explicit TlsClientContext(const std::string& ca_file)
      : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    EXPECT_EQ(SSL_CTX_load_verify_locations(context_, ca_file.c_str(), nullptr), 1);
  }
  ~TlsClientContext() { SSL_CTX_free(context_); }
  SSL_CTX* get() const { return context_; }
  // What clients offer from now on (RFC 7301), each behind its length.
  void offer(std::string_view protocols) {
    SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
  }

 private:
  SSL_CTX* context_;
};

}  // namespace cardea::http_socket_test
