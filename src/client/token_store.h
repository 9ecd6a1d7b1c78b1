// Where an app keeps a person's tokens between requests and restarts: the interface, what is kept,
// and an in-memory store. A store never decides anything; Refresher and RelyingParty do.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "client/error.h"
#include "protocol/token_response.h"

namespace cardea::client {

// Whose tokens. `slot` tells several grants of one person at one client apart, e.g. two browsers:
// the app's own name for its session, or "".
struct GrantKey {
  std::string issuer;
  std::string client_id;
  std::string subject;
  std::string slot;
  friend auto operator<=>(const GrantKey&, const GrantKey&) = default;
};

struct StoredTokens {
  // Counts the saves of this record: a caller that saw an older number finds new tokens here.
  std::uint64_t revision = 0;
  AccessToken access_token;
  std::optional<Instant> access_token_expires_at;
  std::optional<RefreshToken> refresh_token;
  std::optional<IdTokenText> id_token;  // the newest one, for logout
  std::optional<Instant> auth_time;
  std::vector<std::string> scope;
};

// Every member is thread-safe. All refuse with store.failed when the surroundings fail; load also
// with store.unreadable when what is there cannot be trusted (another key, tampering).
class TokenStore {
 public:
  // Held while one grant is refreshed; released when it ends.
  class Lock {
   public:
    virtual ~Lock() = default;
  };

  virtual ~TokenStore() = default;
  virtual Result<std::optional<StoredTokens>, Error> load(const GrantKey& key) = 0;
  // Whole or not at all: after a crash the old or the new record is there.
  virtual Status<Error> save(const GrantKey& key, const StoredTokens& tokens) = 0;
  virtual Status<Error> erase(const GrantKey& key) = 0;
  // Blocks until no other holder, in this or another process sharing the store, has this key.
  virtual Result<std::unique_ptr<Lock>, Error> lock(const GrantKey& key) = 0;
};

// For tests and for apps that may forget everything when they end. Its locks hold within the
// process.
class MemoryTokenStore final : public TokenStore {
 public:
  Result<std::optional<StoredTokens>, Error> load(const GrantKey& key) override;
  Status<Error> save(const GrantKey& key, const StoredTokens& tokens) override;
  Status<Error> erase(const GrantKey& key) override;
  Result<std::unique_ptr<Lock>, Error> lock(const GrantKey& key) override;

 private:
  std::mutex mutex_;
  std::map<GrantKey, StoredTokens> records_;
  std::map<GrantKey, std::shared_ptr<std::mutex>> locks_;
};

}  // namespace cardea::client
