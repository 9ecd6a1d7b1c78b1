// Binding and accepting; see listening_socket.h.
#include "http/listener/listening_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace cardea::http {
namespace {

constexpr int backlog = 1024;
// "localhost:0" needs one port that is free in both families.
constexpr int localhost_attempts = 20;

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_un local;
};

ListenError failure(std::string_view address, int error) {
  const bool busy = error == EADDRINUSE;
  return {.address = std::string(address),
          .reason = busy ? "address already in use" : std::strerror(error),
          .busy = busy};
}

// The file descriptor, or an errno.
Result<Descriptor, int> bind_and_listen(const SocketAddress& at, socklen_t size) {
  Descriptor socket(::socket(at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return refuse(int{errno});
  const int on = 1;
  if (at.any.sa_family != AF_UNIX) {
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  if (at.any.sa_family == AF_INET6) {
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  // Linux gives a Unix socket's file the mode of its inode less the umask: never wider than this.
  if (at.any.sa_family == AF_UNIX && ::fchmod(socket.get(), 0660) != 0) return refuse(int{errno});
  if (::bind(socket.get(), &at.any, size) != 0) return refuse(int{errno});
  if (::listen(socket.get(), backlog) != 0) return refuse(int{errno});
  return socket;
}

std::uint16_t bound_port(int socket) {
  SocketAddress at{};
  socklen_t size = sizeof at;
  if (::getsockname(socket, &at.any, &size) != 0) return 0;
  return ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
}

Result<Descriptor, int> listen_on_ip(const std::string& host, std::uint16_t port) {
  const auto ip = parse_ip(host);
  if (!ip) return refuse(EINVAL);
  SocketAddress at{};
  if (host.find(':') == std::string::npos) {
    at.v4.sin_family = AF_INET;
    at.v4.sin_port = htons(port);
    std::memcpy(&at.v4.sin_addr, ip->bytes.data() + 12, 4);
    return bind_and_listen(at, sizeof at.v4);
  }
  at.v6.sin6_family = AF_INET6;
  at.v6.sin6_port = htons(port);
  std::memcpy(&at.v6.sin6_addr, ip->bytes.data(), 16);
  return bind_and_listen(at, sizeof at.v6);
}

// Whether a process answers on this Unix socket.
bool is_alive(const SocketAddress& at, socklen_t size) {
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(probe.get(), &at.any, size) == 0) return true;
  return errno != ECONNREFUSED && errno != ENOENT;
}

Result<ListeningEndpoint, ListenError> listen_on_path(std::string_view address, std::string path) {
  SocketAddress at{};
  if (path.empty() || path.size() >= sizeof at.local.sun_path) {
    return refuse(
        ListenError{std::string(address), "the path is empty or too long for a Unix socket"});
  }
  at.local.sun_family = AF_UNIX;
  std::memcpy(at.local.sun_path, path.data(), path.size());
  auto socket = bind_and_listen(at, sizeof at.local);
  struct ::stat file{};
  if (!socket && socket.error() == EADDRINUSE && ::lstat(path.c_str(), &file) == 0 &&
      S_ISSOCK(file.st_mode) && !is_alive(at, sizeof at.local)) {
    ::unlink(path.c_str());
    socket = bind_and_listen(at, sizeof at.local);
  }
  if (!socket) return refuse(failure(address, socket.error()));
  // The umask may have taken the group's bits.
  if (::chmod(path.c_str(), 0660) != 0) return refuse(failure(address, errno));

  ListeningEndpoint endpoint;
  ::stat(path.c_str(), &endpoint.unix_file);
  endpoint.sockets.push_back(std::move(*socket));
  endpoint.address = std::string(address);
  endpoint.unix_path = std::move(path);
  return endpoint;
}

// Both loopback families on one port; a machine without IPv6 has only the first.
Result<ListeningEndpoint, ListenError> listen_on_localhost(std::string_view address,
                                                           std::uint16_t wanted) {
  int error = EADDRINUSE;
  for (int attempt = 0; attempt < (wanted == 0 ? localhost_attempts : 1); ++attempt) {
    auto v4 = listen_on_ip("127.0.0.1", wanted);
    if (!v4) return refuse(failure(address, v4.error()));
    const auto port = bound_port(v4->get());
    auto v6 = listen_on_ip("::1", port);
    if (!v6 && v6.error() == EADDRINUSE) continue;
    if (!v6 && v6.error() != EADDRNOTAVAIL && v6.error() != EAFNOSUPPORT) {
      error = v6.error();
      break;
    }
    ListeningEndpoint endpoint;
    endpoint.address = "localhost:" + std::to_string(port);
    endpoint.sockets.push_back(std::move(*v4));
    if (v6) endpoint.sockets.push_back(std::move(*v6));
    return endpoint;
  }
  return refuse(failure(address, error));
}

struct HostPort {
  std::string host;  // without brackets
  bool bracketed = false;
  std::uint16_t port = 0;
};

std::optional<HostPort> split_address(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto digits = address.substr(colon + 1);
  HostPort parts;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), parts.port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  auto host = address.substr(0, colon);
  parts.bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (parts.bracketed) host = host.substr(1, host.size() - 2);
  if (parts.bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  parts.host = std::string(host);
  return parts;
}

}  // namespace

ListeningEndpoint::~ListeningEndpoint() {
  if (unix_path.empty()) return;
  struct ::stat now{};
  if (::lstat(unix_path.c_str(), &now) != 0) return;
  if (now.st_dev == unix_file.st_dev && now.st_ino == unix_file.st_ino) ::unlink(unix_path.c_str());
}

Result<ListeningEndpoint, ListenError> listen_on(std::string_view address) {
  if (address.starts_with("unix:")) return listen_on_path(address, std::string(address.substr(5)));
  const auto parts = split_address(address);
  if (parts && parts->host == "localhost") return listen_on_localhost(address, parts->port);
  if (!parts || !parse_ip(parts->host)) {
    return refuse(ListenError{
        std::string(address),
        "write an IP address and port (127.0.0.1:9443, [::1]:9443), localhost:9443 or unix:/path"});
  }
  auto socket = listen_on_ip(parts->host, parts->port);
  if (!socket) return refuse(failure(address, socket.error()));
  ListeningEndpoint endpoint;
  endpoint.address = (parts->bracketed ? "[" + parts->host + "]" : parts->host) + ":" +
                     std::to_string(bound_port(socket->get()));
  endpoint.sockets.push_back(std::move(*socket));
  return endpoint;
}

Accepted accept_from(int listening) {
  SocketAddress from{};
  socklen_t size = sizeof from;
  Accepted accepted;
  accepted.socket =
      Descriptor(::accept4(listening, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted.socket.valid()) {
    accepted.error = errno;
    return accepted;
  }
  if (from.any.sa_family == AF_UNIX) return accepted;
  // A response is one write; waiting for more to send would only delay it.
  const int on = 1;
  ::setsockopt(accepted.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (from.any.sa_family == AF_INET) {
    accepted.peer = ip_from_v4(reinterpret_cast<const std::uint8_t*>(&from.v4.sin_addr));
  } else {
    accepted.peer.emplace();
    std::memcpy(accepted.peer->bytes.data(), &from.v6.sin6_addr, 16);
  }
  return accepted;
}

}  // namespace cardea::http
