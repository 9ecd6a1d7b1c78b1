// Every scalar setting once, as data: key, kind, range, default, description, and how it is
// applied. Loader, environment, `config show`, JSON Schema and docs/settings.md all read this
// table.
#pragma once

#include <span>
#include <string_view>

#include "app/config/setting.h"

namespace cardea::app {

std::span<const SettingRow> setting_rows();
const SettingRow* find_setting(std::string_view key);

}  // namespace cardea::app
