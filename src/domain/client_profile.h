// What a profile makes of a client (FAPI 2.0 Security Profile and Message Signing): naming it
// settles every member that it asks for; a member beside it that says otherwise is refused. Pure.
#pragma once

#include <string>
#include <vector>

#include "domain/client.h"

namespace cardea {

// How the client's tokens are bound to it.
enum class TokenBinding { dpop, certificate };

// Puts the client under the profile, with the members that it asks for.
void settle_by_profile(Client& client, Profile profile, TokenBinding binding);

// What the client's members leave open that its profile forbids, each as "needs ..." with the
// section; nothing without a profile.
std::vector<std::string> lacks_of_profile(const Client& client);

// FAPI 2.0 Security Profile 5.3.2.2: a code lives for a minute at most.
Seconds code_lifetime(const Client& client, Seconds usual);

}  // namespace cardea
