// Making initial access tokens; see initial_token.h.
#include "server/registration/initial_token.h"

#include <utility>

#include "crypto/hash.h"
#include "domain/client_secret.h"

namespace cardea {

InitialTokenDigest initial_token_digest(std::string_view token) {
  return InitialTokenDigest(
      crypto::sha256(std::string("initial_access_token") + '\0' + std::string(token)));
}

Task<store::Answer<std::string>> mint_initial_token(store::Store& store, Random& random,
                                                    std::int64_t uses, Instant expires_at) {
  auto token = generate_client_secret(random);
  const auto stored = co_await store.perform(store::PutInitialToken{
      .digest = initial_token_digest(token), .uses = uses, .expires_at = expires_at});
  if (!stored) co_return refuse(stored.error());
  co_return token;
}

}  // namespace cardea
