// What an approval is about: scopes, claims asked for one by one, resources; and how the consent
// page shows them. Decision Q20, OIDC Core 5.4 and 5.5.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/claims_request.h"
#include "server/deps.h"
#include "server/pages/views.h"
#include "server/settings/settings.h"
#include "store/store.h"

namespace cardea {

// The claims of a `claims` parameter that no asked scope releases, as words of a consent row:
// "claim:birthdate". Claims that we assert ourselves (sub, acr, auth_time, ...) need no approval.
std::vector<std::string> claims_beyond_scopes(const Settings& settings, const ClaimsRequest& claims,
                                              const std::vector<std::string>& scopes);

// The row of an approval made now.
struct Approval {
  UserId user_id;
  ClientId client_id;
  std::vector<std::string> words;  // scopes and claim words
  std::vector<ResourceId> resources;
};
Consent new_consent(const Deps& deps, const Exchange& exchange, Approval approval);

// The rows of the consent page: one for each scope but openid and offline_access, one for each
// claim word; with the values that would be shared.
std::vector<ScopeView> consent_rows(const Settings& settings, const User& user,
                                    const std::vector<std::string>& scopes,
                                    const std::vector<std::string>& claims_words);

// One for each element whose word is among these, with all that it says.
std::vector<DetailView> detail_rows(const Settings& settings, const AuthorizationDetails& details,
                                    const std::vector<std::string>& words);

}  // namespace cardea
