// The sector of a client (OIDC Core 8.1): those whom a person may appear to under one pairwise
// subject. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/client.h"

namespace cardea {

// The host of sector_identifier_uri, else the one host of all redirect URIs. Nothing when there is
// neither: several hosts, or addresses without one.
std::optional<std::string> sector_of(const Client& client);

// The list at a sector_identifier_uri (OIDC Registration 5): a JSON array of strings. Refuses with
// a private reason.
Result<std::vector<std::string>, std::string> read_sector_document(std::string_view body);

// The first redirect URI of the client that the list leaves out; nothing when it has them all.
std::optional<std::string> missing_in_sector(const std::vector<std::string>& listed,
                                             const Client& client);

}  // namespace cardea
