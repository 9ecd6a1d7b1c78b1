// The command line of `cardea bench`.
#pragma once

#include <functional>

#include "app/cli/output.h"

namespace CLI {
class App;
}

namespace cardea::app::bench {

// Adds `bench`; `runs` binds what a command does.
void add_command(CLI::App& app,
                 const std::function<void(CLI::App*, std::function<int(OutputForm)>)>& runs);

}  // namespace cardea::app::bench
