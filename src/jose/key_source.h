// The key set of an issuer, fetched when JwksCache says so. The fetch is a callable of the caller's
// (client and resource make it of their transport), so nothing here knows HTTP's message types.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "jose/jwks_cache.h"

namespace cardea::jose {

// What a JWKS endpoint answered.
struct JwksAnswer {
  int status = 0;
  std::string_view etag;           // "" when there was none
  std::string_view cache_control;  // "" when there was none
  std::string_view body;
};
// Reads 200 and 304. Refuses any other status and a body above limits::jwks_bytes_max.
Result<FetchedJwks, std::string> read_jwks_answer(const JwksAnswer& answer);

// Keys on demand. Thread-safe: of many callers that need the same new key one fetches and the
// others wait for it; callers that can go on with what is there never wait.
class KeySource {
 public:
  // etag: for If-None-Match, "" for none. May block; must not throw.
  using Fetch = std::function<Result<FetchedJwks, std::string>(std::string_view etag)>;

  explicit KeySource(Fetch fetch, JwksCacheOptions options = {});

  // The keys to verify a token of this kid with: the newest good set, which may be stale and may
  // lack the kid. Refuses, with why the last fetch failed, only while there was never any.
  Result<std::shared_ptr<const JwkSet>, std::string> keys_for(Instant now, std::string_view kid);

 private:
  void fetch_if_due(Instant now, std::string_view kid);

  const Fetch fetch_;
  JwksCache cache_;
  std::mutex fetching_;
  std::string last_failure_;  // guarded by fetching_
};

}  // namespace cardea::jose
