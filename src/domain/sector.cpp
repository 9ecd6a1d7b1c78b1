// Sectors of clients; see sector.h.
#include "domain/sector.h"

#include <algorithm>

#include "base/json.h"
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

Result<std::vector<std::string>, std::string> read_sector_document(std::string_view body) {
  const auto document = json::parse(body);
  const auto* elements = document ? document->if_array() : nullptr;
  if (elements == nullptr) return refuse(std::string("the sector document is no JSON array"));
  std::vector<std::string> listed;
  for (const auto& element : *elements) {
    if (element.if_string() == nullptr) {
      return refuse(std::string("the sector document holds something else than strings"));
    }
    listed.push_back(*element.if_string());
  }
  return listed;
}

std::optional<std::string> missing_in_sector(const std::vector<std::string>& listed,
                                             const Client& client) {
  for (const auto& uri : client.redirect_uris) {
    if (std::ranges::find(listed, uri) == listed.end()) return uri;
  }
  return std::nullopt;
}

}  // namespace cardea
