// Reading one directive; see cache_control.h.
#include "base/cache_control.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace cardea {

std::optional<Seconds> max_age(std::string_view cache_control) {
  constexpr std::string_view name = "max-age=";
  for (const auto part : ascii::Parts(cache_control, ',')) {
    const auto directive = ascii::trim(part);
    if (!ascii::equal_ignoring_case(directive.substr(0, name.size()), name)) continue;
    const auto digits = directive.substr(name.size());
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error == std::errc{} && end == digits.data() + digits.size() && count >= 0)
      return Seconds{std::min(count, days(365).count)};
  }
  return std::nullopt;
}

}  // namespace cardea
