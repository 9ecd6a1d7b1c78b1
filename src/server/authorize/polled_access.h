// What a request that its client polls for asks access to, judged by the rules of an authorization
// request (RFC 8628 3.1, CIBA Core 7.1): scopes, resources.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/parameters.h"
#include "server/deps.h"
#include "server/json_answer.h"

namespace cardea {

struct PolledAccess {
  std::vector<std::string> scopes;    // effective_scopes()
  std::vector<ResourceId> resources;  // choose_resources()
};

// Refuses: invalid_scope, invalid_target; unauthorized_client where the grant is not registered.
// Memory only.
Result<PolledAccess, JsonRefusal> judge_polled_access(const Deps& deps, Exchange& exchange,
                                                      const RawParameters& parameters,
                                                      const Client& client, GrantType grant_type);

}  // namespace cardea
