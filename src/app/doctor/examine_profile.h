// A profile put to the settings and clients of a server or of a configuration.
#pragma once

#include "app/admin/context.h"
#include "app/doctor/report.h"

namespace cardea::app {

// client: "" for all. Refuses: usage (no such profile), not_found (no such client). Pure.
AdminAnswer examine_profile(std::string_view profile, const std::string& client,
                            const Settings& settings, std::vector<Client> clients);

}  // namespace cardea::app
