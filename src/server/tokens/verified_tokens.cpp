// Remembering verified signatures; see verified_tokens.h.
#include "server/tokens/verified_tokens.h"

#include <utility>

#include "crypto/hash.h"

namespace cardea {

std::optional<AccessTokenFacts> VerifiedTokens::find(std::string_view token,
                                                     const Keys& keys) const {
  const auto digest = crypto::sha256(token);
  const std::lock_guard lock(mutex_);
  if (keys_ != keys) return std::nullopt;
  const auto* found = recent_.find(digest);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

void VerifiedTokens::remember(std::string_view token, const Keys& keys,
                              const AccessTokenFacts& facts) {
  auto digest = crypto::sha256(token);
  const std::lock_guard lock(mutex_);
  if (keys_ != keys) {
    keys_ = keys;
    recent_.clear();
  }
  recent_.keep(std::move(digest), facts);
}

}  // namespace cardea
