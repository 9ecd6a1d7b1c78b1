// OpenSSL contexts kept for one thread, each for one key and one operation: making one costs a
// quarter of an ES256 signature. Bounded; keys are named by a number that is never used twice, so a
// destroyed key cannot be taken for a later one at the same address. Internal to crypto/.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "crypto/openssl_key.h"

namespace cardea::crypto {

// More than the keys that one issuer signs with; caches of public keys also see clients' keys come
// and go.
inline constexpr std::size_t contexts_per_thread_max = 16;

std::uint64_t next_key_id();

// Key has `id` (of next_key_id) and `alive`, which ends with it.
template <class Key>
class ContextCache {
 public:
  using Make = PkeyContext (*)(const Key& key);
  explicit ContextCache(Make make) : make_(make) {}

  // Valid until the next call on this thread.
  EVP_PKEY_CTX* context_for(const Key& key) {
    ++uses_;
    for (Entry& entry : entries_) {
      if (entry.key_id == key.id) {
        entry.last_use = uses_;
        return entry.context.get();
      }
    }
    if (entries_.size() == contexts_per_thread_max) make_room();
    entries_.push_back(
        {.key_id = key.id, .last_use = uses_, .alive = key.alive, .context = make_(key)});
    return entries_.back().context.get();
  }

 private:
  struct Entry {
    std::uint64_t key_id;
    std::uint64_t last_use;
    std::weak_ptr<const int> alive;
    PkeyContext context;
  };

  void make_room() {
    if (std::erase_if(entries_, [](const Entry& entry) { return entry.alive.expired(); }) > 0)
      return;
    entries_.erase(std::ranges::min_element(entries_, {}, &Entry::last_use));
  }

  const Make make_;
  std::uint64_t uses_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace cardea::crypto
