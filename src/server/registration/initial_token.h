// Initial access tokens (RFC 7591 1.2): what an operator gives to whoever may register clients.
// Good for a number of registrations until an instant; kept as digests.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/identifiers.h"
#include "store/store.h"
#include "task/task.h"

namespace cardea {

InitialTokenDigest initial_token_digest(std::string_view token);

// Makes and stores one. uses: at least 1.
Task<store::Answer<std::string>> mint_initial_token(store::Store& store, Random& random,
                                                    std::int64_t uses, Instant expires_at);

}  // namespace cardea
