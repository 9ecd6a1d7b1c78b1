// A key of the server and its life (decision T4):   next --rotate--> active --rotate--> retiring
// --time--> removed. A key signs or decrypts, never both. next: published, is not used to sign yet.
// retiring: published until the last token it signed has expired, or nobody encrypts to it any
// more.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.h"
#include "crypto/key.h"
#include "domain/identifiers.h"
#include "jose/encryption_jwk.h"

namespace cardea {

// What a key is for. Of the two key agreements ECDH_ES stands for the key that does both.
using KeyAlgorithm = std::variant<crypto::SignatureAlgorithm, jose::KeyManagement>;
std::string_view name_of(const KeyAlgorithm& algorithm);
std::optional<KeyAlgorithm> key_algorithm_named(std::string_view name);

struct ServerKey {
  enum class State { next, active, retiring };

  KeyId kid;
  KeyAlgorithm algorithm = crypto::SignatureAlgorithm::ES256;
  State state = State::next;
  std::string sealed_private;  // PKCS#8 DER sealed under the root key, bound to kid and algorithm
  Instant created_at{};        // when it was first published
  std::optional<Instant> activated_at;
  std::optional<Instant> remove_at;  // set when retiring
};

}  // namespace cardea
