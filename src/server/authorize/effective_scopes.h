// Which scopes an authorization request really asks for, before anybody approves. RFC 6749 3.3,
// OIDC Core 11, decision Q14.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/client.h"
#include "protocol/authorization_request.h"

namespace cardea {

// The asked scopes; when the parameter is absent, the client's registered ones without openid and
// offline_access, which are always asked for by name. offline_access is left out where no refresh
// token could carry it: no code, no refresh_token grant, or not registered (OIDC Core 11).
std::vector<std::string> effective_scopes(const AuthorizationRequest& request,
                                          const Client& client);
// The same for a request that no code answers but a grant of its own does (RFC 8628, CIBA, RFC
// 7523).
std::vector<std::string> effective_scopes(const std::optional<std::vector<std::string>>& asked,
                                          const Client& client);

}  // namespace cardea
