// Access tokens whose signature was found good before: APIs ask about the same token again and
// again, and verifying one signature costs as much as all the rest of an introspection. What is
// remembered is only that these bytes carried these facts under this set of keys; expiry,
// revocation and everything else are judged at each use.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/recent.h"
#include "jose/jwk.h"
#include "server/tokens/access_token.h"

namespace cardea {

// Thread-safe. Bounded.
class VerifiedTokens {
 public:
  using Keys = std::shared_ptr<const jose::JwkSet>;

  // The facts of the token if it was verified under the very set `keys`.
  std::optional<AccessTokenFacts> find(std::string_view token, const Keys& keys) const;
  void remember(std::string_view token, const Keys& keys, const AccessTokenFacts& facts);

 private:
  mutable std::mutex mutex_;
  Keys keys_;
  Recent<AccessTokenFacts> recent_{limits::verified_tokens_max};  // by digest
};

}  // namespace cardea
