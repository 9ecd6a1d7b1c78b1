// libsodium's once-per-process start, which must come before any other call of it. Internal to
// crypto/.
#pragma once

#include <sodium.h>

#include "base/result.h"

namespace cardea::crypto {

// Thread-safe; every function of this room that uses the library calls it first.
inline void start_sodium() {
  static const int started = sodium_init();  // 0, or 1 when somebody else was first
  ensure(started >= 0);
}

}  // namespace cardea::crypto
