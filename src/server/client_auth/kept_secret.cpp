// Sealing and opening client secrets; see kept_secret.h.
#include "server/client_auth/kept_secret.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/secret.h"
#include "crypto/hash.h"
#include "server/tokens/fact_bytes.h"

namespace cardea {
namespace {

bool needs_sealed(const Client& client) {
  return client.token_endpoint_auth_method == ClientAuthMethod::client_secret_jwt;
}

}  // namespace

ClientSecretDigest keep_secret(const Client& client, std::string_view secret, const Seals& seals,
                               Random& random, Instant now) {
  ClientSecretDigest kept{
      .sha256 = crypto::sha256(secret), .expires_at = std::nullopt, .created_at = now};
  if (!needs_sealed(client)) return kept;
  // With its client inside, so that nobody gains by moving rows about.
  FactWriter facts;
  facts.text(client.client_id.value());
  facts.text(secret);
  auto plain = facts.take();
  kept.sealed = seals.seal(SealPurpose::client_secret, plain, random);
  wipe(plain);
  return kept;
}

std::optional<jose::MacSecret> open_secret(const Client& client, const ClientSecretDigest& secret,
                                           const Seals& seals) {
  auto opened = seals.open(SealPurpose::client_secret, secret.sealed);
  if (!opened) return std::nullopt;
  FactReader facts(*opened);
  const auto client_id = facts.text();
  jose::MacSecret text(facts.text());
  const bool is_whole = facts.complete();
  wipe(*opened);
  if (!is_whole || client_id != client.client_id.value()) return std::nullopt;
  return text;
}

bool lacks_sealed_secret(const Client& client) {
  return needs_sealed(client) &&
         std::ranges::any_of(client.secrets, &std::string::empty, &ClientSecretDigest::sealed);
}

void forget_sealed_secrets(Client& client) {
  if (needs_sealed(client)) return;
  for (auto& secret : client.secrets) secret.sealed.clear();
}

}  // namespace cardea
