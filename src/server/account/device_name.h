// How a session is named on the account page: "Firefox, Linux, 192.0.2.7". A guess from the
// User-Agent field, for people; nothing depends on it.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace cardea {

// "" when neither browser nor system is recognised and there is no product name.
std::string device_name(std::string_view user_agent);

// "2026-11-22", and "2026-11-22 10:15 UTC".
std::string utc_day(Instant at);
std::string utc_minute(Instant at);

}  // namespace cardea
