// Telling clients through the browser that a session ended: frames on the signed-out page. OIDC
// Front-Channel Logout 1.0 3.
#pragma once

#include <string>
#include <vector>

#include "server/deps.h"

namespace cardea {

// What the page loads: the registered address of each of these clients that has one, with `iss` and
// `sid` where the client needs them. Nothing in it comes from a request.
std::vector<std::string> logout_frames(const Deps& deps, const std::vector<SessionClient>& clients);

}  // namespace cardea
