// Who must have signed in by two factors. Decision 0012.
#pragma once

#include "domain/client.h"
#include "domain/session.h"
#include "server/settings/settings.h"

namespace cardea {

// Of everybody, or of this client's people.
bool requires_second_factor(const Settings& settings, const Client& client);
// Whether a sign-in is too weak for the client. Asked wherever tokens are given, for a grant may be
// older than the requirement, or have been approved where no client asked for anything.
bool lacks_second_factor(const Settings& settings, const Client& client,
                         const Authentication& sign_in);

}  // namespace cardea
