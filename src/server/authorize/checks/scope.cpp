// What access is asked for, and where it would work. RFC 6749 3.3, RFC 8707 2, decision Q5.
#include "protocol/scope.h"

#include "server/authorize/checks.h"
#include "server/authorize/effective_scopes.h"
#include "server/tokens/choose_resource.h"

namespace cardea::checks {

Finding scope_well_formed(const CheckInput& input) {
  if (!input.request.is_malformed("scope")) return passed("scope is well formed");
  return refused({ErrorCode::invalid_scope, "The scope parameter is malformed.",
                  "scope is too long, has too many words or a character it may not hold",
                  "Send scope as words of printable ASCII, separated by spaces."});
}

// ASVS 10.4.11: only what the client was assigned. offline_access is ignored instead where it
// cannot be given (OIDC Core 11).
Finding scope_registered(const CheckInput& input) {
  if (!input.request.scopes) return passed("scope is absent: the registered scopes stand for it");
  for (const std::string& word : without(*input.request.scopes, "offline_access")) {
    if (has_scope(input.client.scope, word)) continue;
    return refused({ErrorCode::invalid_scope,
                    "A requested scope is not registered for this client.",
                    "scope <" + word + "> is not in <" + write_scope(input.client.scope) + ">",
                    "Add the scope to the client, or do not ask for it."});
  }
  return passed("every scope is registered");
}

Finding resource_acceptable(const CheckInput& input) {
  const auto scopes = effective_scopes(input.request, input.client);
  auto resource = choose_resource(input.settings, input.client, {input.request.resources, scopes});
  if (resource) {
    if (!*resource) return passed("no API is asked for");
    return passed("the token is for ", (*resource)->value());
  }
  Finding finding =
      refused({resource.error().code, resource.error().description, resource.error().reason,
               "Ask for one registered resource, and only for its scopes."});
  finding.exact_rule = resource.error().rule;
  return finding;
}

}  // namespace cardea::checks
