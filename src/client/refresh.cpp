// Single-flight refresh; see refresh.h.
#include "client/refresh.h"

#include <utility>

namespace cardea::client {

Refresher::Refresher(std::shared_ptr<TokenStore> store, Send send)
    : store_(std::move(store)), send_(std::move(send)) {}

Result<StoredTokens, Error> Refresher::refresh(const GrantKey& key, std::uint64_t seen_revision) {
  for (;;) {
    std::promise<Outcome> promise;
    std::shared_future<Outcome> flight;
    bool leading = false;
    {
      const std::scoped_lock alone(mutex_);
      const auto [place, made] = flights_.try_emplace(key);
      if (made) place->second = promise.get_future().share();
      leading = made;
      flight = place->second;
    }
    if (leading) {
      // The flight ends before its outcome is known to others, so that nobody who comes later is
      // served what he has seen already.
      Outcome outcome = lead(key, seen_revision);
      {
        const std::scoped_lock alone(mutex_);
        flights_.erase(key);
      }
      promise.set_value(outcome);
      return outcome;
    }
    const Outcome outcome = flight.get();
    // A flight that had begun before this caller got its tokens brings nothing new.
    if (!outcome || outcome->revision > seen_revision) return outcome;
  }
}

Result<StoredTokens, Error> Refresher::lead(const GrantKey& key, std::uint64_t seen_revision) {
  const auto lock = store_->lock(key);
  if (!lock) return refuse(lock.error());
  auto stored = store_->load(key);
  if (!stored) return refuse(stored.error());
  if (!stored->has_value()) {
    return refuse(Error{.code = "refresh.absent", .message = "no tokens are kept for this person"});
  }
  // Another process was faster.
  if ((*stored)->revision != seen_revision) return std::move(**stored);
  if (!(*stored)->refresh_token) {
    return refuse(Error{.code = "refresh.absent", .message = "the issuer gave no refresh token"});
  }
  return send_and_save(key, **stored);
}

Result<StoredTokens, Error> Refresher::send_and_save(const GrantKey& key,
                                                     const StoredTokens& before) {
  auto tokens = send_(key, before);
  if (!tokens && is_transient(tokens.error())) tokens = send_(key, before);
  if (!tokens) {
    const auto& refusal = tokens.error().refusal;
    // Only the issuer's own word ends the grant; a broken network never does.
    if (tokens.error().code == "token.refused" && refusal && refusal->error == "invalid_grant") {
      if (auto erased = store_->erase(key); !erased) return refuse(std::move(erased.error()));
    }
    return refuse(std::move(tokens.error()));
  }
  auto after = merge(before, *tokens);
  if (auto saved = store_->save(key, after); !saved) return refuse(std::move(saved.error()));
  return after;
}

StoredTokens merge(const StoredTokens& before, const Tokens& tokens) {
  StoredTokens after = before;
  after.revision = before.revision + 1;
  after.access_token = tokens.access_token;
  after.access_token_expires_at = tokens.access_token_expires_at;
  // RFC 6749 6: an answer without a refresh token leaves the old one valid.
  if (tokens.refresh_token) after.refresh_token = tokens.refresh_token;
  if (tokens.id_token_text) after.id_token = tokens.id_token_text;
  if (tokens.id_token && tokens.id_token->auth_time())
    after.auth_time = tokens.id_token->auth_time();
  after.scope = tokens.scope;
  return after;
}

}  // namespace cardea::client
