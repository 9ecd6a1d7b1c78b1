// The rules of registration about how a client proves itself: what each method needs and what it
// excludes (decision Q2; OIDC Core 9, OIDC Registration 2, RFC 8705 2). Part of check_client.
#pragma once

#include <vector>

#include "domain/client.h"

namespace cardea {

// Adds what is wrong with the client's method, secrets, keys and certificate names. Pure.
void check_authentication_of(const Client& client, std::vector<ClientProblem>& problems);

}  // namespace cardea
