// Administrative calls on keys and the store as a whole.
#pragma once

#include "app/admin/context.h"

namespace cardea::app {

AdminAnswer list_keys(AdminContext& context, const json::Object& arguments);
// arguments: {"algorithm": "ES256" (absent: all), "now": bool} (decision T4).
AdminAnswer rotate_keys(AdminContext& context, const json::Object& arguments);
// arguments: {"path": absolute}: a consistent copy of the running store.
AdminAnswer backup_store(AdminContext& context, const json::Object& arguments);

}  // namespace cardea::app
