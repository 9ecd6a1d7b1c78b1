// Text of others made fit to be shown: names of clients, what a person typed, user agents. What is
// written into forms to be sent back is never changed by this.
#pragma once

#include <string>
#include <string_view>

namespace cardea {

// Well-formed UTF-8 without control characters (U+0000-001F, U+007F-009F become a space) and
// without the marks that reorder what stands beside them (bidirectional embeddings, overrides and
// isolates U+202A-202E, U+2066-2069; line and paragraph separators U+2028, U+2029). Bytes that are
// not UTF-8 become U+FFFD. Escaping is the templates' work, not done here.
std::string inert(std::string_view text);

// The first letter, upper case where it is ASCII, for the round badge beside a name; "" for none.
std::string initial_of(std::string_view name);

}  // namespace cardea
