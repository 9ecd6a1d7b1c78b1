// Findings as JSON; see finding.h.
#include "app/doctor/finding.h"

namespace cardea::app {

std::string_view name_of(Finding::Level level) {
  switch (level) {
    case Finding::Level::ok:
      return "ok";
    case Finding::Level::warning:
      return "warning";
    case Finding::Level::failure:
      return "failure";
  }
  return "";
}

void append(Findings& to, Findings from) {
  for (auto& finding : from) to.push_back(std::move(finding));
}

json::Object write_finding(const Finding& finding) {
  return {{"check", finding.check},
          {"level", name_of(finding.level)},
          {"text", finding.text},
          {"why", finding.why},
          {"fix", finding.fix}};
}

std::optional<Finding> read_finding(const json::Object& object) {
  Finding finding;
  const auto level = json::string_member(object, "level").value_or("");
  bool is_known = false;
  for (const auto each : {Finding::Level::ok, Finding::Level::warning, Finding::Level::failure}) {
    if (name_of(each) != level) continue;
    finding.level = each;
    is_known = true;
  }
  if (!is_known) return std::nullopt;
  finding.check = json::string_member(object, "check").value_or("");
  finding.text = json::string_member(object, "text").value_or("");
  finding.why = json::string_member(object, "why").value_or("");
  finding.fix = json::string_member(object, "fix").value_or("");
  return finding;
}

}  // namespace cardea::app
