// Opening, publishing and rotating signing keys; see key_ring.h. Decision T4, security corpus 6.3.
#include "server/keys/key_ring.h"

#include <algorithm>
#include <utility>

namespace cardea {
namespace {

using State = SigningKey::State;
using ReadyKeys = std::vector<std::shared_ptr<const ReadyKey>>;

constexpr unsigned rsa_bits = 2048;

// kid, algorithm and DER in one plaintext: what is opened says which row it belongs to.
std::string sealed_text(std::string_view kid, std::string_view algorithm, std::string_view der) {
  std::string text(kid);
  text.append("\n").append(algorithm).append("\n").append(der);
  return text;
}

// Nothing when the row was tampered with or belongs to another key.
std::optional<ReadyKey> open_key(const Seals& seals, const SigningKey& row) {
  auto opened = seals.open(SealPurpose::signing_key, row.sealed_private);
  if (!opened) return std::nullopt;
  const auto expected = sealed_text(row.kid.value(), jose::name_of(row.algorithm), "");
  if (!opened->starts_with(expected)) return std::nullopt;
  const crypto::PrivateKeyBytes der(opened->substr(expected.size()));
  wipe(*opened);
  auto key = crypto::PrivateKey::from_der(row.algorithm, der);
  if (!key) return std::nullopt;
  return ReadyKey{row.kid, row.state, row.created_at, *std::move(key)};
}

// How long a retired key stays published: until the last token it may have signed has expired, and
// a cache of the set may be as old as it may get (oidc-24).
Seconds retirement(const Settings& settings) {
  const auto& lifetimes = settings.lifetimes;
  const auto longest = std::max(lifetimes.access_token, lifetimes.id_token);
  return {longest.count + settings.jwks_max_age.count + 60};
}

const SigningKey* find_key(const std::vector<SigningKey>& rows,
                           crypto::SignatureAlgorithm algorithm, State state) {
  const SigningKey* oldest = nullptr;
  for (const auto& row : rows) {
    if (row.algorithm != algorithm || row.state != state) continue;
    if (oldest == nullptr || row.created_at < oldest->created_at) oldest = &row;
  }
  return oldest;
}

std::string said(const store::Failure& failure) {
  return "the store failed: " + failure.reason;
}

// Holds the ring's one change; releases it when the coroutine ends.
class Change {
 public:
  explicit Change(std::atomic<bool>& flag) : flag_(flag), mine_(!flag.exchange(true)) {}
  ~Change() {
    if (mine_) flag_ = false;
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;
  bool mine() const { return mine_; }

 private:
  std::atomic<bool>& flag_;
  bool mine_;
};

constexpr std::string_view busy_text = "another change of the signing keys is under way";

}  // namespace

struct KeyRing::Ring {
  ReadyKeys keys;
  std::shared_ptr<const PublishedDocument> jwks;
  std::shared_ptr<const jose::JwkSet> verification;
};

SigningKey seal_signing_key(const Seals& seals, const crypto::PrivateKey& key, State state,
                            Instant now, Random& random) {
  SigningKey row;
  row.kid = KeyId(jose::thumbprint(key));
  row.algorithm = key.algorithm();
  row.state = state;
  const auto der = key.to_der();
  std::string text = sealed_text(row.kid.value(), jose::name_of(row.algorithm), der.reveal());
  row.sealed_private = seals.seal(SealPurpose::signing_key, text, random);
  wipe(text);
  row.created_at = now;
  if (state == State::active) row.activated_at = now;
  return row;
}

KeyRing::KeyRing(store::Store& store, const Seals& seals, const Settings& settings, Random& random)
    : store_(store), seals_(seals), settings_(settings), random_(random) {}

Task<Result<Unit, std::string>> KeyRing::load(Instant now) {
  const Change change(changing_);
  if (!change.mine()) co_return refuse(std::string(busy_text));
  const auto rows = co_await store_.signing_keys();
  if (!rows) co_return refuse(said(rows.error()));
  store::ChangeSigningKeys missing;
  for (const auto algorithm : settings_.signing_algorithms) {
    if (find_key(*rows, algorithm, State::active) != nullptr) continue;
    const auto key = crypto::PrivateKey::generate(algorithm, rsa_bits);
    missing.put.push_back(seal_signing_key(seals_, key, State::active, now, random_));
  }
  co_return co_await apply(std::move(missing));
}

Task<Result<Unit, std::string>> KeyRing::ensure_next(Instant now) {
  const Change change(changing_);
  if (!change.mine()) co_return refuse(std::string(busy_text));
  const auto rows = co_await store_.signing_keys();
  if (!rows) co_return refuse(said(rows.error()));
  store::ChangeSigningKeys missing;
  for (const auto algorithm : settings_.signing_algorithms) {
    if (find_key(*rows, algorithm, State::next) != nullptr) continue;
    const auto key = crypto::PrivateKey::generate(algorithm, rsa_bits);
    missing.put.push_back(seal_signing_key(seals_, key, State::next, now, random_));
  }
  if (missing.put.empty() && !is_behind_) co_return Unit{};
  co_return co_await apply(std::move(missing));
}

Task<Result<Unit, std::string>> KeyRing::rotate(crypto::SignatureAlgorithm algorithm,
                                                RotateWhen when, Instant now) {
  const Change change(changing_);
  if (!change.mine()) co_return refuse(std::string(busy_text));
  const auto rows = co_await store_.signing_keys();
  if (!rows) co_return refuse(said(rows.error()));
  const auto* next = find_key(*rows, algorithm, State::next);
  if (next == nullptr) {
    co_return refuse("there is no next key for " + std::string(jose::name_of(algorithm)));
  }
  // T4: published at least as long as a cached set may live before it signs.
  const auto ready_at = next->created_at + settings_.jwks_max_age;
  if (when == RotateWhen::published_long_enough && now < ready_at) {
    const auto left = (ready_at.unix_ms - now.unix_ms + 999) / 1000;
    co_return refuse("the next key " + next->kid.value() + " must be published for " +
                     std::to_string(left) + " more seconds before it may sign");
  }
  store::ChangeSigningKeys turn;
  for (auto row : *rows) {
    if (row.algorithm != algorithm || row.state != State::active) continue;
    row.state = State::retiring;
    row.remove_at = now + retirement(settings_);
    turn.put.push_back(std::move(row));
  }
  turn.put.push_back(*next);
  turn.put.back().state = State::active;
  turn.put.back().activated_at = now;
  const auto fresh = crypto::PrivateKey::generate(algorithm, rsa_bits);
  turn.put.push_back(seal_signing_key(seals_, fresh, State::next, now, random_));
  co_return co_await apply(std::move(turn));
}

Task<Result<Unit, std::string>> KeyRing::remove_expired(Instant now) {
  const Change change(changing_);
  if (!change.mine()) co_return refuse(std::string(busy_text));
  const auto rows = co_await store_.signing_keys();
  if (!rows) co_return refuse(said(rows.error()));
  store::ChangeSigningKeys removal;
  for (const auto& row : *rows) {
    if (row.state == State::retiring && row.remove_at && *row.remove_at <= now) {
      removal.remove.push_back(row.kid);
    }
  }
  if (removal.remove.empty() && !is_behind_) co_return Unit{};
  co_return co_await apply(std::move(removal));
}

// Writes what changed, then shows what the store holds: a key is never used before it is durable.
Task<Result<Unit, std::string>> KeyRing::apply(store::ChangeSigningKeys change) {
  if (!change.put.empty() || !change.remove.empty()) {
    is_behind_ = true;
    const auto changed = co_await store_.perform(std::move(change));
    if (!changed) co_return refuse(said(changed.error()));
  }
  const auto rows = co_await store_.signing_keys();
  if (!rows) co_return refuse(said(rows.error()));
  auto ring = std::make_shared<Ring>();
  json::Array published;
  for (const auto& row : *rows) {
    auto key = open_key(seals_, row);
    if (!key) co_return refuse("signing key " + row.kid.value() + " does not open");
    published.emplace_back(jose::write_jwk(key->key, key->kid.value()));
    ring->keys.push_back(std::make_shared<const ReadyKey>(*std::move(key)));
  }
  const json::Object jwks{{"keys", std::move(published)}};
  ring->jwks = std::make_shared<const PublishedDocument>(publish(jwks));
  auto verification = jose::JwkSet::parse(jwks);
  if (!verification) co_return refuse("our own key set is not valid: " + verification.error());
  ring->verification = std::make_shared<const jose::JwkSet>(*std::move(verification));
  const std::lock_guard lock(mutex_);
  ring_ = std::move(ring);
  is_behind_ = false;
  co_return Unit{};
}

std::shared_ptr<const KeyRing::Ring> KeyRing::ring() const {
  const std::lock_guard lock(mutex_);
  ensure(ring_ != nullptr);  // load() comes first
  return ring_;
}

std::shared_ptr<const ReadyKey> KeyRing::signing_key(crypto::SignatureAlgorithm algorithm) const {
  const auto ring = this->ring();
  for (const auto& key : ring->keys) {
    if (key->state == State::active && key->key.algorithm() == algorithm) return key;
  }
  return nullptr;
}

ReadyKeys KeyRing::published() const {
  return ring()->keys;
}

std::shared_ptr<const PublishedDocument> KeyRing::jwks() const {
  return ring()->jwks;
}

std::shared_ptr<const jose::JwkSet> KeyRing::verification_keys() const {
  return ring()->verification;
}

}  // namespace cardea
