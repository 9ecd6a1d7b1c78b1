// The configuration file (security corpus 7.16): read twice it says the same; what is usable and
// shown (`config show`) is TOML that reads back as the same; what we write as JSON is JSON. Lines
// that name a file are left out, so that no input makes us read one. Input: the file.
#include "app/config/config.h"
#include "app/config/list_members.h"

#include <string>

#include "app/config/settings_table.h"
#include "app/config/toml_reader.h"
#include "base/ascii.h"
#include "domain/client.h"
#include "fuzz/finding.h"

namespace cardea::fuzz {
namespace {

using app::LoadedConfig;

LoadedConfig load(std::string_view text) {
  return app::parse_config(text, "/etc/cardea/fuzz.toml", {});
}

std::string problems_of(const LoadedConfig& loaded) {
  std::string all;
  for (const auto& problem : loaded.problems) all += problem.text() + "\n";
  return all;
}

// Every setting that differs from nothing, as lines of the file.
std::string shown(const LoadedConfig& loaded) {
  std::string all;
  for (const auto& row : app::setting_rows()) {
    const auto value = row.show(loaded.config);
    if (!value.empty() && value != "\"\"") all += std::string(row.key) + " = " + value + "\n";
  }
  return all;
}

void check_lists(const LoadedConfig& loaded) {
  for (const auto& configured : loaded.config.users) {
    const auto& text = configured.user.claims.text();
    const auto read = json::parse_object(text);
    expect(read.has_value(), "claims of a user that are no JSON: " + text);
    for (const auto& claim : read->members()) {
      expect(!is_reserved_claim(claim.name), "a reserved claim: " + claim.name);
    }
  }
  for (const auto& configured : loaded.config.clients) {
    const auto document = write_client(configured.client);
    const auto read = read_client(document);
    expect(read.has_value() && write_client(*read) == document, "a client does not read back");
    auto judged = configured;  // its secret counts, though it is not digested yet
    for (const auto& problem : app::complete_client(judged)) {
      expect(problem.is_warning || !loaded.usable(),
             "usable with a client that is not: " + problem.reason);
    }
  }
}

bool names_a_file(std::string_view text) {
  return ascii::lower(text).find("_file") != std::string::npos ||
         text.find("\\u") != std::string_view::npos || text.find("\\U") != std::string_view::npos;
}

}  // namespace

void config(std::string_view input) {
  if (names_a_file(input)) return;
  const auto loaded = load(input);
  expect(problems_of(loaded) == problems_of(load(input)), "read twice, judged in two ways");
  const bool is_toml = app::read_toml(input).ok();
  expect(is_toml || !loaded.usable(), "usable, and no TOML");
  for (const auto& problem : loaded.problems) {
    expect(!problem.reason.empty(), "a problem without a reason");
  }
  if (!loaded.usable()) return;
  check_lists(loaded);
  const auto text = shown(loaded);
  const auto again = load(text);
  expect(again.usable(), "what is shown is refused: " + problems_of(again) + text);
  expect(shown(again) == text, "what is shown reads back as something else:\n" + text);
}

}  // namespace cardea::fuzz
