// The settings of clients that register themselves; part of the table of settings_table.h.
#pragma once

#include <vector>

#include "app/config/setting.h"

namespace cardea::app {

std::vector<SettingRow> registration_rows();
std::vector<SettingRow> client_document_rows();

}  // namespace cardea::app
