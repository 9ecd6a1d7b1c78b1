// Which scopes a request really asks for; see effective_scopes.h.
#include "server/authorize/effective_scopes.h"

#include "protocol/scope.h"

namespace cardea {

std::vector<std::string> effective_scopes(const AuthorizationRequest& request,
                                          const Client& client) {
  auto scopes = effective_scopes(request.scopes, client);
  return request.asks_for_code() ? scopes : without(scopes, "offline_access");
}

std::vector<std::string> effective_scopes(const std::optional<std::vector<std::string>>& asked,
                                          const Client& client) {
  if (!asked) return without(without(client.scope, "openid"), "offline_access");
  const bool could_be_given =
      client.allows(GrantType::refresh_token) && has_scope(client.scope, "offline_access");
  return could_be_given ? *asked : without(*asked, "offline_access");
}

}  // namespace cardea
