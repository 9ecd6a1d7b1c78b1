// Profiles of clients; see client_profile.h.
#include "domain/client_profile.h"

#include <algorithm>

namespace cardea {
namespace {

using crypto::SignatureAlgorithm;

constexpr Seconds code_lifetime_max = minutes(1);

bool is_sender_proof(std::optional<ClientAuthMethod> method) {
  return method == ClientAuthMethod::private_key_jwt ||
         method == ClientAuthMethod::tls_client_auth ||
         method == ClientAuthMethod::self_signed_tls_client_auth;
}

bool signs_with_rs256(const Client& client) {
  const auto algorithms = signing_algorithms_of(client);
  return std::ranges::find(algorithms, SignatureAlgorithm::RS256) != algorithms.end();
}

}  // namespace

void settle_by_profile(Client& client, Profile profile, TokenBinding binding) {
  client.profile = profile;
  client.token_endpoint_auth_method = ClientAuthMethod::private_key_jwt;
  client.dpop_bound_access_tokens = binding == TokenBinding::dpop;
  client.tls_client_certificate_bound_access_tokens = binding == TokenBinding::certificate;
  client.refresh_rotation = RefreshRotation::off;
  client.require_pushed_authorization_requests = true;
  client.response_types = {ResponseType::code};
  client.pkce = PkcePolicy::required;
  client.id_token_signed_response_alg = SignatureAlgorithm::ES256;
  client.authorization_signed_response_alg = SignatureAlgorithm::ES256;
  client.require_signed_request_object = profile == Profile::fapi2_message_signing;
}

std::vector<std::string> lacks_of_profile(const Client& client) {
  std::vector<std::string> lacks;
  if (!client.profile) return lacks;
  const auto needs = [&](bool is_so, const char* what) {
    if (!is_so) lacks.push_back(std::string("needs ") + what);
  };
  needs(is_sender_proof(client.token_endpoint_auth_method),
        "token_endpoint_auth_method = \"private_key_jwt\", \"tls_client_auth\" or "
        "\"self_signed_tls_client_auth\" (FAPI 2.0 Security Profile 5.3.2.1)");
  needs(client.dpop_bound_access_tokens || client.tls_client_certificate_bound_access_tokens,
        "dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens = true (FAPI 2.0 "
        "Security Profile 5.3.2.1)");
  needs(client.refresh_rotation == RefreshRotation::off,
        "refresh_rotation = \"off\" (FAPI 2.0 Security Profile 5.3.2.1)");
  needs(client.require_pushed_authorization_requests,
        "require_pushed_authorization_requests = true (FAPI 2.0 Security Profile 5.3.2.2)");
  needs(client.response_types == std::vector{ResponseType::code},
        "response_types = [\"code\"] (FAPI 2.0 Security Profile 5.3.2.2)");
  needs(client.pkce == PkcePolicy::required,
        "pkce = \"required\" (FAPI 2.0 Security Profile 5.3.2.2)");
  needs(!signs_with_rs256(client),
        "PS256, ES256 or EdDSA as id_token_signed_response_alg, authorization_signed_response_alg "
        "and where else the server signs (FAPI 2.0 Security Profile 5.4.1)");
  needs(client.profile != Profile::fapi2_message_signing || client.require_signed_request_object,
        "require_signed_request_object = true (FAPI 2.0 Message Signing 5.3.1)");
  return lacks;
}

Seconds code_lifetime(const Client& client, Seconds usual) {
  return client.profile ? std::min(usual, code_lifetime_max) : usual;
}

}  // namespace cardea
