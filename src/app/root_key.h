// The root key file (decision T4): 32 random bytes as base64url, mode 0600, outside the data
// directory.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "server/seals/seals.h"

namespace cardea::app {

// Bits of its mode that must not be set: nobody but the server reads it.
constexpr unsigned root_key_forbidden_mode = 077;

// Reads the file; makes it when absent. The reason when it is unreadable, malformed, or readable by
// others.
Result<RootKey, std::string> load_root_key(const std::string& path, Random& random);

}  // namespace cardea::app
