// Reports; see report.h.
#include "app/doctor/report.h"

#include <algorithm>

#include "base/ascii.h"

namespace cardea::app {
namespace {

constexpr std::size_t columns = 80;
constexpr std::size_t word_column = 9;  // "warning  "

enum class Ink { green, yellow, red, faint };

std::string inked(std::string_view text, Ink ink, Colour colour) {
  if (colour == Colour::off) return std::string(text);
  const std::string_view code = ink == Ink::green    ? "32"
                                : ink == Ink::yellow ? "33"
                                : ink == Ink::red    ? "1;31"
                                                     : "2";
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string spaces(std::size_t count) {
  return std::string(count, ' ');
}

// The text in lines that begin at `indent`; the first line's beginning is already written.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t at = indent;
  for (const auto word : ascii::Parts(text, ' ')) {
    if (word.empty()) continue;
    const bool is_first = at == indent;
    if (!is_first && at + 1 + ascii::utf8_length(word) > columns) {
      out += "\n" + spaces(indent);
      at = indent;
    } else if (!is_first) {
      out += ' ';
      ++at;
    }
    out += word;
    at += ascii::utf8_length(word);
  }
  return out;
}

// "why  text" beneath a line.
std::string beneath(std::string_view word, std::string_view text, std::size_t indent,
                    Colour colour) {
  if (text.empty()) return "";
  const std::string label = std::string(word) + spaces(5 - word.size());
  return "\n" + spaces(indent) + inked(label, Ink::faint, colour) +
         wrapped(text, indent + label.size());
}

std::string word_in_column(std::string_view word, Ink ink, Colour colour) {
  return inked(word, ink, colour) + spaces(word_column - word.size());
}

Ink ink_of(Finding::Level level) {
  return level == Finding::Level::ok        ? Ink::green
         : level == Finding::Level::warning ? Ink::yellow
                                            : Ink::red;
}

Ink ink_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return Ink::green;
    case Verdict::always:
    case Verdict::unused:
      return Ink::faint;
    case Verdict::advised:
      return Ink::yellow;
    case Verdict::fails:
      return Ink::red;
  }
  return Ink::red;
}

std::string count_of(std::size_t count, std::string_view one, std::string_view more) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : more);
}

std::string finding_lines(const Finding& finding, Colour colour) {
  std::string out = word_in_column(name_of(finding.level), ink_of(finding.level), colour) +
                    wrapped(finding.check + ": " + finding.text, word_column);
  if (finding.level == Finding::Level::ok) return out;
  return out + beneath("why", finding.why, word_column, colour) +
         beneath("do", finding.fix, word_column, colour);
}

std::string row_lines(const ProfileRow& row, Colour colour) {
  std::string text = row.section + ": " + row.requirement;
  if (row.verdict == Verdict::always) text += " (" + row.ensured_by + ")";
  const std::string out = word_in_column(name_of(row.verdict), ink_of(row.verdict), colour) +
                          wrapped(text, word_column);
  if (row.verdict != Verdict::fails && row.verdict != Verdict::advised) return out;
  return out + beneath("is", row.found, word_column, colour) +
         beneath("do", row.fix, word_column, colour);
}

}  // namespace

bool has_failure(const Findings& findings) {
  return std::ranges::any_of(
      findings, [](const auto& each) { return each.level == Finding::Level::failure; });
}

bool has_failure(std::span<const ProfileRow> rows) {
  return std::ranges::any_of(rows, [](const auto& row) { return row.verdict == Verdict::fails; });
}

std::string render_findings(const Findings& findings, std::string_view looked_at, Colour colour) {
  std::string out = wrapped("Looked at " + std::string(looked_at), 0) + "\n";
  const auto count = [&](Finding::Level level) {
    return static_cast<std::size_t>(std::ranges::count(findings, level, &Finding::level));
  };
  for (const auto& finding : findings) out += "\n" + finding_lines(finding, colour);
  return out + "\n\n" + count_of(count(Finding::Level::failure), "failure", "failures") + ", " +
         count_of(count(Finding::Level::warning), "warning", "warnings") + ", " +
         std::to_string(count(Finding::Level::ok)) + " ok";
}

json::Object findings_object(const Findings& findings, std::string_view looked_at) {
  json::Array list;
  for (const auto& finding : findings) list.emplace_back(write_finding(finding));
  return {
      {"looked_at", looked_at}, {"passed", !has_failure(findings)}, {"findings", std::move(list)}};
}

std::string render_profile(ConformanceProfile profile, std::span<const ProfileRow> rows,
                           std::string_view looked_at, Colour colour) {
  std::string out = std::string(title_of(profile)) + "\n" +
                    wrapped("Looked at " + std::string(looked_at), 0) + "\n";
  std::string tally;
  for (const auto& row : rows) out += "\n" + row_lines(row, colour);
  for (const auto verdict :
       {Verdict::fails, Verdict::advised, Verdict::holds, Verdict::always, Verdict::unused}) {
    const auto count = std::ranges::count(rows, verdict, &ProfileRow::verdict);
    if (count == 0) continue;
    tally +=
        (tally.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(name_of(verdict));
  }
  return out + "\n\n" + tally +
         (has_failure(rows) ? "\nThe profile is not met." : "\nThe profile is met.");
}

json::Object profile_object(ConformanceProfile profile, std::span<const ProfileRow> rows) {
  json::Array list;
  for (const auto& row : rows) {
    list.emplace_back(json::Object{{"id", row.id},
                                   {"section", row.section},
                                   {"requirement", row.requirement},
                                   {"verdict", name_of(row.verdict)},
                                   {"found", row.found},
                                   {"fix", row.fix},
                                   {"ensured_by", row.ensured_by}});
  }
  return {{"profile", name_of(profile)}, {"passed", !has_failure(rows)}, {"rows", std::move(list)}};
}

std::optional<std::vector<ProfileRow>> read_rows(const json::Object& object) {
  const json::Value* list = object.find("rows");
  if (list == nullptr || list->if_array() == nullptr) return std::nullopt;
  std::vector<ProfileRow> rows;
  for (const auto& each : *list->if_array()) {
    if (each.if_object() == nullptr) return std::nullopt;
    const auto text = [&](std::string_view name) {
      return json::string_member(*each.if_object(), name).value_or("");
    };
    const auto verdict = verdict_named(text("verdict"));
    if (!verdict) return std::nullopt;
    rows.push_back({.id = text("id"),
                    .section = text("section"),
                    .requirement = text("requirement"),
                    .verdict = *verdict,
                    .found = text("found"),
                    .fix = text("fix"),
                    .ensured_by = text("ensured_by")});
  }
  return rows;
}

}  // namespace cardea::app
