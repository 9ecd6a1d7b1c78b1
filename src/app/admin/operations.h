// What the command line asks of the running server (decision P7): clients, users, keys, backup. One
// call, one answer, both JSON objects; the same code runs inside the server and, where none runs,
// inside the command line under the store's lock.
#pragma once

#include <string>

#include "app/node.h"
#include "base/json.h"
#include "base/result.h"

namespace cardea::app {

// Documented exit codes of the command line; docs/cli.md.
enum class ExitCode : int {
  ok = 0,
  failure = 1,
  usage = 2,
  config_invalid = 3,
  not_found = 4,
  denied = 5,
  network = 6,
  protocol = 7,
  check_failed = 8,
  interrupted = 130
};

struct AdminError {
  ExitCode code = ExitCode::failure;
  std::string message;  // a sentence with the remedy; never a secret
};

// call: "clients.add", "clients.list", "clients.show", "clients.edit", "clients.rm",
// "clients.rotate-secret", "clients.initial-token", "users.add", "users.list", "users.edit",
// "users.rm", "users.link", "keys.list", "keys.rotate", "backup", "doctor". Blocks on `executor`.
// An acknowledged change holds for the next request.
Result<json::Object, AdminError> perform_admin(Node& node, ManualExecutor& executor,
                                               std::string_view call,
                                               const json::Object& arguments);

}  // namespace cardea::app
