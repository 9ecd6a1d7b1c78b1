// Opening, publishing and rotating signing keys; see key_ring.h. Decision T4, security corpus 6.3.
#include "server/keys/key_ring.h"

#include <algorithm>
#include <utility>

namespace cardea {
namespace {

using State = ServerKey::State;
using ReadyKeys = std::vector<std::shared_ptr<const ReadyKey>>;

constexpr unsigned rsa_bits = 2048;

// kid, algorithm and DER in one plaintext: what is opened says which row it belongs to.
std::string sealed_text(std::string_view kid, std::string_view algorithm, std::string_view der) {
  std::string text(kid);
  text.append("\n").append(algorithm).append("\n").append(der);
  return text;
}

// The PKCS#8 DER; nothing when the row was tampered with or belongs to another key.
std::optional<crypto::PrivateKeyBytes> open_row(const Seals& seals, const ServerKey& row) {
  auto opened = seals.open(SealPurpose::server_key, row.sealed_private);
  if (!opened) return std::nullopt;
  const auto expected = sealed_text(row.kid.value(), name_of(row.algorithm), "");
  std::optional<crypto::PrivateKeyBytes> der;
  if (opened->starts_with(expected)) der.emplace(opened->substr(expected.size()));
  wipe(*opened);
  return der;
}

crypto::EncryptionKeyType type_for(jose::KeyManagement management) {
  return management == jose::KeyManagement::RSA_OAEP_256 ? crypto::EncryptionKeyType::RSA
                                                         : crypto::EncryptionKeyType::P256;
}

// Everything that needs an active key, each once.
std::vector<KeyAlgorithm> algorithms_in_use(const Settings& settings) {
  std::vector<KeyAlgorithm> all(settings.signing_algorithms.begin(),
                                settings.signing_algorithms.end());
  for (const auto management : settings.decryption_algorithms) {
    const bool is_rsa = management == jose::KeyManagement::RSA_OAEP_256;
    const KeyAlgorithm key = is_rsa ? management : jose::KeyManagement::ECDH_ES;
    if (std::ranges::find(all, key) == all.end()) all.push_back(key);
  }
  return all;
}

// How long a retired key stays published: until the last token it may have signed has expired, and
// a cache of the set may be as old as it may get (oidc-24).
Seconds retirement(const Settings& settings) {
  const auto& lifetimes = settings.lifetimes;
  const auto longest = std::max(lifetimes.access_token, lifetimes.id_token);
  return {longest.count + settings.jwks_max_age.count + 60};
}

const ServerKey* find_key(const std::vector<ServerKey>& rows, const KeyAlgorithm& algorithm,
                          State state) {
  const ServerKey* oldest = nullptr;
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

// It is looked at anew before long: every few seconds, or by who asked.
constexpr std::string_view meanwhile_text = "another node changed the signing keys meanwhile";
constexpr std::string_view busy_text = "another change of the signing keys is under way";

ServerKey sealed_row(const Seals& seals, KeyId kid, KeyAlgorithm algorithm,
                     const crypto::PrivateKeyBytes& der, Random& random) {
  ServerKey row{.kid = std::move(kid), .algorithm = algorithm};
  std::string text = sealed_text(row.kid.value(), name_of(algorithm), der.reveal());
  row.sealed_private = seals.seal(SealPurpose::server_key, text, random);
  wipe(text);
  return row;
}

ServerKey begun(ServerKey row, State state, Instant now) {
  row.state = state;
  row.created_at = now;
  if (state == State::active) row.activated_at = now;
  return row;
}

ServerKey fresh_key(const Seals& seals, const KeyAlgorithm& algorithm, State state, Instant now,
                    Random& random) {
  if (const auto* signature = std::get_if<crypto::SignatureAlgorithm>(&algorithm)) {
    const auto key = crypto::PrivateKey::generate(*signature, rsa_bits);
    return seal_server_key(seals, key, state, now, random);
  }
  const auto type = type_for(std::get<jose::KeyManagement>(algorithm));
  const auto key = crypto::EncryptionPrivateKey::generate(type, rsa_bits);
  return seal_server_key(seals, key, state, now, random);
}

// The rows of the store on their way into a ring.
struct OpenedKeys {
  ReadyKeys signing;
  std::vector<jose::DecryptionKey> decryption;
  std::vector<PublishedKey> published;
  json::Array jwks;

  // False when the row does not open.
  bool add(const Seals& seals, const ServerKey& row) {
    const auto der = open_row(seals, row);
    if (!der) return false;
    const auto* signature = std::get_if<crypto::SignatureAlgorithm>(&row.algorithm);
    const bool added =
        signature != nullptr ? add_signing(row, *signature, *der) : add_decryption(row, *der);
    if (added) published.push_back({row.kid, row.algorithm, row.state, row.created_at});
    return added;
  }

 private:
  bool add_signing(const ServerKey& row, crypto::SignatureAlgorithm algorithm,
                   const crypto::PrivateKeyBytes& der) {
    auto key = crypto::PrivateKey::from_der(algorithm, der);
    if (!key) return false;
    jwks.emplace_back(jose::write_jwk(*key, row.kid.value()));
    signing.push_back(std::make_shared<const ReadyKey>(
        ReadyKey{row.kid, row.state, row.created_at, *std::move(key)}));
    return true;
  }

  bool add_decryption(const ServerKey& row, const crypto::PrivateKeyBytes& der) {
    const auto type = type_for(std::get<jose::KeyManagement>(row.algorithm));
    auto key = crypto::EncryptionPrivateKey::from_der(type, der);
    if (!key) return false;
    jwks.emplace_back(jose::write_encryption_jwk(*key, row.kid.value()));
    const auto place = row.state == State::active ? decryption.begin() : decryption.end();
    decryption.insert(place, {row.kid.value(), *std::move(key)});
    return true;
  }
};

}  // namespace

struct KeyRing::Ring {
  ReadyKeys signing;
  std::shared_ptr<const std::vector<jose::DecryptionKey>> decryption;
  std::vector<PublishedKey> published;
  std::shared_ptr<const PublishedDocument> jwks;
  std::shared_ptr<const jose::JwkSet> verification;
};

ServerKey seal_server_key(const Seals& seals, const crypto::PrivateKey& key, State state,
                          Instant now, Random& random) {
  const KeyId kid(jose::thumbprint(key));
  return begun(sealed_row(seals, kid, key.algorithm(), key.to_der(), random), state, now);
}

ServerKey seal_server_key(const Seals& seals, const crypto::EncryptionPrivateKey& key, State state,
                          Instant now, Random& random) {
  const KeyId kid(jose::thumbprint(key));
  const bool is_rsa = key.type() == crypto::EncryptionKeyType::RSA;
  const auto management = is_rsa ? jose::KeyManagement::RSA_OAEP_256 : jose::KeyManagement::ECDH_ES;
  return begun(sealed_row(seals, kid, management, key.to_der(), random), state, now);
}

KeyRing::KeyRing(store::Store& store, const Seals& seals, const Settings& settings, Random& random)
    : store_(store), seals_(seals), settings_(settings), random_(random) {}

// Nodes that start at once on a new store all find keys missing; one makes them.
Task<Result<Unit, std::string>> KeyRing::load(Instant now) {
  const Change change(changing_);
  if (!change.mine()) co_return refuse(std::string(busy_text));
  auto loaded = co_await make_missing(now);
  while (!loaded && loaded.error() == meanwhile_text) loaded = co_await make_missing(now);
  co_return loaded;
}

Task<Result<Unit, std::string>> KeyRing::make_missing(Instant now) {
  const auto seen = co_await store_.versions();
  if (!seen) co_return refuse(said(seen.error()));
  const auto rows = co_await store_.server_keys();
  if (!rows) co_return refuse(said(rows.error()));
  store::ChangeServerKeys missing{.put = {}, .remove = {}, .if_version = seen->keys};
  for (const auto& algorithm : algorithms_in_use(settings_)) {
    if (find_key(*rows, algorithm, State::active) != nullptr) continue;
    missing.put.push_back(fresh_key(seals_, algorithm, State::active, now, random_));
  }
  co_return co_await apply(std::move(missing));
}

Task<Result<Unit, std::string>> KeyRing::ensure_next(Instant now) {
  const Change change(changing_);
  if (!change.mine()) co_return refuse(std::string(busy_text));
  const auto seen = co_await store_.versions();
  if (!seen) co_return refuse(said(seen.error()));
  const auto rows = co_await store_.server_keys();
  if (!rows) co_return refuse(said(rows.error()));
  store::ChangeServerKeys missing{.put = {}, .remove = {}, .if_version = seen->keys};
  for (const auto& algorithm : algorithms_in_use(settings_)) {
    if (find_key(*rows, algorithm, State::next) != nullptr) continue;
    missing.put.push_back(fresh_key(seals_, algorithm, State::next, now, random_));
  }
  if (missing.put.empty() && !is_behind_) co_return Unit{};
  co_return co_await apply(std::move(missing));
}

Task<Result<Unit, std::string>> KeyRing::rotate(KeyAlgorithm algorithm, RotateWhen when,
                                                Instant now) {
  const Change change(changing_);
  if (!change.mine()) co_return refuse(std::string(busy_text));
  const auto seen = co_await store_.versions();
  if (!seen) co_return refuse(said(seen.error()));
  const auto rows = co_await store_.server_keys();
  if (!rows) co_return refuse(said(rows.error()));
  const auto* next = find_key(*rows, algorithm, State::next);
  if (next == nullptr) {
    co_return refuse("there is no next key for " + std::string(name_of(algorithm)));
  }
  // T4: published at least as long as a cached set may live before it signs.
  const auto ready_at = next->created_at + settings_.jwks_max_age;
  if (when == RotateWhen::published_long_enough && now < ready_at) {
    const auto left = (ready_at.unix_ms - now.unix_ms + 999) / 1000;
    co_return refuse("the next key " + next->kid.value() + " must be published for " +
                     std::to_string(left) + " more seconds before it may sign");
  }
  store::ChangeServerKeys turn{.put = {}, .remove = {}, .if_version = seen->keys};
  for (auto row : *rows) {
    if (row.algorithm != algorithm || row.state != State::active) continue;
    row.state = State::retiring;
    row.remove_at = now + retirement(settings_);
    turn.put.push_back(std::move(row));
  }
  turn.put.push_back(*next);
  turn.put.back().state = State::active;
  turn.put.back().activated_at = now;
  turn.put.push_back(fresh_key(seals_, algorithm, State::next, now, random_));
  co_return co_await apply(std::move(turn));
}

Task<Result<Unit, std::string>> KeyRing::remove_expired(Instant now) {
  const Change change(changing_);
  if (!change.mine()) co_return refuse(std::string(busy_text));
  const auto seen = co_await store_.versions();
  if (!seen) co_return refuse(said(seen.error()));
  const auto rows = co_await store_.server_keys();
  if (!rows) co_return refuse(said(rows.error()));
  store::ChangeServerKeys removal{.put = {}, .remove = {}, .if_version = seen->keys};
  for (const auto& row : *rows) {
    if (row.state == State::retiring && row.remove_at && *row.remove_at <= now) {
      removal.remove.push_back(row.kid);
    }
  }
  if (removal.remove.empty() && !is_behind_) co_return Unit{};
  co_return co_await apply(std::move(removal));
}

// Writes what changed, then shows what the store holds: a key is never used before it is durable.
Task<Result<Unit, std::string>> KeyRing::apply(store::ChangeServerKeys change) {
  if (!change.put.empty() || !change.remove.empty()) {
    is_behind_ = true;
    const auto changed = co_await store_.perform(std::move(change));
    if (!changed) co_return refuse(said(changed.error()));
    if (*changed == store::ChangeServerKeys::Outcome::changed_meanwhile) {
      co_return refuse(std::string(meanwhile_text));
    }
  }
  co_return co_await show();
}

Task<Result<Unit, std::string>> KeyRing::show() {
  const auto rows = co_await store_.server_keys();
  if (!rows) co_return refuse(said(rows.error()));
  OpenedKeys opened;
  for (const auto& row : *rows) {
    if (!opened.add(seals_, row)) co_return refuse("the key " + row.kid.value() + " does not open");
  }
  auto ring = std::make_shared<Ring>();
  ring->signing = std::move(opened.signing);
  ring->decryption =
      std::make_shared<const std::vector<jose::DecryptionKey>>(std::move(opened.decryption));
  ring->published = std::move(opened.published);
  const json::Object jwks{{"keys", std::move(opened.jwks)}};
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
  for (const auto& key : ring->signing) {
    if (key->state == State::active && key->key.algorithm() == algorithm) return key;
  }
  return nullptr;
}

ReadyKeys KeyRing::signing_keys() const {
  return ring()->signing;
}

std::shared_ptr<const std::vector<jose::DecryptionKey>> KeyRing::decryption_keys() const {
  return ring()->decryption;
}

std::vector<KeyAlgorithm> KeyRing::algorithms() const {
  return algorithms_in_use(settings_);
}

std::vector<PublishedKey> KeyRing::published() const {
  return ring()->published;
}

std::shared_ptr<const PublishedDocument> KeyRing::jwks() const {
  return ring()->jwks;
}

std::shared_ptr<const jose::JwkSet> KeyRing::verification_keys() const {
  return ring()->verification;
}

}  // namespace cardea
