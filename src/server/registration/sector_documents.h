// The lists behind sector_identifier_uri: whoever wants to be of a sector must be named by it
// (OIDC Core 8.1, OIDC Registration 5).
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "domain/client.h"
#include "server/deps.h"
#include "server/outgoing/fetched_documents.h"
#include "task/task.h"

namespace cardea {

// Kept as they came: a list of many short strings would weigh ten times its text.
class SectorDocuments : public FetchedDocuments<std::string> {
 public:
  // Outlives it.
  explicit SectorDocuments(Outgoing& outgoing);

  // What the sector once confirmed stays so while the process runs: the list is for the moment of
  // registration, and people go on signing in while it cannot be had. Thread-safe.
  bool is_confirmed(const Client& client) const;
  void confirm(const Client& client);

 private:
  static std::string key_of(const Client& client);
  mutable std::mutex mutex_;
  std::set<std::string> confirmed_;  // digests of address and redirect URIs
};

// Whether the sector that the client names lists every redirect URI of it; a client without
// sector_identifier_uri has nothing to ask. Clients that register are judged then, those of an
// operator when they first come (nothing is fetched while a configuration is read). Refuses with a
// private reason: the list cannot be had or leaves one out.
Task<Status<std::string>> check_sector(const Deps& deps, const Client& client, Instant now);

}  // namespace cardea
