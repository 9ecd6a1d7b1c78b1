// What access is asked for, and where it would work. RFC 6749 3.3, RFC 8707 2, decision Q5.
#include "protocol/scope.h"

#include "server/authorize/checks.h"
#include "server/authorize/effective_scopes.h"
#include "server/tokens/choose_details.h"
#include "server/tokens/choose_resources.h"

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

Finding resources_acceptable(const CheckInput& input) {
  const auto scopes = effective_scopes(input.request, input.client);
  const auto resources =
      choose_resources(input.settings, input.client, {input.request.resources, scopes});
  if (resources) {
    if (resources->empty()) return passed("no API is asked for");
    return passed("tokens are for ", write_resources(*resources));
  }
  const auto& error = resources.error();
  Finding finding = refused({error.code, error.description, error.reason,
                             "Ask for registered resources, and only for their scopes."});
  finding.exact_rule = error.rule;
  return finding;
}

Finding details_acceptable(const CheckInput& input) {
  if (input.request.is_malformed("authorization_details")) {
    return refused({ErrorCode::invalid_authorization_details,
                    "The authorization_details parameter is malformed.",
                    "authorization_details is too long, no strict JSON, or no array of objects "
                    "that have a type",
                    "Send a JSON array of objects, each with a registered type."});
  }
  const auto& details = input.request.authorization_details;
  if (details.empty()) return passed("no authorization_details are asked for");
  if (auto reason = objection_to_details(input.settings, input.client, details)) {
    return refused({ErrorCode::invalid_authorization_details,
                    "The authorization_details ask for something that is not offered.",
                    *std::move(reason),
                    "Register the type with issuer and client, and keep to its schema."});
  }
  return passed("every authorization_details element fits its type");
}

Finding details_not_asked_for(const CheckInput& input) {
  if (!input.request.is_malformed("authorization_details") &&
      input.request.authorization_details.empty()) {
    return passed("no authorization_details are asked for");
  }
  return refused({ErrorCode::invalid_authorization_details,
                  "authorization_details are not offered here.",
                  "authorization_details were sent with a request that is polled for",
                  "Ask for them in an authorization request."});
}

}  // namespace cardea::checks
