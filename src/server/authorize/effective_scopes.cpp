// Which scopes a request really asks for; see effective_scopes.h.
#include "server/authorize/effective_scopes.h"

#include "protocol/scope.h"

namespace cardea {

std::vector<std::string> effective_scopes(const AuthorizationRequest& request,
                                          const Client& client) {
  if (!request.scopes) return without(without(client.scope, "openid"), "offline_access");
  const bool could_be_given = request.asks_for_code() && client.allows(GrantType::refresh_token) &&
                              has_scope(client.scope, "offline_access");
  return could_be_given ? *request.scopes : without(*request.scopes, "offline_access");
}

}  // namespace cardea
