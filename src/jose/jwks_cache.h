// When to fetch a remote key set again: a state machine without I/O and without a clock, shared by
// client and resource. Keys are served stale when a fetch fails; unknown kids cause at most one
// fetch per cooldown.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"
#include "jose/jwk.h"

namespace cardea::jose {

struct JwksCacheOptions {
  Seconds lifetime_default = minutes(5);  // when the answer has no max-age
  Seconds lifetime_min{30};
  Seconds lifetime_max = hours(24);
  Seconds cooldown{30};  // between fetches caused by unknown kids, and after a failure
};

// What a fetch brought back.
struct FetchedJwks {
  bool not_modified = false;  // 304
  std::string body;           // for 200
  std::string etag;
  std::optional<Seconds> max_age;
};

class JwksCache {
 public:
  explicit JwksCache(JwksCacheOptions options = {});

  // Whether the caller should fetch before verifying a token with this kid. Claims the fetch: of
  // many concurrent callers one gets true, and should report with fetched() or fetch_failed(). A
  // claim without a report lapses after the cooldown. Thread-safe, as all members are.
  bool should_fetch(Instant now, std::string_view kid);
  std::string etag() const;
  // Status carries why a body was refused; the old keys stay.
  Status<std::string> fetched(Instant now, const FetchedJwks& answer);
  void fetch_failed(Instant now);
  // The newest good keys, or null before the first.
  std::shared_ptr<const JwkSet> keys() const;

 private:
  const JwksCacheOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<const JwkSet> keys_;
  std::string etag_;
  Instant fresh_until_{};
  Instant next_attempt_{};      // also holds a claimed fetch
  Instant next_unknown_kid_{};  // the next fetch that an unknown kid may cause
};

}  // namespace cardea::jose
