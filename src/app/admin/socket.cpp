// Serving and asking over the administration socket; see socket.h.
#include "app/admin/socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace cardea::app {
namespace {

constexpr std::size_t request_bytes_max = 1024 * 1024;
// Some hundred thousand clients' findings. Whoever asks trusts the server.
constexpr std::size_t answer_bytes_max = 256 * 1024 * 1024;
constexpr int reply_timeout_ms = 120'000;  // a backup of a large store takes a while
constexpr int request_timeout_ms = 10'000;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

bool fill_address(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  memcpy(address.sun_path, path.data(), path.size());
  return true;
}

// One line without its end; nothing on time-out, end of stream or an oversized line.
std::optional<std::string> read_line(int fd, int timeout_ms, std::size_t bytes_max) {
  std::string line;
  char buffer[64 * 1024];
  while (line.size() < bytes_max) {
    pollfd wait{fd, POLLIN, 0};
    if (poll(&wait, 1, timeout_ms) <= 0) return std::nullopt;
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return std::nullopt;
    const std::string_view piece(buffer, static_cast<std::size_t>(got));
    const auto end = piece.find('\n');
    line.append(piece.substr(0, end));
    if (end != std::string_view::npos) return line;
  }
  return std::nullopt;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool is_own_or_root(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

json::Object refusal(const AdminError& error) {
  return {{"ok", false}, {"code", static_cast<int>(error.code)}, {"message", error.message}};
}

// Makes it, for the server's user alone. One that was there is somebody's and stays as it is; where
// others may write they could put a socket of theirs in the place of ours.
bool prepare(const std::filesystem::path& directory) {
  std::error_code ignored;
  std::filesystem::create_directories(directory.parent_path(), ignored);
  if (mkdir(directory.c_str(), 0700) == 0) return true;
  struct stat found{};
  if (errno != EEXIST || stat(directory.c_str(), &found) != 0) return false;
  errno = EPERM;
  return S_ISDIR(found.st_mode) && (found.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

struct AdminSocket::Impl {
  std::string path;
  int listening = -1;
  int stop = -1;
  Node& node;
  Log& log;
  std::thread thread;

  Impl(std::string socket_path, Node& served, Log& sink)
      : path(std::move(socket_path)), node(served), log(sink) {}

  ~Impl() {
    if (thread.joinable()) {
      eventfd_write(stop, 1);
      thread.join();
    }
    if (listening >= 0) {
      close(listening);
      unlink(path.c_str());
    }
    if (stop >= 0) close(stop);
  }

  void run() {
    while (true) {
      pollfd wait[2] = {{listening, POLLIN, 0}, {stop, POLLIN, 0}};
      if (poll(wait, 2, -1) < 0 && errno != EINTR) return;
      if ((wait[1].revents & POLLIN) != 0) return;
      if ((wait[0].revents & POLLIN) == 0) continue;
      const Descriptor peer(accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
      if (peer.ok()) answer(peer.get());
    }
  }

  // One call at a time: administration is rare, and its order is then plain.
  void answer(int peer) {
    if (!is_own_or_root(peer)) {
      log.warning("admin.peer_refused");
      write_all(peer, json::write(refusal({ExitCode::denied,
                                           "only the server's user and root may administer it"})) +
                          "\n");
      return;
    }
    const auto line = read_line(peer, request_timeout_ms, request_bytes_max);
    const auto request = line ? json::parse_object(*line) : std::nullopt;
    const auto call = request ? json::string_member(*request, "call") : std::nullopt;
    if (!call) {
      write_all(peer, json::write(refusal({ExitCode::usage, "malformed call"})) + "\n");
      return;
    }
    const json::Value* arguments = request->find("arguments");
    ManualExecutor executor;
    const auto done = perform_admin(node, executor, *call,
                                    arguments != nullptr && arguments->if_object() != nullptr
                                        ? *arguments->if_object()
                                        : json::Object{});
    write_all(peer, json::write(done ? json::Object{{"ok", true}, {"answer", *done}}
                                     : refusal(done.error())) +
                        "\n");
  }
};

AdminSocket::AdminSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminSocket::~AdminSocket() = default;

Result<std::unique_ptr<AdminSocket>, std::string> AdminSocket::listen(const std::string& path,
                                                                      Node& node, Log& log) {
  auto impl = std::make_unique<Impl>(path, node, log);
  const auto failed = [&](std::string_view what) {
    return refuse("administration socket " + path + ": " + std::string(what) + ": " +
                  strerror(errno));
  };
  const auto directory = std::filesystem::path(path).parent_path();
  if (!prepare(directory))
    return failed("others may write into its directory, or it cannot be made");
  sockaddr_un address{};
  if (!fill_address(path, address)) {
    errno = ENAMETOOLONG;
    return failed("the path is too long; set management.admin_socket");
  }
  unlink(path.c_str());  // the store's lock is held, so whoever made it is gone
  impl->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (impl->listening < 0 ||
      bind(impl->listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), 0600) != 0 || ::listen(impl->listening, 16) != 0) {
    return failed("cannot listen");
  }
  impl->stop = eventfd(0, EFD_CLOEXEC);
  impl->thread = std::thread([raw = impl.get()] { raw->run(); });
  return std::unique_ptr<AdminSocket>(new AdminSocket(std::move(impl)));
}

std::optional<Result<json::Object, AdminError>> ask_server(const std::string& path,
                                                           std::string_view call,
                                                           const json::Object& arguments) {
  sockaddr_un address{};
  if (!fill_address(path, address)) return std::nullopt;
  const Descriptor server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!server.ok()) return std::nullopt;
  if (connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EACCES) {
      return refuse(AdminError{ExitCode::denied,
                               "may not open " + path + "; run as the server's user or root"});
    }
    return std::nullopt;
  }
  write_all(server.get(),
            json::write(json::Object{{"call", call}, {"arguments", arguments}}) + "\n");
  const auto line = read_line(server.get(), reply_timeout_ms, answer_bytes_max);
  const auto reply = line ? json::parse_object(*line) : std::nullopt;
  if (!reply) {
    return refuse(AdminError{ExitCode::failure,
                             "the server did not answer; the change may have happened: look"});
  }
  if (json::bool_member(*reply, "ok").value_or(false)) {
    const json::Value* answer = reply->find("answer");
    return answer != nullptr && answer->if_object() != nullptr ? *answer->if_object()
                                                               : json::Object{};
  }
  return refuse(AdminError{static_cast<ExitCode>(json::integer_member(*reply, "code").value_or(1)),
                           json::string_member(*reply, "message").value_or("refused")});
}

}  // namespace cardea::app
