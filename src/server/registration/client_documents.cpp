// Fetching and keeping; see client_documents.h.
#include "server/registration/client_documents.h"

#include <algorithm>
#include <utility>

#include "base/url.h"
#include "server/registration/keep_registration.h"
#include "server/settings/client_needs.h"

namespace cardea {
namespace {

// The bounds of what the answer says about its age (Client ID Metadata Document 5.2).
DocumentRules rules() {
  return {.purpose = http::FetchPurpose::client_metadata,
          .lane = http::FetchLane::anybody,
          .type = DocumentType::json,
          .fresh_max = days(1),
          .stale = hours(1),
          .bytes_max = limits::client_document_bytes_max};
}

// Whether the stored client is what the document says.
bool says_the_same(const Client& stored, Client found) {
  found.created_at = stored.created_at;
  return write_client(stored) == write_client(found);
}

std::vector<std::string> known_scopes(const Settings& settings) {
  std::vector<std::string> scopes;
  for (const auto& [scope, description] : settings.scopes) scopes.push_back(scope);
  for (const auto& resource : settings.resources) {
    scopes.insert(scopes.end(), resource.scopes.begin(), resource.scopes.end());
  }
  return scopes;
}

}  // namespace

ClientDocuments::ClientDocuments(Outgoing& outgoing, const Settings& settings)
    : FetchedDocuments(outgoing, rules(),
                       [&settings](const std::string& url, std::string_view body) {
                         return read_client_document(url, body, document_policy(settings));
                       }) {}

bool is_listed_host(const std::vector<std::string>& list, std::string_view host) {
  return std::ranges::any_of(list, [&](std::string_view entry) {
    if (!entry.starts_with("*.")) return entry == host;
    entry.remove_prefix(1);  // ".app.example": the dot is where a label begins
    return host.size() > entry.size() && host.ends_with(entry);
  });
}

bool admits_client_document(const Settings& settings, std::string_view client_id) {
  const auto& documents = settings.client_documents;
  if (!documents.enabled || !is_client_document_url(client_id)) return false;
  const auto host = url::parse(client_id)->host;
  if (is_listed_host(documents.refused_hosts, host)) return false;
  return documents.admitted_hosts.empty() || is_listed_host(documents.admitted_hosts, host);
}

RegistrationPolicy document_policy(const Settings& settings) {
  const auto& registration = settings.registration;
  return {.scopes = registration.scopes.empty() ? known_scopes(settings) : registration.scopes,
          .grant_types = registration.grant_types,
          .authorization_details_types = registration.authorization_details_types,
          .development = settings.is_dev};
}

Task<store::Answer<Status<std::string>>> adopt_client_document(const Deps& deps,
                                                               const Exchange& exchange,
                                                               std::string client_id) {
  using Adopted = Status<std::string>;
  if (!admits_client_document(deps.settings, client_id)) co_return Adopted(Unit{});
  const auto stored = deps.registry.find(ClientId(client_id));
  // Client ID Metadata Document 7.2: what an operator registered is what counts.
  if (stored && stored->owner.by != Ownership::By::document) co_return Adopted(Unit{});
  const auto document = co_await deps.client_documents.find(client_id, exchange.now);
  if (!document) co_return Adopted(refuse("the client's document: " + document.error()));
  Client client = **document;
  if (stored && says_the_same(*stored, client)) co_return Adopted(Unit{});
  if (const auto missing = lacking_means(deps, client)) co_return Adopted(refuse(*missing));
  client.created_at = stored ? stored->created_at : exchange.now;
  const auto kept = co_await keep_registration(deps, exchange, std::move(client), std::nullopt);
  if (!kept) co_return refuse(kept.error());
  if (*kept == store::RegisterClient::Outcome::Result::registered) co_return Adopted(Unit{});
  co_return Adopted(
      refuse(std::string("the document is good, but as many clients are kept as may "
                         "be, or as many of this address")));
}

}  // namespace cardea
