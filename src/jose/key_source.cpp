// Fetching a key set when it is needed; see key_source.h.
#include "jose/key_source.h"

#include "base/cache_control.h"
#include "base/limits.h"

namespace cardea::jose {

Result<FetchedJwks, std::string> read_jwks_answer(const JwksAnswer& answer) {
  FetchedJwks fetched{.etag = std::string(answer.etag), .max_age = max_age(answer.cache_control)};
  if (answer.status == 304) {
    fetched.not_modified = true;
    return fetched;
  }
  if (answer.status != 200)
    return refuse("the key set answered with status " + std::to_string(answer.status));
  if (answer.body.size() > limits::jwks_bytes_max)
    return refuse(std::string("the key set is too large"));
  fetched.body = std::string(answer.body);
  return fetched;
}

KeySource::KeySource(Fetch fetch, JwksCacheOptions options)
    : fetch_(std::move(fetch)), cache_(options) {}

Result<std::shared_ptr<const JwkSet>, std::string> KeySource::keys_for(Instant now,
                                                                       std::string_view kid) {
  auto keys = cache_.keys();
  if (keys && (kid.empty() || keys->contains_kid(kid))) {
    // Good enough to go on with. Whoever finds it stale fetches, unless somebody is at it.
    const std::unique_lock alone(fetching_, std::try_to_lock);
    if (!alone.owns_lock()) return keys;
    fetch_if_due(now, kid);
    return cache_.keys();
  }
  // The lock is taken before the cache is asked: whoever comes second waits for the first one's
  // answer instead of refusing a token that is good.
  const std::scoped_lock alone(fetching_);
  fetch_if_due(now, kid);
  keys = cache_.keys();
  if (!keys) return refuse(last_failure_);
  return keys;
}

void KeySource::fetch_if_due(Instant now, std::string_view kid) {
  if (!cache_.should_fetch(now, kid)) return;
  const auto fetched = fetch_(cache_.etag());
  if (!fetched) {
    cache_.fetch_failed(now);
    last_failure_ = fetched.error();
  } else if (const auto taken = cache_.fetched(now, *fetched); !taken) {
    last_failure_ = taken.error();
  }
}

}  // namespace cardea::jose
