// What clients say about themselves (security corpus 7.15): registrations and metadata documents.
// Whatever passes reaches no policy, names addresses that may be named, and registers again as the
// same client by what it was told. Input: "r" or "d", then the JSON.
#include <algorithm>
#include <string>

#include "base/url.h"
#include "domain/client_members.h"
#include "domain/client_registration.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"

namespace cardea::fuzz {
namespace {

const std::string address = "https://app.example/client.json";

const RegistrationPolicy policy{
    .scopes = {"openid", "email", "offline_access"},
    .grant_types = {GrantType::authorization_code, GrantType::refresh_token}};

// The members of the operator are those of a client that says nothing.
void check_policy(const Client& client) {
  const Client plain;
  for (const ClientMember& member : client_members()) {
    if (member.by == ClientMember::By::client || member.name == "client_id") continue;
    expect(member.get(client) == member.get(plain),
           "set by the client: " + std::string(member.name));
  }
  expect(client.enabled && !client.development && client.consent == ConsentPolicy::ask,
         "a policy was reached");
  for (const auto& scope : client.scope) {
    expect(std::ranges::find(policy.scopes, scope) != policy.scopes.end(), "scope " + scope);
  }
  for (const auto type : client.grant_types) {
    expect(std::ranges::find(policy.grant_types, type) != policy.grant_types.end(), "a grant type");
  }
}

void check_addresses(const Client& client) {
  for (const auto* uri :
       {&client.client_uri, &client.logo_uri, &client.policy_uri, &client.tos_uri,
        &client.initiate_login_uri, &client.jwks_uri, &client.sector_identifier_uri}) {
    const auto parts = url::parse(*uri);
    expect(uri->empty() || (parts && parts->scheme == "https"), "an address: " + *uri);
  }
  for (const auto& uri : client.redirect_uris) {
    expect(uri.find_first_of("#*\"<> ") == std::string::npos, "a redirect URI: " + uri);
  }
}

void check_registered(Client client) {
  client.client_id = ClientId("c");
  if (client.uses_secret()) {
    client.secrets = {{.sha256 = std::string(32, 's'), .expires_at = {}, .created_at = {}}};
  }
  if (check_registration(client)) return;
  check_policy(client);
  check_addresses(client);
  const auto told = registered_metadata(client);
  auto again = read_registration(told, policy);
  expect(again.ok(), "what was told registers no more: " + json::write(told));
  expect(registered_metadata(*again) == told, "registers as another: " + json::write(told));
  const auto kept = read_client(write_client(client));
  expect(kept && write_client(*kept) == write_client(client), "is kept as another");
}

void check_document(std::string_view body) {
  const auto client = read_client_document(address, body, policy);
  if (!client) return;
  expect(client->client_id.value() == address, "another client's document");
  expect(client->owner.by == Ownership::By::document, "an owner");
  expect(!client->uses_secret() && client->secrets.empty(), "a document with a secret");
  check_policy(*client);
  check_addresses(*client);
}

}  // namespace

void registration(std::string_view input) {
  Bytes bytes(input);
  const bool is_document = bytes.byte() == 'd';
  const auto body = bytes.rest();
  if (is_document) return check_document(body);
  const auto metadata = json::parse_object(body);
  if (!metadata) return;
  const auto client = read_registration(*metadata, policy);
  if (client) check_registered(*client);
}

}  // namespace cardea::fuzz
