// Purpose keys and what they protect; see seals.h. Decision Q6, security corpus 6.2.
#include "server/seals/seals.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/base64url.h"
#include "crypto/hash.h"

namespace cardea {
namespace {

constexpr std::array purposes{
    SealPurpose::authorization_code, SealPurpose::access_token,
    SealPurpose::interaction,        SealPurpose::csrf,
    SealPurpose::refresh_token,      SealPurpose::counter,
    SealPurpose::configured_digest,  SealPurpose::server_key,
    SealPurpose::pushed_request,     SealPurpose::pairwise_identifier,
    SealPurpose::dpop_nonce,         SealPurpose::device_code,
    SealPurpose::auth_req_id,        SealPurpose::user_code,
    SealPurpose::second_factor,      SealPurpose::recovery_code,
    SealPurpose::enrolment,          SealPurpose::client_secret,
    SealPurpose::ciba_ping,
};

constexpr std::string_view root_check_text = "cardea root key check 1";

// Joins parts so that no two lists give the same bytes.
std::string framed(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) {
    out += std::to_string(part.size());
    out += ':';
    out += part;
  }
  return out;
}

crypto::AeadKey wrapping_key(const RootKey& root_key) {
  return crypto::AeadKey(
      crypto::hkdf_sha256(root_key.reveal(), "", "cardea purpose key wrap 1", 32));
}

// What a restore voids. Signing keys, MACs and refresh tokens survive it: they are judged against
// rows (decision Q7, Q8).
bool is_bound_to_epoch(SealPurpose purpose) {
  return purpose == SealPurpose::authorization_code || purpose == SealPurpose::access_token ||
         purpose == SealPurpose::interaction || purpose == SealPurpose::pushed_request ||
         purpose == SealPurpose::device_code || purpose == SealPurpose::auth_req_id ||
         purpose == SealPurpose::enrolment || purpose == SealPurpose::ciba_ping;
}

struct PurposeKey {
  std::string key_id;
  crypto::AeadKey key;
  Instant created_at{};
  std::string associated;  // what every seal under the key is bound to
};

// 4 characters of base64url, not used before.
std::string fresh_key_id(const std::vector<store::WrappedKey>& taken, Random& random) {
  while (true) {
    auto id = base64url_encode(random.bytes(3));
    if (std::ranges::find(taken, id, &store::WrappedKey::key_id) == taken.end()) return id;
  }
}

std::string wrap_associated(const store::WrappedKey& key) {
  return framed({"wrapped", key.purpose, key.key_id});
}

store::WrappedKey make_wrapped(SealPurpose purpose, const crypto::AeadKey& wrap,
                               const std::vector<store::WrappedKey>& taken, Random& random,
                               Instant now) {
  store::WrappedKey key{.purpose = std::string(name_of(purpose)),
                        .key_id = fresh_key_id(taken, random),
                        .sealed = {},
                        .created_at = now};
  std::string secret = random.bytes(crypto::aead_key_bytes);
  key.sealed = crypto::seal(wrap, wrap_associated(key), secret, random);
  wipe(secret);
  return key;
}

std::string said(const store::Failure& failure) {
  return "the store failed: " + failure.reason;
}

// Marks a new store with the root key, or compares the mark (decision T4).
Task<Result<Unit, std::string>> check_root_key(store::Store& store, const store::Meta& meta,
                                               const crypto::AeadKey& wrap, Random& random) {
  if (!meta.root_key_check.empty()) {
    const auto opened = crypto::open(wrap, framed({"root key check"}), meta.root_key_check);
    if (opened == root_check_text) co_return Unit{};
    co_return refuse(std::string("this root key is not the one the store was made with"));
  }
  store::PutMeta put{
      .root_key_check = crypto::seal(wrap, framed({"root key check"}), root_check_text, random),
      .made_by = std::nullopt};
  const auto stored = co_await store.perform(std::move(put));
  if (!stored) co_return refuse(said(stored.error()));
  if (*stored == store::PutMeta::Outcome::stored) co_return Unit{};
  // Another node marked it in between.
  const auto marked = co_await store.meta();
  if (!marked) co_return refuse(said(marked.error()));
  co_return co_await check_root_key(store, *marked, wrap, random);
}

// The epoch of the store, made when it has none yet.
Task<Result<std::string, std::string>> epoch_of(store::Store& store, const store::Meta& meta,
                                                Random& random) {
  if (!meta.epoch.empty()) co_return meta.epoch;
  std::string epoch = random.bytes(16);
  const auto renewed = co_await store.perform(store::RenewEpoch{epoch});
  if (!renewed) co_return refuse(said(renewed.error()));
  co_return epoch;
}

// Every wrapped key of the store, with one made for each purpose that has none.
Task<Result<std::vector<store::WrappedKey>, std::string>> complete_keys(store::Store& store,
                                                                        const crypto::AeadKey& wrap,
                                                                        Random& random,
                                                                        Instant now) {
  auto keys = co_await store.wrapped_keys();
  if (!keys) co_return refuse(said(keys.error()));
  for (const auto purpose : purposes) {
    if (std::ranges::find(*keys, name_of(purpose), &store::WrappedKey::purpose) != keys->end()) {
      continue;
    }
    auto made = make_wrapped(purpose, wrap, *keys, random, now);
    const auto stored = co_await store.perform(store::PutWrappedKey{.purpose = made.purpose,
                                                                    .key_id = made.key_id,
                                                                    .sealed = made.sealed,
                                                                    .created_at = made.created_at,
                                                                    .only_first = true});
    if (!stored) co_return refuse(said(stored.error()));
    keys->push_back(std::move(made));
  }
  // Of nodes that start at once one makes each key, and all use that.
  auto there = co_await store.wrapped_keys();
  if (!there) co_return refuse(said(there.error()));
  co_return *std::move(there);
}

}  // namespace

