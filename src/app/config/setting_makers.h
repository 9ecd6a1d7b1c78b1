// Makers of settings, one for each kind: a setting says which member of Config it is, and how that
// is applied and shown follows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "app/config/setting.h"
#include "base/json.h"

namespace cardea::app::setting_makers {

using Reason = std::optional<std::string>;

// A JSON string is a TOML basic string too, so what `config show` prints can be put into a file.
inline std::string quoted(std::string_view text) {
  return json::write(json::Value(text));
}

template <class Member, class Value>
void assign(Member& member, const Value& value) {
  member = static_cast<Member>(value);
}
inline void assign(Seconds& member, std::int64_t value) {
  member = Seconds{value};
}

// The rest of a setting whose value is one member of Config. `member` gives a reference into it,
// show its text.
template <class Value, class Member, class Show>
SettingRow of_member(SettingRow row, Member member, Show show) {
  row.apply = [member](Config& config, const SettingValue& value) -> Reason {
    assign(member(config), std::get<Value>(value));
    return std::nullopt;
  };
  row.show = [member, show](const Config& config) {
    return show(member(const_cast<Config&>(config)));  // only read
  };
  return row;
}

template <class Member>
SettingRow text_row(std::string_view key, SettingKind kind, std::string_view standard,
                    Member member, std::string_view doc) {
  return of_member<std::string>({.key = key, .kind = kind, .standard = standard, .doc = doc},
                                member, quoted);
}

template <class Member>
SettingRow list_row(std::string_view key, std::string_view standard, Member member,
                    std::string_view doc) {
  return of_member<std::vector<std::string>>(
      {.key = key, .kind = SettingKind::list, .standard = standard, .doc = doc}, member,
      [](const auto& list) { return json::write(json::Value(list)); });
}

template <class Member>
SettingRow duration_row(std::string_view key, std::string_view standard, std::int64_t min,
                        std::int64_t max, Member member, std::string_view doc) {
  return of_member<std::int64_t>({.key = key,
                                  .kind = SettingKind::duration,
                                  .standard = standard,
                                  .doc = doc,
                                  .min = min,
                                  .max = max},
                                 member,
                                 [](Seconds value) { return quoted(write_duration(value.count)); });
}

template <class Member>
SettingRow integer_row(std::string_view key, std::string_view standard, std::int64_t min,
                       std::int64_t max, Member member, std::string_view doc) {
  return of_member<std::int64_t>({.key = key,
                                  .kind = SettingKind::integer,
                                  .standard = standard,
                                  .doc = doc,
                                  .min = min,
                                  .max = max},
                                 member, [](auto value) { return std::to_string(value); });
}

template <class Member>
SettingRow flag_row(std::string_view key, std::string_view standard, Member member,
                    std::string_view doc) {
  return of_member<bool>({.key = key, .kind = SettingKind::flag, .standard = standard, .doc = doc},
                         member, [](bool value) { return std::string(value ? "true" : "false"); });
}

// One of a few words, for a member that is none.
inline SettingRow choice_row(std::string_view key, std::string_view standard,
                             std::vector<std::string_view> choices, std::string_view doc,
                             std::function<void(Config&, std::string_view)> set,
                             std::function<std::string(const Config&)> show) {
  return {.key = key,
          .kind = SettingKind::choice,
          .standard = standard,
          .doc = doc,
          .choices = std::move(choices),
          .apply = [set = std::move(set)](Config& config, const SettingValue& value) -> Reason {
            set(config, std::get<std::string>(value));
            return std::nullopt;
          },
          .show = [show = std::move(show)](const Config& config) { return quoted(show(config)); }};
}

}  // namespace cardea::app::setting_makers
