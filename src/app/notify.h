// Tells the service manager where we are (sd_notify protocol), when it asked for it.
#pragma once

#include <string_view>

namespace cardea::app {

// state: "READY=1", "STOPPING=1", "STATUS=...". Does nothing without NOTIFY_SOCKET.
void notify(std::string_view state);

}  // namespace cardea::app
