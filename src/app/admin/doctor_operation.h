// What the server itself tells `cardea doctor`: of the clients, keys and people that it knows.
#pragma once

#include "app/admin/context.h"

namespace cardea::app {

// arguments: {"profile": "fapi2", "client": "web"}, both optional; client needs a profile. Without
// a profile {"findings": [...]} (doctor/finding.h), with one its rows (doctor/report.h). Changes
// nothing.
AdminAnswer examine(AdminContext& context, const json::Object& arguments);

}  // namespace cardea::app
