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
#include <unordered_map>

#include "jose/jwk.h"
#include "server/tokens/access_token.h"

namespace cardea {

// Thread-safe. Bounded: the older half is forgotten when it is full.
class VerifiedTokens {
 public:
  using Keys = std::shared_ptr<const jose::JwkSet>;

  // The facts of the token if it was verified under the very set `keys`.
  std::optional<AccessTokenFacts> find(std::string_view token, const Keys& keys) const;
  void remember(std::string_view token, const Keys& keys, const AccessTokenFacts& facts);

 private:
  using Digests = std::unordered_map<std::string, AccessTokenFacts>;

  mutable std::mutex mutex_;
  Keys keys_;
  Digests newer_;
  Digests older_;
};

}  // namespace cardea
