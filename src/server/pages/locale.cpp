// Language negotiation: OIDC Core 3.1.2.1 (ui_locales), RFC 9110 12.5.4 (Accept-Language), matching
// by primary subtag (RFC 4647 3.4).
#include "server/pages/locale.h"

#include <optional>

#include "base/ascii.h"

namespace cardea {
namespace {

std::optional<Locale> locale_for(std::string_view tag) {
  const auto primary = tag.substr(0, tag.find_first_of("-_"));
  if (ascii::equal_ignoring_case(primary, "en")) return Locale::en;
  if (ascii::equal_ignoring_case(primary, "ar")) return Locale::ar;
  return std::nullopt;
}

// qvalue of RFC 9110 12.4.2 in thousandths; what is malformed counts as 0.
int quality_of(std::string_view parameters) {
  for (auto parameter : ascii::Parts(parameters, ';')) {
    parameter = ascii::trim(parameter);
    if (parameter.size() < 3 || ascii::lower(parameter[0]) != 'q' || parameter[1] != '=') continue;
    parameter.remove_prefix(2);
    int thousandths = parameter[0] == '1' ? 1000 : 0;
    int weight = 100;
    for (const char digit : parameter.substr(std::min<std::size_t>(2, parameter.size()))) {
      if (!ascii::is_digit(digit)) return 0;
      thousandths += (digit - '0') * weight;
      weight /= 10;
    }
    return std::min(thousandths, 1000);
  }
  return 1000;
}

}  // namespace

std::string_view tag_of(Locale locale) {
  return locale == Locale::ar ? "ar" : "en";
}

Locale negotiate_locale(const std::vector<std::string>& ui_locales,
                        std::string_view accept_language) {
  for (const auto& tag : ui_locales) {
    if (const auto found = locale_for(tag)) return *found;
  }
  Locale best = Locale::en;
  int best_quality = 0;
  for (const auto item : ascii::Parts(accept_language, ',')) {
    const auto end = item.find(';');
    const auto found = locale_for(ascii::trim(item.substr(0, end)));
    if (!found) continue;
    const int quality = end == std::string_view::npos ? 1000 : quality_of(item.substr(end + 1));
    if (quality > best_quality) best = *found, best_quality = quality;
  }
  return best;
}

}  // namespace cardea
