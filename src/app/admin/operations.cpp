// The table of administrative calls; see operations.h.
#include "app/admin/operations.h"

#include <array>

#include "app/admin/client_operations.h"
#include "app/admin/doctor_operation.h"
#include "app/admin/key_operations.h"
#include "app/admin/user_operations.h"

namespace cardea::app {
namespace {

struct Row {
  std::string_view call;
  AdminAnswer (*run)(AdminContext&, const json::Object&);
};

constexpr std::array<Row, 17> rows{{
    {"clients.add", add_client},
    {"clients.list", list_clients},
    {"clients.show", show_client},
    {"clients.edit", edit_client},
    {"clients.rm", remove_client},
    {"clients.rotate-secret", rotate_client_secret},
    {"clients.initial-token", make_initial_token},
    {"users.add", add_user},
    {"users.list", list_users},
    {"users.edit", edit_user},
    {"users.rm", remove_user},
    {"users.link", link_user},
    {"users.reset-factor", reset_factor},
    {"keys.list", list_keys},
    {"keys.rotate", rotate_keys},
    {"backup", backup_store},
    {"doctor", examine},
}};

}  // namespace

Result<json::Object, AdminError> perform_admin(Node& node, ManualExecutor& executor,
                                               std::string_view call,
                                               const json::Object& arguments) {
  for (const auto& row : rows) {
    if (row.call != call) continue;
    AdminContext context{node, executor, node.clock().now()};
    auto answer = row.run(context, arguments);
    if (answer) {
      node.deps().log.info("admin.performed", {{"call", call}});
    } else {
      node.deps().log.warning("admin.refused",
                              {{"call", call}, {"reason", answer.error().message}});
    }
    return answer;
  }
  return refuse(AdminError{ExitCode::usage, "unknown call " + std::string(call) +
                                                "; the server may be older than the command line"});
}

}  // namespace cardea::app
