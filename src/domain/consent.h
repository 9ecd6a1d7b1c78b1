// What a person approved for a client, remembered in a row (decision Q20).
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "domain/identifiers.h"

namespace cardea {

// One row for each (user, client). Approving more widens the row and keeps its id; a row approved
// after a withdrawal has a new id, so that codes of the withdrawn one stay void.
struct Consent {
  ConsentId consent_id;
  UserId user_id;
  ClientId client_id;
  std::vector<std::string> scopes;
  std::vector<std::string> resources;
  Instant created_at{};
  Instant updated_at{};
};

// Whether all scopes and resources were approved before.
bool covers(const Consent& consent, const std::vector<std::string>& scopes,
            const std::vector<std::string>& resources);

}  // namespace cardea
