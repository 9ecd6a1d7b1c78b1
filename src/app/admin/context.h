// What an administrative call works with, and the answers they share.
#pragma once

#include <string>

#include "app/admin/operations.h"
#include "task/task.h"

namespace cardea::app {

struct AdminContext {
  Node& node;
  ManualExecutor& executor;
  Instant now{};

  const Deps& deps() const { return node.deps(); }

  // Runs a store task to its end; a store failure becomes an AdminError.
  template <class T>
  Result<T, AdminError> await(Task<store::Answer<T>> task) {
    auto answer = run_blocking(executor, std::move(task));
    if (!answer) {
      return refuse(
          AdminError{ExitCode::failure, "the store did not answer: " + answer.error().reason});
    }
    return std::move(*answer);
  }
};

using AdminAnswer = Result<json::Object, AdminError>;

inline Refusal<AdminError> usage_error(std::string message) {
  return refuse(AdminError{ExitCode::usage, std::move(message)});
}
inline Refusal<AdminError> not_found(std::string message) {
  return refuse(AdminError{ExitCode::not_found, std::move(message)});
}

// Rows owned by a configuration file are changed there (decision Q22).
inline std::optional<AdminError> refused_by_owner(const Ownership& owner, std::string_view what) {
  if (owner.by == Ownership::By::document) {
    return AdminError{ExitCode::denied, std::string(what) +
                                            " is what its metadata document says; name its host in "
                                            "client_documents.refused_hosts to refuse it"};
  }
  if (owner.by != Ownership::By::file) return std::nullopt;
  return AdminError{
      ExitCode::denied,
      std::string(what) + " is owned by the configuration; change it at " + owner.place};
}

}  // namespace cardea::app
