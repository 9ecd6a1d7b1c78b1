// Values of settings; see setting.h.
#include "app/config/setting.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace cardea::app {
namespace {

constexpr std::int64_t day = 86400;

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  std::int64_t unit = 1;
  if (!text.empty() && !ascii::is_digit(text.back())) {
    switch (text.back()) {
      case 's':
        unit = 1;
        break;
      case 'm':
        unit = 60;
        break;
      case 'h':
        unit = 3600;
        break;
      case 'd':
        unit = day;
        break;
      default:
        return std::nullopt;
    }
    text.remove_suffix(1);
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || number < 0 ||
      number > 1'000'000'000) {
    return std::nullopt;
  }
  return number * unit;
}

std::string write_duration(std::int64_t seconds) {
  if (seconds != 0 && seconds % day == 0) return std::to_string(seconds / day) + "d";
  if (seconds != 0 && seconds % 3600 == 0) return std::to_string(seconds / 3600) + "h";
  if (seconds != 0 && seconds % 60 == 0) return std::to_string(seconds / 60) + "m";
  return std::to_string(seconds) + "s";
}

Result<SettingValue, std::string> setting_from_text(const SettingRow& row, std::string_view text) {
  switch (row.kind) {
    case SettingKind::list: {
      std::vector<std::string> parts;
      for (const auto part : ascii::Parts(text, ',')) {
        const auto trimmed = ascii::trim(part);
        if (!trimmed.empty()) parts.emplace_back(trimmed);
      }
      return SettingValue(std::move(parts));
    }
    case SettingKind::integer: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size()) {
        return refuse(std::string("must be a whole number"));
      }
      return SettingValue(number);
    }
    case SettingKind::duration: {
      const auto seconds = parse_duration(text);
      if (!seconds)
        return refuse(
            std::string("must be a duration such as \"90s\", \"10m\", \"12h\" or \"14d\""));
      return SettingValue(*seconds);
    }
    case SettingKind::flag:
      if (text != "true" && text != "false") return refuse(std::string("must be true or false"));
      return SettingValue(text == "true");
    case SettingKind::text:
    case SettingKind::path:
    case SettingKind::choice:
      return SettingValue(std::string(text));
  }
  return refuse(std::string("unknown kind"));
}

std::optional<std::string> check_setting(const SettingRow& row, const SettingValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    const bool is_duration = row.kind == SettingKind::duration;
    const auto show = [&](std::int64_t n) {
      return is_duration ? write_duration(n) : std::to_string(n);
    };
    if (*number < row.min || *number > row.max) {
      return "must be between " + show(row.min) + " and " + show(row.max);
    }
  }
  if (row.kind == SettingKind::choice) {
    const auto& text = std::get<std::string>(value);
    if (std::ranges::find(row.choices, text) == row.choices.end()) {
      std::string all;
      for (const auto choice : row.choices)
        all += (all.empty() ? "" : ", ") + json::write(json::Value(choice));
      return "must be one of " + all;
    }
  }
  return std::nullopt;
}

}  // namespace cardea::app
