// The fuzz targets by name, for replaying their seeds. The function is made by cmake/fuzz.cmake of
// targets.txt.
#pragma once

#include <string_view>
#include <vector>

namespace cardea::fuzz {

struct Target {
  std::string_view name;
  // One input. Throws a Finding when an oracle is not met; may end the process (sanitizers).
  void (*run)(std::string_view bytes) = nullptr;
};

std::vector<Target> target_table();

}  // namespace cardea::fuzz
