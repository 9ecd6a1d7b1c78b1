// Secrets that the server makes for clients (decision Q2).
#pragma once

#include <string>

#include "base/random.h"

namespace cardea {

// 43 letters and digits: 256 bits.
std::string generate_client_secret(Random& random);

}  // namespace cardea
