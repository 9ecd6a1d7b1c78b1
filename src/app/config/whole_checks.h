// Rules across settings, when all of them are known; and the settings that follow from others. What
// one setting or list alone can say is checked where it is read.
#pragma once

#include <string>
#include <vector>

#include "app/config/config.h"

namespace cardea::app {

struct WholeProblem {
  std::string path;  // of the member at fault, to find its line: "clients[0].default_resource"
  std::string key;   // as the operator is told it
  std::string reason;
};
std::vector<WholeProblem> check_whole(const Config& config);

// Whether certificates come in, and which keys there must be.
void settle_derived(Config& config);

}  // namespace cardea::app
