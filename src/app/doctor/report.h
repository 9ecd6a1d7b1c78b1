// The doctor's report on a terminal and as JSON. Pure.
#pragma once

#include <string>

#include "app/doctor/finding.h"
#include "app/doctor/profile.h"

namespace cardea::app {

enum class Colour { off, on };

// Lines of at most 80 columns, without the last line's end; words longer than a line stay whole.
// looked_at: "cardea.toml and the running server".
std::string render_findings(const Findings& findings, std::string_view looked_at, Colour colour);
json::Object findings_object(const Findings& findings, std::string_view looked_at);
bool has_failure(const Findings& findings);

std::string render_profile(ConformanceProfile profile, std::span<const ProfileRow> rows,
                           std::string_view looked_at, Colour colour);
// {"profile", "passed", "rows": [...]}; read_rows reads what it made, and nothing else.
json::Object profile_object(ConformanceProfile profile, std::span<const ProfileRow> rows);
std::optional<std::vector<ProfileRow>> read_rows(const json::Object& object);
bool has_failure(std::span<const ProfileRow> rows);

}  // namespace cardea::app
