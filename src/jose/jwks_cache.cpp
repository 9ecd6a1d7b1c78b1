// The fetch rules of a remote key set; see jwks_cache.h.
#include "jose/jwks_cache.h"

#include <algorithm>

namespace cardea::jose {
namespace {

// Whether `moment` lies ahead, but no further than it can have been set: a clock that was set back
// must not silence the cache for the length of the step.
bool is_ahead(Instant moment, Instant now, Seconds at_most) {
  return now < moment && moment <= now + at_most;
}

}  // namespace

JwksCache::JwksCache(JwksCacheOptions options) : options_(options) {}

bool JwksCache::should_fetch(Instant now, std::string_view kid) {
  const std::scoped_lock lock(mutex_);
  const bool fresh = keys_ != nullptr && is_ahead(fresh_until_, now, options_.lifetime_max);
  const bool unknown_kid = fresh && !kid.empty() && !keys_->contains_kid(kid);
  if (fresh && !unknown_kid) return false;
  if (is_ahead(next_attempt_, now, options_.cooldown)) return false;
  if (unknown_kid && is_ahead(next_unknown_kid_, now, options_.cooldown)) return false;
  // Held for one cooldown, so that a caller that never reports back does not stop all fetches.
  next_attempt_ = now + options_.cooldown;
  if (unknown_kid) next_unknown_kid_ = now + options_.cooldown;
  return true;
}

std::string JwksCache::etag() const {
  const std::scoped_lock lock(mutex_);
  return etag_;
}

Status<std::string> JwksCache::fetched(Instant now, const FetchedJwks& answer) {
  // Parsed outside the lock: building keys takes milliseconds for a large set.
  std::shared_ptr<const JwkSet> keys;
  std::string refusal;
  if (!answer.not_modified) {
    auto parsed = JwkSet::parse(answer.body);
    if (parsed) {
      keys = std::make_shared<const JwkSet>(std::move(*parsed));
    } else {
      refusal = std::move(parsed.error());
    }
  }
  const std::scoped_lock lock(mutex_);
  if (answer.not_modified && keys_ == nullptr)
    refusal = "not modified, but nothing was fetched before";
  if (!refusal.empty()) {
    next_attempt_ = now + options_.cooldown;
    return refuse(std::move(refusal));
  }
  if (keys) {
    keys_ = std::move(keys);
    etag_ = answer.etag;
  }
  fresh_until_ = now + std::clamp(answer.max_age.value_or(options_.lifetime_default),
                                  options_.lifetime_min, options_.lifetime_max);
  next_attempt_ = now;
  return Unit{};
}

void JwksCache::fetch_failed(Instant now) {
  const std::scoped_lock lock(mutex_);
  next_attempt_ = now + options_.cooldown;
}

std::shared_ptr<const JwkSet> JwksCache::keys() const {
  const std::scoped_lock lock(mutex_);
  return keys_;
}

}  // namespace cardea::jose
