// What a fuzz target says when its oracle is not met. The libFuzzer program ends on it, the replay
// in `make test` reports it as a failure of the seed.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace cardea::fuzz {

class Finding : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// what: the rule that must hold, in words.
inline void expect(bool holds, const std::string& what,
                   std::source_location at = std::source_location::current()) {
  if (holds) return;
  throw Finding(std::string(at.file_name()) + ":" + std::to_string(at.line()) + ": " + what);
}

}  // namespace cardea::fuzz
