// The in-memory token store; see token_store.h.
#include "client/token_store.h"

namespace cardea::client {
namespace {

class HeldMutex final : public TokenStore::Lock {
 public:
  explicit HeldMutex(std::shared_ptr<std::mutex> mutex)
      : mutex_(std::move(mutex)), held_(*mutex_) {}

 private:
  std::shared_ptr<std::mutex> mutex_;  // outlives held_, as members end in reverse order
  std::unique_lock<std::mutex> held_;
};

}  // namespace

Result<std::optional<StoredTokens>, Error> MemoryTokenStore::load(const GrantKey& key) {
  const std::scoped_lock alone(mutex_);
  const auto found = records_.find(key);
  if (found == records_.end()) return std::optional<StoredTokens>();
  return std::optional(found->second);
}

Status<Error> MemoryTokenStore::save(const GrantKey& key, const StoredTokens& tokens) {
  const std::scoped_lock alone(mutex_);
  records_.insert_or_assign(key, tokens);
  return Unit{};
}

Status<Error> MemoryTokenStore::erase(const GrantKey& key) {
  const std::scoped_lock alone(mutex_);
  records_.erase(key);
  return Unit{};
}

Result<std::unique_ptr<TokenStore::Lock>, Error> MemoryTokenStore::lock(const GrantKey& key) {
  std::shared_ptr<std::mutex> mutex;
  {
    const std::scoped_lock alone(mutex_);
    auto& kept = locks_[key];
    if (!kept) kept = std::make_shared<std::mutex>();
    mutex = kept;
  }
  return std::unique_ptr<Lock>(std::make_unique<HeldMutex>(std::move(mutex)));
}

}  // namespace cardea::client
