// What one look of `cardea doctor` gave: a line of its report.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace cardea::app {

struct Finding {
  enum class Level { ok, warning, failure } level = Level::ok;
  std::string check;  // "tls", "client web: pkce"
  std::string text;   // what was looked at and what is there
  std::string why;    // why it matters; a sentence
  std::string fix;    // what to do; "" where nothing is to be done
};
std::string_view name_of(Finding::Level level);

using Findings = std::vector<Finding>;
void append(Findings& to, Findings from);

// {"check", "level", "text", "why", "fix"}; read gives nothing for what write did not make.
json::Object write_finding(const Finding& finding);
std::optional<Finding> read_finding(const json::Object& object);

}  // namespace cardea::app
