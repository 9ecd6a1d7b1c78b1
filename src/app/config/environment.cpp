// The process environment, read in one place (style rule 19).
#include <string_view>

#include "app/config/config.h"

extern char** environ;

namespace cardea::app {

Environment read_environment() {
  Environment found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || !text.starts_with("CARDEA_")) continue;
    found.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

}  // namespace cardea::app
