// Clients that nobody registered: the client_id is the address of a document that describes the
// client (Client ID Metadata Document). It is fetched when somebody comes with it, and what it says
// is kept as a client like any other, so that codes, consents and tokens of it are judged as
// everybody's are.
#pragma once

#include <string>
#include <string_view>

#include "domain/client.h"
#include "domain/client_registration.h"
#include "server/deps.h"
#include "server/outgoing/fetched_documents.h"
#include "task/task.h"

namespace cardea {

class ClientDocuments : public FetchedDocuments<Client> {
 public:
  // Both outlive it.
  ClientDocuments(Outgoing& outgoing, const Settings& settings);
};

// Whether clients of this address may come at all: the feature is on, the address can be one of a
// document, and the operator's lists admit its host.
bool admits_client_document(const Settings& settings, std::string_view client_id);

// Whether the host is one of the list: equal, or below the "*." of an entry (A07).
bool is_listed_host(const std::vector<std::string>& list, std::string_view host);

// What of a client's metadata is the client's to choose here, by a document.
RegistrationPolicy document_policy(const Settings& settings);

// Brings the client of this document up to date: fetches it unless a fresh one is there, and stores
// what is new or has changed. Any other client_id, and one that an operator registered, is left
// alone. Refuses, with a private reason: the document cannot be had or is not acceptable, or too
// many are kept. A stored client stays what it was then; whether it may go on is the caller's rule.
Task<store::Answer<Status<std::string>>> adopt_client_document(const Deps& deps,
                                                               const Exchange& exchange,
                                                               std::string client_id);

}  // namespace cardea
