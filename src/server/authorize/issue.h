// The end of an authorization request: facts are frozen onto a code, an ID token, or both, and sent
// to the ReplyTarget. RFC 6749 4.1.2, OIDC Core 3.1.2.5, 3.2.2.5, 3.3.2.5.
#pragma once

#include "server/authorize/visit.h"

namespace cardea {

// visit.step is an issue step, and there is an address to answer to. Awaits a store write only for
// a code too large to travel (decision Q6). Nothing here may be called twice for one interaction:
// its guarded write comes first.
Task<store::Answer<http::Response>> issue(const Deps& deps, Exchange& exchange, const Visit& visit);

}  // namespace cardea
