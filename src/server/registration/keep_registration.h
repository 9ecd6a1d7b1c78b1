// Keeping a client that came by itself: the one write of it, and the memory of clients brought up
// to date. RFC 7591 3, Client ID Metadata Document 5.
#pragma once

#include <optional>
#include <string>

#include "domain/client.h"
#include "server/deps.h"
#include "store/operations.h"
#include "task/task.h"

namespace cardea {

// Stores the client within the quotas of its source, the address of the request. With an initial
// access token, which is spent by it, the source does not count. Clients that are forgotten by it
// leave the registry.
Task<store::Answer<store::RegisterClient::Outcome::Result>> keep_registration(
    const Deps& deps, const Exchange& exchange, Client client,
    std::optional<InitialTokenDigest> initial_access_token);

}  // namespace cardea
