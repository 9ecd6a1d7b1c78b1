// Which language a page is in. `ui_locales` before the Accept-Language header (OIDC Core 3.1.2.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cardea {

enum class Locale { en, ar };  // Arabic is written right to left

std::string_view tag_of(Locale);  // "en", "ar"
// ui_locales: BCP 47 tags in order of preference, may be empty; accept_language: the header's
// value, may be "".
Locale negotiate_locale(const std::vector<std::string>& ui_locales,
                        std::string_view accept_language);

}  // namespace cardea
