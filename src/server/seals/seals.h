// Values that leave the server and come back: sealed (XChaCha20-Poly1305) or authenticated
// (HMAC-SHA-256), each purpose under random keys of its own, kept in the store wrapped by the root
// key (decision Q6). The associated data are purpose, issuer and store epoch, so nothing passes
// from one use, issuer or restored copy to another.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "crypto/aead.h"
#include "store/store.h"
#include "task/task.h"

namespace cardea {

enum class SealPurpose {
  authorization_code,
  access_token,
  interaction,          // parked requests
  csrf,                 // MAC
  refresh_token,        // MAC of rt1_ tokens
  counter,              // MAC: keys of failure counters
  configured_digest,    // MAC: Ownership::configured_digest
  server_key,           // the keys of the server at rest
  pushed_request,       // request_uri of pushed requests
  pairwise_identifier,  // MAC: pairwise subjects and session ids; lasting
  dpop_nonce,           // RFC 9449 8
  device_code,
  auth_req_id,
  user_code,      // MAC: what a person types
  second_factor,  // authenticator apps' secrets at rest
  recovery_code,  // MAC: digests of recovery codes
  enrolment,      // a secret between the page that shows it and its first code
  client_secret,  // of clients of client_secret_jwt; lasting
  ciba_ping       // what a client is told by, at rest
};
std::string_view name_of(SealPurpose);

using RootKey = Secret<struct RootKeyTag>;  // 32 raw bytes

class Seals {
 public:
  // Loads the purpose keys, making those that are missing; refuses when the root key does not open
  // them.
  static Task<Result<std::unique_ptr<Seals>, std::string>> load(store::Store& store,
                                                                RootKey root_key,
                                                                std::string issuer, Random& random,
                                                                Instant now);

  // "<key id>.<base64url(nonce|ciphertext|tag)>"; canonical. Thread-safe, as all members are.
  std::string seal(SealPurpose purpose, std::string_view plaintext, Random& random) const;
  std::optional<std::string> open(SealPurpose purpose, std::string_view sealed) const;

  // 32 raw bytes under the newest key of the purpose.
  std::string mac(SealPurpose purpose, std::string_view message) const;
  // The same under the first key of the purpose, whatever keys come later: for what must not
  // change.
  std::string lasting_mac(SealPurpose purpose, std::string_view message) const;
  std::string newest_key_id(SealPurpose purpose) const;
  // Under a named key; nothing when it is unknown.
  std::optional<std::string> mac_with(SealPurpose purpose, std::string_view key_id,
                                      std::string_view message) const;
  const std::string& epoch() const;  // 16 raw bytes

 private:
  struct Impl;

 public:
  // For load() alone: only it can make an Impl.
  explicit Seals(std::shared_ptr<const Impl> impl);

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace cardea
