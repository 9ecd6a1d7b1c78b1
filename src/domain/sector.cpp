// Sectors of clients; see sector.h.
#include "domain/sector.h"

#include <algorithm>

#include "base/limits.h"
#include "base/url.h"

namespace cardea {

std::optional<std::string> sector_of(const Client& client) {
  if (!client.sector_identifier_uri.empty()) {
    const auto parts = url::parse(client.sector_identifier_uri);
    return parts ? std::optional(parts->host) : std::nullopt;
  }
  std::optional<std::string> host;
  for (const auto& uri : client.redirect_uris) {
    auto parts = url::parse(uri);
    if (!parts || (host && *host != parts->host)) return std::nullopt;
    host = std::move(parts->host);
  }
  return host;
}

Status<std::string> check_sector_document(std::string_view body, const Client& client) {
  if (body.size() > limits::sector_document_bytes_max) {
    return refuse(std::string("the sector document is too large"));
  }
  const auto document = json::parse(body);
  const auto* listed = document ? document->if_array() : nullptr;
  if (listed == nullptr) return refuse(std::string("the sector document is not a JSON array"));
  for (const auto& element : *listed) {
    if (element.if_string() == nullptr) {
      return refuse(std::string("the sector document holds something else than strings"));
    }
  }
  for (const auto& uri : client.redirect_uris) {
    if (std::ranges::find(*listed, json::Value(uri)) == listed->end()) {
      return refuse("the sector document does not list " + uri);
    }
  }
  return Unit{};
}

}  // namespace cardea
