// A signing key's life (decision T4):   next --rotate--> active --rotate--> retiring --time-->
// removed next: published, does not sign yet. retiring: published until the last token it signed
// has expired.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "crypto/key.h"
#include "domain/identifiers.h"

namespace cardea {

struct SigningKey {
  enum class State { next, active, retiring };

  KeyId kid;
  crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::ES256;
  State state = State::next;
  std::string sealed_private;  // PKCS#8 DER sealed under the root key, bound to kid and algorithm
  Instant created_at{};        // when it was first published
  std::optional<Instant> activated_at;
  std::optional<Instant> remove_at;  // set when retiring
};

}  // namespace cardea
