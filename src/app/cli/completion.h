// Completion scripts for shells, from the command table itself.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace cardea::app {

// shell: "bash", "zsh" or "fish".
std::string completion_script(const std::string& shell, const CLI::App& app);

}  // namespace cardea::app
