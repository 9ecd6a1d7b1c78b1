// Users: add, list, edit, remove, set-password links; see user_operations.h.
#include "app/admin/user_operations.h"

#include "app/admin/page.h"
#include "app/config/list_members.h"
#include "app/log_sink.h"
#include "base/base64url.h"
#include "crypto/hash.h"

namespace cardea::app {
namespace {

json::Object describe_user(const UserRecord& user) {
  return json::Object{{"login", user.login},
                      {"sub", user.user_id.value()},
                      {"enabled", user.enabled},
                      {"has_password", !user.password_hash.empty()},
                      {"claims", user.claims.read()},
                      {"owner", user.owner.by == Ownership::By::file  ? user.owner.place
                                : user.owner.by == Ownership::By::dev ? "dev"
                                                                      : "cli"}};
}

Result<UserRecord, AdminError> find(AdminContext& context, const json::Object& arguments) {
  const auto login = canonical_login(json::string_member(arguments, "login").value_or(""));
  if (!login) return usage_error("no login given");
  auto found = context.await(context.deps().store.find_user_by_login(*login));
  if (!found) return refuse(found.error());
  if (!*found) return not_found("no user \"" + *login + "\"; see `cardea users list`");
  return std::move(**found);
}

std::string sentences(const std::vector<MemberProblem>& problems) {
  std::string out;
  for (const auto& problem : problems) {
    out += (out.empty() ? "" : "; ") + problem.member + " " + problem.reason;
  }
  return out;
}

std::optional<AdminError> put(AdminContext& context, const UserRecord& user, store::Expect expect) {
  auto stored = context.await(context.deps().store.perform(store::PutUser{user, expect}));
  if (!stored) return stored.error();
  switch (*stored) {
    case store::PutUser::Outcome::login_taken:
    case store::PutUser::Outcome::already_there:
      return AdminError{ExitCode::usage, "user \"" + user.login + "\" exists; use edit"};
    case store::PutUser::Outcome::absent:
      return AdminError{ExitCode::not_found, "no user \"" + user.login + "\""};
    case store::PutUser::Outcome::stored:
      break;
  }
  return std::nullopt;
}

Result<json::Object, AdminError> make_link(AdminContext& context, const User& user) {
  const std::string token = base64url_encode(context.deps().random.bytes(32));
  const Instant expires_at = context.now + context.deps().settings.lifetimes.password_link;
  auto stored = context.await(context.deps().store.perform(
      store::PutPasswordLink{LinkDigest(crypto::sha256(token)), user.user_id, expires_at}));
  if (!stored) return refuse(stored.error());
  if (*stored == store::PutPasswordLink::Outcome::user_absent) return not_found("the user is gone");
  return json::Object{{"login", user.login},
                      {"link", context.deps().settings.endpoint("/link/" + token)},
                      {"expires_at", rfc3339(expires_at)}};
}

// A password from a file is hashed here, so that only its hash reaches the store.
std::optional<AdminError> hash_password(AdminContext& context, ConfiguredUser& configured) {
  if (!configured.password) return std::nullopt;
  auto hash = run_blocking(
      context.executor,
      context.deps().passwords.hash(Password(std::string(configured.password->reveal()))));
  if (!hash)
    return AdminError{ExitCode::failure, "the server is too busy to hash a password; try again"};
  configured.user.password_hash = std::move(*hash);
  return std::nullopt;
}

}  // namespace

AdminAnswer add_user(AdminContext& context, const json::Object& arguments) {
  const json::Value* members = arguments.find("user");
  if (members == nullptr || members->if_object() == nullptr) return usage_error("no user given");
  ConfiguredUser configured;
  const auto problems = apply_members(user_members(), *members->if_object(), configured);
  if (!problems.empty()) return usage_error(sentences(problems));
  if (configured.user.login.empty()) return usage_error("login is required");
  if (auto error = hash_password(context, configured)) return refuse(std::move(*error));
  configured.user.user_id = UserId(new_identifier(context.deps().random));
  configured.user.created_at = context.now;
  if (auto error = put(context, configured.user, store::Expect::absent))
    return refuse(std::move(*error));
  json::Object answer = describe_user(configured.user);
  if (configured.user.password_hash.empty()) {
    auto link = make_link(context, configured.user);
    if (!link) return refuse(link.error());
    answer.set("link", *link->find("link"));
    answer.set("expires_at", *link->find("expires_at"));
  }
  return answer;
}

AdminAnswer list_users(AdminContext& context, const json::Object& arguments) {
  Page page(arguments);
  auto users = context.await(context.deps().store.users_after(page.after(), Page::items_max + 1));
  if (!users) return refuse(users.error());
  for (const auto& user : *users) {
    if (!page.take(user.login, describe_user(user))) break;
  }
  return std::move(page).answer("users");
}

AdminAnswer edit_user(AdminContext& context, const json::Object& arguments) {
  auto user = find(context, arguments);
  if (!user) return refuse(user.error());
  if (auto error = refused_by_owner(user->owner, "user \"" + user->login + "\""))
    return refuse(std::move(*error));
  const json::Value* members = arguments.find("user");
  if (members == nullptr || members->if_object() == nullptr)
    return usage_error("nothing to change");

  json::Object changes = *members->if_object();
  json::Object claims = user->claims.read();
  if (const json::Value* given = changes.find("claims");
      given != nullptr && given->if_object() != nullptr) {
    for (const auto& claim : given->if_object()->members()) {
      if (claim.value.is_null()) {
        claims.erase(claim.name);
      } else {
        claims.set(claim.name, claim.value);
      }
    }
    changes.set("claims", claims);
  }
  ConfiguredUser configured{*user, std::nullopt};
  configured.user.password_hash = PasswordHash();
  const auto problems = apply_members(user_members(), changes, configured);
  if (!problems.empty()) return usage_error(sentences(problems));
  if (auto error = hash_password(context, configured)) return refuse(std::move(*error));
  if (configured.user.password_hash.empty()) configured.user.password_hash = user->password_hash;
  if (auto error = put(context, configured.user, store::Expect::present))
    return refuse(std::move(*error));
  return describe_user(configured.user);
}

AdminAnswer remove_user(AdminContext& context, const json::Object& arguments) {
  auto user = find(context, arguments);
  if (!user) return refuse(user.error());
  if (auto error = refused_by_owner(user->owner, "user \"" + user->login + "\""))
    return refuse(std::move(*error));
  auto removed = context.await(context.deps().store.perform(store::RemoveUser{user->user_id}));
  if (!removed) return refuse(removed.error());
  return json::Object{{"login", user->login}, {"removed", true}};
}

AdminAnswer link_user(AdminContext& context, const json::Object& arguments) {
  auto user = find(context, arguments);
  if (!user) return refuse(user.error());
  if (!user->enabled) return usage_error("user \"" + user->login + "\" is disabled");
  return make_link(context, *user);
}

AdminAnswer reset_factor(AdminContext& context, const json::Object& arguments) {
  auto user = find(context, arguments);
  if (!user) return refuse(user.error());
  auto removed = context.await(context.deps().store.perform(store::RemoveFactor{
      .user_id = user->user_id, .security_version = {}, .factor = {}, .keep = {}}));
  if (!removed) return refuse(removed.error());
  if (*removed != store::RemoveFactor::Outcome::removed) {
    return not_found("user \"" + user->login + "\" has no second factor");
  }
  context.deps().log.info("factor.removed",
                          {{"user_id", user->user_id.value()}, {"by", "operator"}});
  return json::Object{{"login", user->login}, {"second_factor", "removed"}};
}

}  // namespace cardea::app
