// Registering unknown clients in dev; see adopt_client.h.
#include "server/authorize/adopt_client.h"

#include <algorithm>

#include "protocol/redirect_uri.h"
#include "protocol/scope.h"

namespace cardea {
namespace {

void add(std::vector<std::string>& words, const std::string& word) {
  if (!has_scope(words, word)) words.push_back(word);
}

// Everything that could be asked for, and what this request asks for.
std::vector<std::string> every_scope(const Settings& settings, const RawParameters& raw) {
  std::vector<std::string> scopes;
  for (const auto& [name, description] : settings.scopes) add(scopes, name);
  for (const Resource& resource : settings.resources) {
    for (const std::string& scope : resource.scopes) add(scopes, scope);
  }
  if (const auto asked = parse_scope(raw.get("scope"))) {
    for (const std::string& scope : *asked) add(scopes, scope);
  }
  return scopes;
}

Client client_of(const Deps& deps, const Exchange& exchange, const RawParameters& raw) {
  const std::string uri(raw.get("redirect_uri"));
  Client client;
  client.client_id = ClientId(std::string(raw.get("client_id")));
  client.redirect_uris = {uri};
  client.scope = every_scope(deps.settings, raw);
  client.application_type =
      is_local_redirect_uri(uri) ? ApplicationType::native : ApplicationType::web;
  client.token_endpoint_auth_method = ClientAuthMethod::none;
  client.development = true;
  client.owner.by = Ownership::By::dev;
  client.created_at = exchange.now;
  return client;
}

bool may_register(const Client& client) {
  return std::ranges::all_of(check_client(client), &ClientProblem::is_warning);
}

}  // namespace

Task<store::Answer<Unit>> adopt_unknown_client(const Deps& deps, Exchange& exchange,
                                               const RawParameters& raw) {
  if (raw.repeated("client_id") || raw.repeated("redirect_uri")) co_return Unit{};
  if (!raw.contains("client_id") || !raw.contains("redirect_uri")) co_return Unit{};
  Client client = client_of(deps, exchange, raw);
  if (deps.registry.find(client.client_id) || !may_register(client)) co_return Unit{};
  exchange.warn("CARDEA-AUTHORIZE-012", rfc6749("4.1.2.1"),
                "no client is registered as <" + client.client_id.value() + ">",
                "Register the client; a production server refuses it.");
  const auto stored = co_await deps.store.perform(
      store::PutClient{.client = std::move(client), .expect = store::Expect::absent});
  if (!stored) co_return refuse(stored.error());
  co_return co_await deps.registry.reload();
}

}  // namespace cardea
