// The form of a resource indicator (RFC 8707 2). Which resources exist is configuration.
#pragma once

#include <string_view>

namespace cardea {

// An absolute URI without a fragment, at most 2048 bytes of printable ASCII without spaces.
bool is_resource_indicator(std::string_view text);

}  // namespace cardea
