// The widest setting of the dev dial (decision Q15): a client that nobody registered is registered
// on first sight, with an explained warning. Never reached under serve.
#pragma once

#include "protocol/parameters.h"
#include "server/deps.h"

namespace cardea {

// Registers the client of the request as a public one when it is unknown and its redirect_uri could
// be registered. Writes to the store; the registry holds it afterwards. Does nothing otherwise.
Task<store::Answer<Unit>> adopt_unknown_client(const Deps& deps, Exchange& exchange,
                                               const RawParameters& raw);

}  // namespace cardea
