// How long a fetched answer may be kept, as its Cache-Control says. RFC 9111 5.2.2.1.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace cardea {

// max-age; nothing when absent or not a number. At most a year.
std::optional<Seconds> max_age(std::string_view cache_control);

}  // namespace cardea
