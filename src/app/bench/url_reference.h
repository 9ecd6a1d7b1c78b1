// URL references, as Location fields and forms have them, made absolute (RFC 3986 5.2). Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/url.h"

namespace cardea::app::bench {

// The absolute URL without its fragment. reference: absolute, or relative to `base`; "" is the base
// itself.
std::string resolve_reference(const url::Parts& base, std::string_view reference);
// Path and query, at least "/": what stands in a request line (RFC 9112 3.2.1).
std::string request_target(const url::Parts& parts);
// A decoded parameter of the query; "" when it is absent or malformed.
std::string query_parameter(const url::Parts& parts, std::string_view name);

}  // namespace cardea::app::bench
