// What a profile makes of a client (FAPI 2.0 Security Profile and Message Signing): naming it
// settles every member that it asks for; a member beside it that says otherwise is refused. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/client.h"
#include "protocol/spec.h"

namespace cardea {

// How the client's tokens are bound to it.
enum class TokenBinding { dpop, certificate };

// Puts the client under the profile, with the members that it asks for.
void settle_by_profile(Client& client, Profile profile, TokenBinding binding);

// One thing that a profile asks of a client's members.
struct ProfileDemand {
  std::string_view member;  // the first of those that it is about
  SpecRef section;          // the document is the profile's
  std::string_view needs;   // what to write: "pkce = \"required\""
  bool (*is_met)(const Client&) = nullptr;
};
// Everything that the profile asks for, in the order of its sections.
std::vector<ProfileDemand> demands_of(Profile profile);

// What the client's members leave open that its profile forbids, each as "needs ..." with the
// section; nothing without a profile.
std::vector<std::string> lacks_of_profile(const Client& client);

// FAPI 2.0 Security Profile 5.3.2.2: a code lives for a minute at most.
Seconds code_lifetime(const Client& client, Seconds usual);

}  // namespace cardea
