// Clients: add, list, show, edit, remove, rotate secrets; see client_operations.h.
#include "app/admin/client_operations.h"

#include <algorithm>

#include "app/admin/page.h"
#include "app/config/list_members.h"
#include "app/log_sink.h"
#include "base/ascii.h"
#include "domain/client_secret.h"
#include "server/client_auth/kept_secret.h"
#include "server/registration/initial_token.h"
#include "server/settings/client_needs.h"

namespace cardea::app {
namespace {

std::string argument(const json::Object& arguments, std::string_view name) {
  return json::string_member(arguments, name).value_or("");
}

std::string sentences(const std::vector<MemberProblem>& problems) {
  std::string out;
  for (const auto& problem : problems) {
    out += (out.empty() ? "" : "; ") + problem.member + " " + problem.reason;
  }
  return out;
}

Result<Client, AdminError> find(AdminContext& context, const std::string& client_id) {
  auto found = context.await(context.deps().store.find_client(ClientId(client_id)));
  if (!found) return refuse(found.error());
  if (!*found) return not_found("no client \"" + client_id + "\"; see `cardea clients list`");
  return std::move(**found);
}

// Puts the client, and makes the change hold for the next request.
std::optional<AdminError> put(AdminContext& context, const Client& client, store::Expect expect) {
  auto stored = context.await(context.deps().store.perform(store::PutClient{client, expect}));
  if (!stored) return stored.error();
  switch (*stored) {
    case store::PutClient::Outcome::already_there:
      return AdminError{ExitCode::usage,
                        "client \"" + client.client_id.value() + "\" exists; use edit"};
    case store::PutClient::Outcome::absent:
      return AdminError{ExitCode::not_found, "no client \"" + client.client_id.value() + "\""};
    case store::PutClient::Outcome::stored:
      break;
  }
  auto reloaded = context.await(context.deps().registry.reload());
  if (!reloaded) return reloaded.error();
  return std::nullopt;
}

std::optional<AdminError> check(AdminContext& context, ConfiguredClient& configured,
                                json::Array& warnings) {
  std::string refused;
  for (const auto& problem : complete_client(configured)) {
    const std::string sentence = problem.member + " " + problem.reason;
    if (problem.is_warning) {
      warnings.emplace_back(sentence);
    } else {
      refused += (refused.empty() ? "" : "; ") + sentence;
    }
  }
  if (!refused.empty()) return AdminError{ExitCode::usage, refused};
  if (auto lack = lacking_means(context.deps(), configured.client)) {
    return AdminError{ExitCode::usage, "the client " + *lack};
  }
  return std::nullopt;
}

ClientSecretDigest kept_of(AdminContext& context, const Client& client, std::string_view secret) {
  return keep_secret(client, secret, context.deps().seals, context.deps().random, context.now);
}

json::Object with_warnings(json::Object answer, json::Array warnings) {
  if (!warnings.empty()) answer.set("warnings", std::move(warnings));
  return answer;
}

}  // namespace

json::Object describe_client(const Client& client) {
  json::Object out;
  for (const ClientMember& member : client_members()) {
    auto value = member.get(client);
    if (!value.is_null()) out.set(std::string(member.name), std::move(value));
  }
  out.set("secrets", static_cast<std::int64_t>(client.secrets.size()));
  out.set("owner", client.owner.by == Ownership::By::file ? client.owner.place
                                                          : std::string(name_of(client.owner.by)));
  return out;
}

AdminAnswer add_client(AdminContext& context, const json::Object& arguments) {
  const json::Value* members = arguments.find("client");
  if (members == nullptr || members->if_object() == nullptr) return usage_error("no client given");
  ConfiguredClient configured;
  configured.client.created_at = context.now;
  const auto problems = apply_client_members(*members->if_object(), configured);
  if (!problems.empty()) return usage_error(sentences(problems));

  std::string secret;
  const bool generates = json::bool_member(arguments, "generate_secret").value_or(true);
  if (generates && configured.client.uses_secret() && !configured.secret) {
    secret = generate_client_secret(context.deps().random);
    configured.secret = ConfiguredSecret(secret);
  }
  if (configured.secret) {
    configured.client.secrets = {kept_of(context, configured.client, configured.secret->reveal())};
  }
  json::Array warnings;
  if (auto error = check(context, configured, warnings)) return refuse(std::move(*error));
  if (auto error = put(context, configured.client, store::Expect::absent))
    return refuse(std::move(*error));
  json::Object answer = describe_client(configured.client);
  if (!secret.empty()) answer.set("client_secret", secret);
  return with_warnings(std::move(answer), std::move(warnings));
}

AdminAnswer list_clients(AdminContext& context, const json::Object& arguments) {
  auto clients = context.await(context.deps().store.clients());
  if (!clients) return refuse(clients.error());
  const auto name_of = [](const Client& client) -> const std::string& {
    return client.client_id.value();
  };
  std::ranges::sort(*clients, {}, name_of);
  Page page(arguments);
  for (auto at = std::ranges::upper_bound(*clients, page.after(), {}, name_of);
       at != clients->end() && page.take(name_of(*at), describe_client(*at)); ++at) {
  }
  return std::move(page).answer("clients");
}

AdminAnswer show_client(AdminContext& context, const json::Object& arguments) {
  auto client = find(context, argument(arguments, "client_id"));
  if (!client) return refuse(client.error());
  return describe_client(*client);
}

AdminAnswer edit_client(AdminContext& context, const json::Object& arguments) {
  auto client = find(context, argument(arguments, "client_id"));
  if (!client) return refuse(client.error());
  const std::string name = "client \"" + client->client_id.value() + "\"";
  if (auto error = refused_by_owner(client->owner, name)) return refuse(std::move(*error));
  const json::Value* members = arguments.find("client");
  if (members == nullptr || members->if_object() == nullptr)
    return usage_error("nothing to change");
  ConfiguredClient configured{*client, std::nullopt};
  const auto problems = apply_client_members(*members->if_object(), configured);
  if (!problems.empty()) return usage_error(sentences(problems));
  if (configured.client.client_id != client->client_id)
    return usage_error("client_id cannot change");
  if (configured.secret) return usage_error("secrets change with `cardea clients rotate-secret`");
  forget_sealed_secrets(configured.client);
  json::Array warnings;
  if (auto error = check(context, configured, warnings)) return refuse(std::move(*error));
  if (auto error = put(context, configured.client, store::Expect::present))
    return refuse(std::move(*error));
  return with_warnings(describe_client(configured.client), std::move(warnings));
}

AdminAnswer remove_client(AdminContext& context, const json::Object& arguments) {
  auto client = find(context, argument(arguments, "client_id"));
  if (!client) return refuse(client.error());
  const std::string name = "client \"" + client->client_id.value() + "\"";
  if (auto error = refused_by_owner(client->owner, name)) return refuse(std::move(*error));
  auto removed =
      context.await(context.deps().store.perform(store::RemoveClient{client->client_id}));
  if (!removed) return refuse(removed.error());
  auto reloaded = context.await(context.deps().registry.reload());
  if (!reloaded) return refuse(reloaded.error());
  return json::Object{{"client_id", client->client_id.value()}, {"removed", true}};
}

AdminAnswer rotate_client_secret(AdminContext& context, const json::Object& arguments) {
  auto client = find(context, argument(arguments, "client_id"));
  if (!client) return refuse(client.error());
  const std::string name = "client \"" + client->client_id.value() + "\"";
  if (auto error = refused_by_owner(client->owner, name)) return refuse(std::move(*error));
  if (!client->uses_secret()) return usage_error(name + " has no secret");
  const auto keep = json::integer_member(arguments, "keep_old_seconds").value_or(0);
  if (keep < 0 || keep > days(30).count)
    return usage_error("the old secret may stay at most 30 days");
  const std::string secret = generate_client_secret(context.deps().random);
  std::vector<ClientSecretDigest> secrets{kept_of(context, *client, secret)};
  if (keep > 0 && !client->secrets.empty()) {
    // Two may be valid at a time: the newest of the old ones stays until then.
    auto old = client->secrets.front();
    old.expires_at = context.now + Seconds{keep};
    secrets.push_back(std::move(old));
  }
  client->secrets = std::move(secrets);
  if (auto error = put(context, *client, store::Expect::present)) return refuse(std::move(*error));
  return json::Object{{"client_id", client->client_id.value()}, {"client_secret", secret}};
}

AdminAnswer make_initial_token(AdminContext& context, const json::Object& arguments) {
  const auto uses = json::integer_member(arguments, "uses").value_or(1);
  const auto lifetime = json::integer_member(arguments, "lifetime_seconds").value_or(days(1).count);
  if (uses < 1 || uses > 100'000)
    return usage_error("a token is good for 1 to 100000 registrations");
  if (lifetime < 60 || lifetime > days(365).count) {
    return usage_error("a token works for a minute at least and a year at most");
  }
  if (context.deps().settings.registration.mode == RegistrationSettings::Mode::off) {
    return usage_error("no client may register itself here; set registration.mode to \"token\"");
  }
  const Instant expires_at = context.now + Seconds{lifetime};
  auto token = context.await(
      mint_initial_token(context.deps().store, context.deps().random, uses, expires_at));
  if (!token) return refuse(token.error());
  return json::Object{
      {"initial_access_token", *token}, {"uses", uses}, {"expires_at", rfc3339(expires_at)}};
}

}  // namespace cardea::app
