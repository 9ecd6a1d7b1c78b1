// Keys, backup and the first form of doctor; see key_operations.h.
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

class Findings {
 public:
  json::Array list;

  void add(std::string_view check, std::string_view level, std::string text, std::string fix) {
    list.emplace_back(json::Object{
        {"check", check}, {"level", level}, {"text", std::move(text)}, {"fix", std::move(fix)}});
  }
};

void examine_client(const Client& client, Instant now, Findings& findings) {
  const std::string name = "client \"" + client.client_id.value() + "\" ";
  if (client.pkce == PkcePolicy::optional) {
    findings.add("pkce", "warning", name + "may leave out PKCE",
                 "set pkce = \"required\" once its library supports S256 (decision Q1)");
  }
  if (client.development) {
    findings.add("development", "warning",
                 name + "is marked development and admits http loopback redirects",
                 "remove development = true in production (decision Q9)");
  }
  if (client.refresh_rotation == RefreshRotation::off) {
    findings.add("rotation", "warning", name + "keeps one refresh token",
                 "set refresh_rotation = \"on\" unless its authentication is strong");
  }
  if (client.refresh_grace.count == 0) {
    findings.add("grace", "warning",
                 name + "has no refresh grace: a lost reply costs the person a sign-in",
                 "set refresh_grace = \"30s\"");
  }
  for (const auto& secret : client.secrets) {
    if (secret.expires_at && *secret.expires_at < now) {
      findings.add("secret", "warning", name + "still lists a secret that has expired",
                   "run cardea clients rotate-secret " + client.client_id.value());
    }
  }
  for (const auto& problem : check_client(client)) {
    findings.add("registration", problem.is_warning ? "warning" : "error",
                 name + problem.member + " " + problem.reason, "change " + problem.member);
  }
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
  auto done = context.node.store().backup_to(path);
  if (!done)
    return refuse(AdminError{ExitCode::failure, "the backup failed: " + done.error().reason});
  return json::Object{{"path", path}};
}

AdminAnswer examine(AdminContext& context, const json::Object&) {
  Findings findings;
  const Settings& settings = context.deps().settings;
  if (!settings.issuer_is_https) {
    findings.add("issuer", "warning", "the issuer is http; several libraries refuse it",
                 "use an https issuer");
  }
  if (settings.session_cookie_same_site_none) {
    findings.add("cookie", "warning", "the session cookie is SameSite=None",
                 "set \"lax\" unless an iframe renews");
  }
  if (settings.registration.mode == RegistrationSettings::Mode::open) {
    findings.add("registration", "warning", "anybody may register a client",
                 "set registration.mode = \"token\" unless strangers' apps are welcome");
  }
  for (const auto& client : context.deps().registry.all())
    examine_client(*client, context.now, findings);
  for (const auto& key : context.deps().keys.published()) {
    const auto age = (context.now.unix_seconds() - key.created_at.unix_seconds()) / 86400;
    if (key.state == ServerKey::State::active && age > 180) {
      findings.add("keys", "warning",
                   "the " + std::string(cardea::name_of(key.algorithm)) + " key is " +
                       std::to_string(age) + " days old",
                   "run cardea keys rotate");
    }
  }
  auto users = context.await(context.deps().store.users());
  if (!users) return refuse(users.error());
  if (users->empty()) {
    findings.add("users", "warning", "nobody can sign in", "run cardea users add LOGIN");
  }
  return json::Object{{"findings", std::move(findings.list)}};
}

}  // namespace cardea::app
