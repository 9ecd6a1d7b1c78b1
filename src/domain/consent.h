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
  std::vector<std::string> scopes;     // and other words: claims, authorization_details
  std::vector<std::string> approvals;  // each of those for an API that it was approved for
  Instant created_at{};
  Instant updated_at{};
};

// What stands for "this word, for this resource" in a consent. A word that was approved for one API
// says nothing about another (RFC 8707 2.2).
std::vector<std::string> approvals_of(const std::vector<std::string>& scopes,
                                      const std::vector<std::string>& resources);

// Whether all scopes were approved before, and each of them for each of the resources.
bool covers(const Consent& consent, const std::vector<std::string>& scopes,
            const std::vector<std::string>& resources);

}  // namespace cardea
