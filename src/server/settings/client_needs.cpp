// What clients need of the issuer; see client_needs.h.
#include "server/settings/client_needs.h"

#include <algorithm>

#include "server/deps.h"

namespace cardea {

bool needs_certificate(const Client& client) {
  const auto method = client.token_endpoint_auth_method;
  return (method && is_by_certificate(*method)) ||
         client.tls_client_certificate_bound_access_tokens;
}

std::optional<std::string> lacking_settings(const Settings& settings, const Client& client) {
  if (needs_certificate(client) && !settings.has_mutual_tls) {
    return "needs mtls.listen or mtls.certificate_header: no certificate comes in";
  }
  if (client.token_endpoint_auth_method == ClientAuthMethod::tls_client_auth &&
      !settings.has_client_authorities) {
    return "needs mtls.ca_file for tls_client_auth (RFC 8705 2.1)";
  }
  return std::nullopt;
}

std::optional<std::string> lacking_means(const Deps& deps, const Client& client) {
  for (const auto algorithm : signing_algorithms_of(client)) {
    if (deps.keys.signing_key(algorithm) != nullptr) continue;
    return "needs a key for " + std::string(jose::name_of(algorithm)) +
           "; add the algorithm to keys.algorithms and restart";
  }
  const auto& wanted = client.request_object_encryption_alg;
  const auto& there = deps.settings.decryption_algorithms;
  if (wanted && std::ranges::find(there, *wanted) == there.end()) {
    return "needs a key to decrypt with, for " + std::string(jose::name_of(*wanted));
  }
  return lacking_settings(deps.settings, client);
}

}  // namespace cardea
