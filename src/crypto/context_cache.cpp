// Numbers of keys; see context_cache.h.
#include "crypto/context_cache.h"

#include <atomic>

namespace cardea::crypto {

std::uint64_t next_key_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace cardea::crypto
