// The sector of a client (OIDC Core 8.1): those whom a person may appear to under one pairwise
// subject. Pure.
#pragma once

#include <optional>
#include <string>

#include "domain/client.h"

namespace cardea {

// The host of sector_identifier_uri, else the one host of all redirect URIs. Nothing when there is
// neither: several hosts, or addresses without one.
std::optional<std::string> sector_of(const Client& client);

}  // namespace cardea
