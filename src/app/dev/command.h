// The command line of `cardea dev` and `cardea trust`.
#pragma once

#include <functional>

#include "app/cli/output.h"

namespace CLI {
class App;
}

namespace cardea::app::dev {

// Adds `dev` and `trust`; `runs` binds what a command does.
void add_commands(CLI::App& app,
                  const std::function<void(CLI::App*, std::function<int(OutputForm)>)>& runs);

}  // namespace cardea::app::dev
