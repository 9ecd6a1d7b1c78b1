// The keys of the server, opened and ready, and their rotation (decision T4): those that sign, and
// those that decrypt what was encrypted to us, which are made only where settings ask for them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "crypto/key.h"
#include "domain/server_key.h"
#include "jose/jwe.h"
#include "server/published_document.h"
#include "server/seals/seals.h"
#include "server/settings/settings.h"
#include "store/store.h"

namespace cardea {

struct ReadyKey {
  KeyId kid;
  ServerKey::State state = ServerKey::State::next;
  Instant created_at{};
  crypto::PrivateKey key;
};

// What everybody may know of a key.
struct PublishedKey {
  KeyId kid;
  KeyAlgorithm algorithm;
  ServerKey::State state = ServerKey::State::next;
  Instant created_at{};
};

// The row of a key: its private part sealed together with kid and algorithm, so rows cannot change
// places.
ServerKey seal_server_key(const Seals& seals, const crypto::PrivateKey& key, ServerKey::State state,
                          Instant now, Random& random);
ServerKey seal_server_key(const Seals& seals, const crypto::EncryptionPrivateKey& key,
                          ServerKey::State state, Instant now, Random& random);

enum class RotateWhen { published_long_enough, now };

class KeyRing {
 public:
  KeyRing(store::Store& store, const Seals& seals, const Settings& settings, Random& random);

  // Opens all keys; makes the missing active one of every settings.signing_algorithms and
  // decryption_algorithms. `next` keys are made by ensure_next(), which start-up calls afterwards
  // in the background.
  Task<Result<Unit, std::string>> load(Instant now);
  Task<Result<Unit, std::string>> ensure_next(Instant now);
  // Shows what the store holds now; for what another node changed.
  Task<Result<Unit, std::string>> show();

  // The key that signs now. Null only for an algorithm that settings do not name. Thread-safe.
  std::shared_ptr<const ReadyKey> signing_key(crypto::SignatureAlgorithm algorithm) const;
  std::vector<std::shared_ptr<const ReadyKey>> signing_keys() const;
  // Everything that opens what was encrypted to us: next, active and retiring keys, the active ones
  // first. Never null; empty where settings.decryption_algorithms never named any.
  std::shared_ptr<const std::vector<jose::DecryptionKey>> decryption_keys() const;
  std::vector<PublishedKey> published() const;
  // What settings want a key for, and so what can be rotated.
  std::vector<KeyAlgorithm> algorithms() const;
  // {"keys":[...]}, public members only. Never null once loaded.
  std::shared_ptr<const PublishedDocument> jwks() const;
  // The public set, for id_token_hint and our own JWT access tokens.
  std::shared_ptr<const jose::JwkSet> verification_keys() const;

  // Promotes the oldest next key that has been published for settings.jwks_max_age (or any, with
  // RotateWhen::now), retires the active one, makes a new next. Refuses with a sentence.
  Task<Result<Unit, std::string>> rotate(KeyAlgorithm algorithm, RotateWhen when, Instant now);
  // Removes retiring keys whose time has come. Both this and ensure_next() also show what an
  // earlier change left in the store when it failed half-way.
  Task<Result<Unit, std::string>> remove_expired(Instant now);

 private:
  struct Ring;
  Task<Result<Unit, std::string>> make_missing(Instant now);
  Task<Result<Unit, std::string>> apply(store::ChangeServerKeys change);
  std::shared_ptr<const Ring> ring() const;
  store::Store& store_;
  const Seals& seals_;
  const Settings& settings_;
  Random& random_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Ring> ring_;
  std::atomic<bool> changing_ = false;  // one change at a time
  // A change may be in the store that the ring does not show: its answer never came (decision T2).
  std::atomic<bool> is_behind_ = false;
};

}  // namespace cardea
