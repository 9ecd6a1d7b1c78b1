// How a client's secret is kept (decision Q2): as a digest, and beside it sealed under a key of the
// server where the client proves it by MACs (client_secret_jwt), because those need the secret
// itself. docs/decisions/0013-clients-by-certificate.md.
#pragma once

#include <optional>
#include <string_view>

#include "domain/client.h"
#include "jose/jws.h"
#include "server/seals/seals.h"

namespace cardea {

// The row for a new secret of this client, without an end.
ClientSecretDigest keep_secret(const Client& client, std::string_view secret, const Seals& seals,
                               Random& random, Instant now);
// The secret of the row; nothing when it is not sealed, or was sealed for another client.
std::optional<jose::MacSecret> open_secret(const Client& client, const ClientSecretDigest& secret,
                                           const Seals& seals);

// Whether the client's method needs a sealed secret and one of its secrets is not.
bool lacks_sealed_secret(const Client& client);
// Forgets what its method does not need: called before a changed client is stored.
void forget_sealed_secrets(Client& client);

}  // namespace cardea
