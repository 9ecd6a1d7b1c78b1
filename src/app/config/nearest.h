// "Did you mean": the known name closest to a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cardea::app {

// The candidate at the smallest edit distance, when it is at most a third of the name's length (and
// 1 at least); else "".
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);
// " Did you mean \"issuer\"?" or "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace cardea::app
