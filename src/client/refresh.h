// Refreshing without a race: security corpus 4.4, "Client library". One flight per grant inside the
// process, one lock per grant across processes, the new tokens saved before anybody uses them.
//
//   caller ──▶ flight of this grant? ── yes ─▶ wait for its outcome
//                 │ no
//                 ▼
//              lock ▶ load ── newer than what the caller saw ─▶ that
//                 │
//                 ▼
//              send ── network or 5xx ─▶ send once more with the same refresh token
//                 │                          (the issuer answers a repeated one alike for a while)
//                 ▼
//              save ▶ done;   invalid_grant ▶ erase;   any other failure ▶ nothing is lost
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "client/error.h"
#include "client/token_store.h"
#include "client/tokens.h"

namespace cardea::client {

// Thread-safe.
class Refresher {
 public:
  // One refresh request and the judging of its answer. May block.
  using Send = std::function<Result<Tokens, Error>(const GrantKey&, const StoredTokens&)>;

  Refresher(std::shared_ptr<TokenStore> store, Send send);

  // Tokens newer than `seen_revision`. Blocks.
  // Refuses: refresh.absent (no record, no refresh token), token.refused (after invalid_grant the
  // record is gone: sign in again), whatever `send` refuses, store.failed, store.unreadable.
  Result<StoredTokens, Error> refresh(const GrantKey& key, std::uint64_t seen_revision);

 private:
  using Outcome = Result<StoredTokens, Error>;
  Outcome lead(const GrantKey& key, std::uint64_t seen_revision);
  Outcome send_and_save(const GrantKey& key, const StoredTokens& before);

  const std::shared_ptr<TokenStore> store_;
  const Send send_;
  std::mutex mutex_;
  std::map<GrantKey, std::shared_future<Outcome>> flights_;  // guarded by mutex_
};

// The record that follows `before` after an answer: what the answer left out stays.
StoredTokens merge(const StoredTokens& before, const Tokens& tokens);

}  // namespace cardea::client
