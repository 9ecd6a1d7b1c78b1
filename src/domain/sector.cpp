// Sectors of clients; see sector.h.
#include "domain/sector.h"

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

}  // namespace cardea
