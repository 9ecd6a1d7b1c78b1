// What a client calls a person and a session (OIDC Core 8): the same everywhere, or pairwise, so
// that two sectors cannot compare what they know. Everything that carries `sub` or `sid` asks here;
// nothing is ever found by either: tokens lead to their grant, and hints are compared with what the
// sessions at hand would be called.
#pragma once

#include <string>

#include "domain/client.h"
#include "domain/identifiers.h"
#include "server/seals/seals.h"

namespace cardea {

// `sub`: the user's id, or 43 characters of base64url that follow from sector and user. Those stay
// the same as long as the store: the key is the first of its purpose and never replaced.
std::string subject_of(const Seals& seals, const Client& client, const UserId& user_id);
// `sid`, by the same rule: one browser's session would tell as much as one subject.
std::string sid_of(const Seals& seals, const Client& client, const SessionId& session_id);

}  // namespace cardea
