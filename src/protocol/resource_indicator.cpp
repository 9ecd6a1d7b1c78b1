// The form of a resource indicator; see resource_indicator.h.
#include "protocol/resource_indicator.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"

namespace cardea {

bool is_resource_indicator(std::string_view text) {
  if (text.empty() || text.size() > limits::redirect_uri_bytes_max) return false;
  if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c <= 0x7e; })) return false;
  // RFC 8707 2: MUST be an absolute URI (RFC 3986 4.3), MUST NOT include a fragment.
  if (text.find('#') != std::string_view::npos) return false;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return false;
  const auto scheme = text.substr(0, colon);
  if (scheme.empty() || !ascii::is_alpha(scheme.front())) return false;
  return std::ranges::all_of(
      scheme, [](char c) { return ascii::is_alnum(c) || c == '+' || c == '-' || c == '.'; });
}

}  // namespace cardea
