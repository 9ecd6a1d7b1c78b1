// S256 only; see pkce.h.
#include "protocol/pkce.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/base64url.h"
#include "crypto/hash.h"

namespace cardea::pkce {

Verifier make_verifier(Random& random) {
  return Verifier(base64url_encode(random.bytes(32)));
}

std::string challenge_of(const Verifier& verifier) {
  return base64url_encode(crypto::sha256(verifier.reveal()));
}

bool is_verifier(std::string_view text) {
  return text.size() >= 43 && text.size() <= 128 && std::ranges::all_of(text, ascii::is_unreserved);
}

bool is_challenge(std::string_view text) {
  std::array<char, 32> digest{};
  return base64url_decode_to(digest, text);
}

bool holds(const Proof& proof) {
  if (!is_challenge(proof.challenge) || !is_verifier(proof.verifier)) return false;
  // RFC 7636 4.6
  return crypto::constant_time_equal(base64url_encode(crypto::sha256(proof.verifier)),
                                     proof.challenge);
}

}  // namespace cardea::pkce
