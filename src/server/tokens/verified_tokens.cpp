// Remembering verified signatures; see verified_tokens.h.
#include "server/tokens/verified_tokens.h"

#include <utility>

#include "base/limits.h"
#include "crypto/hash.h"

namespace cardea {

std::optional<AccessTokenFacts> VerifiedTokens::find(std::string_view token,
                                                     const Keys& keys) const {
  const auto digest = crypto::sha256(token);
  const std::lock_guard lock(mutex_);
  if (keys_ != keys) return std::nullopt;
  for (const auto* half : {&newer_, &older_}) {
    if (const auto found = half->find(digest); found != half->end()) return found->second;
  }
  return std::nullopt;
}

void VerifiedTokens::remember(std::string_view token, const Keys& keys,
                              const AccessTokenFacts& facts) {
  auto digest = crypto::sha256(token);
  const std::lock_guard lock(mutex_);
  if (keys_ != keys) {
    keys_ = keys;
    newer_.clear();
    older_.clear();
  }
  if (newer_.size() >= limits::verified_tokens_max / 2) older_ = std::exchange(newer_, {});
  newer_.insert_or_assign(std::move(digest), facts);
}

}  // namespace cardea
