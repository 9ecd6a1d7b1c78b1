// What a setting is, and its values as texts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/config.h"

namespace cardea::app {

enum class SettingKind { text, path, list, integer, duration, flag, choice };

// list: strings; integer and duration (seconds): int64; flag: bool; everything else: string.
using SettingValue = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;

struct SettingRow {
  std::string_view key;  // "lifetimes.access_token"
  SettingKind kind = SettingKind::text;
  std::string_view standard;  // the default, as it would be written in TOML; "" for none
  std::string_view doc;       // one or two sentences
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::vector<std::string_view> choices;
  // Gives a reason when the value is refused. Paths are absolute by then.
  std::function<std::optional<std::string>(Config&, const SettingValue&)> apply;
  // The value in force, as text for `config show`.
  std::function<std::string(const Config&)> show;
};

// "10m", "12h", "14d", "90s" or a number of seconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
std::string write_duration(std::int64_t seconds);

// Checks a value from the environment (text) against the row's kind.
Result<SettingValue, std::string> setting_from_text(const SettingRow& row, std::string_view text);
// Range and choices.
std::optional<std::string> check_setting(const SettingRow& row, const SettingValue& value);

}  // namespace cardea::app
