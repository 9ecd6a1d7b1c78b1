// The administration socket (decision P7): one JSON line asks, one JSON line answers. Only the
// server's own user and root may connect; the directory is 0700. A stale socket is removed only
// while the store's lock is held, which the caller of listen() does.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/admin/operations.h"
#include "app/node.h"

namespace cardea::app {

class AdminSocket {
 public:
  // Starts answering on a thread of its own. node must outlive the socket.
  static Result<std::unique_ptr<AdminSocket>, std::string> listen(const std::string& path,
                                                                  Node& node, Log& log);
  ~AdminSocket();  // stops and removes the socket file

 private:
  struct Impl;
  explicit AdminSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Asks the server behind the socket; nothing when no server listens there.
std::optional<Result<json::Object, AdminError>> ask_server(const std::string& path,
                                                           std::string_view call,
                                                           const json::Object& arguments);

}  // namespace cardea::app