std::string_view name_of(SealPurpose purpose) {
  switch (purpose) {
    case SealPurpose::authorization_code:
      return "code";
    case SealPurpose::access_token:
      return "access_token";
    case SealPurpose::interaction:
      return "interaction";
    case SealPurpose::csrf:
      return "csrf";
    case SealPurpose::refresh_token:
      return "refresh_mac";
    case SealPurpose::counter:
      return "counter";
    case SealPurpose::configured_digest:
      return "configured_digest";
    case SealPurpose::server_key:
      return "signing_key";
    case SealPurpose::pushed_request:
      return "pushed_request";
    case SealPurpose::pairwise_identifier:
      return "pairwise_identifier";
    case SealPurpose::dpop_nonce:
      return "dpop_nonce";
    case SealPurpose::device_code:
      return "device_code";
    case SealPurpose::auth_req_id:
      return "auth_req_id";
    case SealPurpose::user_code:
      return "user_code";
    case SealPurpose::second_factor:
      return "second_factor";
    case SealPurpose::recovery_code:
      return "recovery_code";
    case SealPurpose::enrolment:
      return "enrolment";
    case SealPurpose::client_secret:
      return "client_secret";
    case SealPurpose::ciba_ping:
      return "ciba_ping";
  }
  return "";
}

struct Seals::Impl {
  std::string issuer;
  std::string epoch;
  // Newest first.
  std::map<SealPurpose, std::vector<PurposeKey>> keys;

  const PurposeKey& newest(SealPurpose purpose) const { return keys.at(purpose).front(); }
  const PurposeKey* find(SealPurpose purpose, std::string_view key_id) const {
    for (const auto& key : keys.at(purpose)) {
      if (key.key_id == key_id) return &key;
    }
    return nullptr;
  }
  std::string associated(SealPurpose purpose, std::string_view key_id) const {
    // Signing keys, and the secrets of people and clients, outlive a change of the issuer's name.
    if (purpose == SealPurpose::server_key || purpose == SealPurpose::second_factor ||
        purpose == SealPurpose::client_secret) {
      return framed({name_of(purpose), key_id});
    }
    if (!is_bound_to_epoch(purpose)) return framed({name_of(purpose), key_id, issuer});
    return framed({name_of(purpose), key_id, issuer, epoch});
  }
};

Seals::Seals(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Task<Result<std::unique_ptr<Seals>, std::string>> Seals::load(store::Store& store, RootKey root_key,
                                                              std::string issuer, Random& random,
                                                              Instant now) {
  if (root_key.reveal().size() != 32) {
    co_return refuse(std::string("the root key must be 32 bytes"));
  }
  const auto meta = co_await store.meta();
  if (!meta) co_return refuse(said(meta.error()));
  const auto wrap = wrapping_key(root_key);
  const auto checked = co_await check_root_key(store, *meta, wrap, random);
  if (!checked) co_return refuse(checked.error());
  auto epoch = co_await epoch_of(store, *meta, random);
  if (!epoch) co_return refuse(epoch.error());
  auto wrapped = co_await complete_keys(store, wrap, random, now);
  if (!wrapped) co_return refuse(wrapped.error());

  auto impl = std::make_shared<Impl>();
  impl->issuer = std::move(issuer);
  impl->epoch = std::move(*epoch);
  for (const auto purpose : purposes) {
    auto& ring = impl->keys[purpose];
    for (const auto& key : *wrapped) {
      if (key.purpose != name_of(purpose)) continue;
      auto opened = crypto::open(wrap, wrap_associated(key), key.sealed);
      if (!opened) co_return refuse("the root key does not open key " + key.key_id);
      ring.push_back({key.key_id, crypto::AeadKey(*std::move(opened)), key.created_at,
                      impl->associated(purpose, key.key_id)});
    }
    std::ranges::sort(ring, std::greater{}, [](const PurposeKey& key) {
      return std::pair(key.created_at, std::string_view(key.key_id));
    });
  }
  co_return std::make_unique<Seals>(std::move(impl));
}

std::string Seals::seal(SealPurpose purpose, std::string_view plaintext, Random& random) const {
  const auto& key = impl_->newest(purpose);
  std::string text = key.key_id + ".";
  append_base64url(text, crypto::seal(key.key, key.associated, plaintext, random));
  return text;
}

std::optional<std::string> Seals::open(SealPurpose purpose, std::string_view sealed) const {
  const auto dot = sealed.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto* key = impl_->find(purpose, sealed.substr(0, dot));
  if (key == nullptr) return std::nullopt;
  const auto bytes = base64url_decode(sealed.substr(dot + 1));
  if (!bytes) return std::nullopt;
  return crypto::open(key->key, key->associated, *bytes);
}

std::string Seals::mac(SealPurpose purpose, std::string_view message) const {
  return crypto::hmac_sha256(impl_->newest(purpose).key.reveal(), message);
}

std::string Seals::lasting_mac(SealPurpose purpose, std::string_view message) const {
  return crypto::hmac_sha256(impl_->keys.at(purpose).back().key.reveal(), message);
}

std::string Seals::newest_key_id(SealPurpose purpose) const {
  return impl_->newest(purpose).key_id;
}

std::optional<std::string> Seals::mac_with(SealPurpose purpose, std::string_view key_id,
                                           std::string_view message) const {
  const auto* key = impl_->find(purpose, key_id);
  if (key == nullptr) return std::nullopt;
  return crypto::hmac_sha256(key->key.reveal(), message);
}

const std::string& Seals::epoch() const {
  return impl_->epoch;
}

}  // namespace cardea
