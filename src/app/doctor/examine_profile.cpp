// A profile by its name; see examine_profile.h.
#include "app/doctor/examine_profile.h"

namespace cardea::app {

AdminAnswer examine_profile(std::string_view profile, const std::string& client,
                            const Settings& settings, std::vector<Client> clients) {
  const auto named = conformance_profile_named(profile);
  if (!named) return usage_error("the profiles are fapi2, oauth21 and mcp");
  if (!client.empty()) {
    std::erase_if(clients, [&](const auto& each) { return each.client_id.value() != client; });
    if (clients.empty())
      return not_found("no client \"" + client + "\"; see `cardea clients list`");
  }
  return profile_object(*named, judge_profile(*named, settings, clients));
}

}  // namespace cardea::app
