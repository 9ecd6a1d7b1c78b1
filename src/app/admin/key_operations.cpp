// Keys and backup; see key_operations.h.
#include "app/admin/key_operations.h"

#include <algorithm>

#include "app/log_sink.h"

namespace cardea::app {
namespace {

std::string_view name_of(ServerKey::State state) {
  switch (state) {
    case ServerKey::State::next:
      return "next";
    case ServerKey::State::active:
      return "active";
    case ServerKey::State::retiring:
      return "retiring";
  }
  return "";
}

}  // namespace

AdminAnswer list_keys(AdminContext& context, const json::Object&) {
  json::Array out;
  for (const auto& key : context.deps().keys.published()) {
    out.emplace_back(json::Object{{"kid", key.kid.value()},
                                  {"alg", cardea::name_of(key.algorithm)},
                                  {"state", name_of(key.state)},
                                  {"created_at", rfc3339(key.created_at)}});
  }
  return json::Object{{"keys", std::move(out)}};
}

AdminAnswer rotate_keys(AdminContext& context, const json::Object& arguments) {
  auto algorithms = context.deps().keys.algorithms();
  if (const auto name = json::string_member(arguments, "algorithm")) {
    const auto named = key_algorithm_named(*name);
    if (!named || std::ranges::find(algorithms, *named) == algorithms.end()) {
      return usage_error("there is no " + *name + " key; see `cardea keys list`");
    }
    algorithms = {*named};
  }
  const bool now = json::bool_member(arguments, "now").value_or(false);
  const auto turn = context.node.lock_key_changes();
  for (const auto& algorithm : algorithms) {
    auto rotated = run_blocking(
        context.executor,
        context.deps().keys.rotate(
            algorithm, now ? RotateWhen::now : RotateWhen::published_long_enough, context.now));
    if (!rotated) return refuse(AdminError{ExitCode::failure, rotated.error()});
  }
  return list_keys(context, arguments);
}

AdminAnswer backup_store(AdminContext& context, const json::Object& arguments) {
  const auto path = json::string_member(arguments, "path").value_or("");
  if (!path.starts_with('/')) return usage_error("the backup needs an absolute path");
  auto* const store = context.node.file_store();
  if (store == nullptr) {
    return usage_error("the store is a database: back it up with PostgreSQL's own tools");
  }
  auto done = store->backup_to(path);
  if (!done)
    return refuse(AdminError{ExitCode::failure, "the backup failed: " + done.error().reason});
  return json::Object{{"path", path}};
}

}  // namespace cardea::app
