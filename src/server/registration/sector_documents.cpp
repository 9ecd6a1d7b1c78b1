// Asking sectors; see sector_documents.h.
#include "server/registration/sector_documents.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "domain/sector.h"

namespace cardea {

SectorDocuments::SectorDocuments(Outgoing& outgoing)
    : FetchedDocuments(
          outgoing,
          DocumentRules{.purpose = http::FetchPurpose::sector_identifier,
                        .lane = http::FetchLane::anybody,
                        .bytes_max = limits::sector_document_bytes_max},
          [](const std::string&, std::string_view body) -> Result<std::string, std::string> {
            if (auto read = read_sector_document(body); !read) return refuse(read.error());
            return std::string(body);
          }) {}

std::string SectorDocuments::key_of(const Client& client) {
  std::string text = client.sector_identifier_uri;
  for (const auto& uri : client.redirect_uris) text += '\0' + uri;
  return crypto::sha256(text);
}

bool SectorDocuments::is_confirmed(const Client& client) const {
  const std::lock_guard lock(mutex_);
  return confirmed_.contains(key_of(client));
}

void SectorDocuments::confirm(const Client& client) {
  const std::lock_guard lock(mutex_);
  if (confirmed_.size() >= limits::fetched_documents_max) confirmed_.clear();
  confirmed_.insert(key_of(client));
}

Task<Status<std::string>> check_sector(const Deps& deps, const Client& client, Instant now) {
  if (client.sector_identifier_uri.empty()) co_return Unit{};
  if (deps.sector_documents.is_confirmed(client)) co_return Unit{};
  const auto listed = co_await deps.sector_documents.find(client.sector_identifier_uri, now);
  if (!listed) co_return refuse("sector_identifier_uri: " + listed.error());
  if (const auto missing = missing_in_sector(*read_sector_document(**listed), client)) {
    co_return refuse("sector_identifier_uri does not list " + *missing);
  }
  deps.sector_documents.confirm(client);
  co_return Unit{};
}

}  // namespace cardea
