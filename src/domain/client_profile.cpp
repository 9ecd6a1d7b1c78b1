// Profiles of clients; see client_profile.h.
#include "domain/client_profile.h"

#include <algorithm>

#include "protocol/signing_algorithms.h"

namespace cardea {
namespace {

using crypto::SignatureAlgorithm;

constexpr Seconds code_lifetime_max = minutes(1);

bool is_sender_proof(std::optional<ClientAuthMethod> method) {
  return method == ClientAuthMethod::private_key_jwt ||
         method == ClientAuthMethod::tls_client_auth ||
         method == ClientAuthMethod::self_signed_tls_client_auth;
}

bool is_admitted(std::optional<SignatureAlgorithm> algorithm) {
  return !algorithm || !accepted_algorithms(Profile::fapi2_security, algorithm).empty();
}

// What the client registers to sign with itself.
bool registers_admitted_algorithms(const Client& client) {
  return is_admitted(client.request_object_signing_alg) &&
         is_admitted(client.backchannel_authentication_request_signing_alg) &&
         is_admitted(jose::algorithm_named(client.token_endpoint_auth_signing_alg));
}

// What the server signs with for it.
bool is_answered_by_admitted_algorithms(const Client& client) {
  return std::ranges::all_of(signing_algorithms_of(client), is_admitted);
}

constexpr ProfileDemand security_demands[] = {
    {"token_endpoint_auth_method", fapi2_security("5.3.2.1"),
     "token_endpoint_auth_method = \"private_key_jwt\", \"tls_client_auth\" or "
     "\"self_signed_tls_client_auth\"",
     [](const Client& c) { return is_sender_proof(c.token_endpoint_auth_method); }},
    {"dpop_bound_access_tokens", fapi2_security("5.3.2.1"),
     "dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens = true",
     [](const Client& c) {
       return c.dpop_bound_access_tokens || c.tls_client_certificate_bound_access_tokens;
     }},
    {"refresh_rotation", fapi2_security("5.3.2.1"), "refresh_rotation = \"off\"",
     [](const Client& c) { return c.refresh_rotation == RefreshRotation::off; }},
    {"require_pushed_authorization_requests", fapi2_security("5.3.2.2"),
     "require_pushed_authorization_requests = true",
     [](const Client& c) { return c.require_pushed_authorization_requests; }},
    {"response_types", fapi2_security("5.3.2.2"), "response_types = [\"code\"]",
     [](const Client& c) { return c.response_types == std::vector{ResponseType::code}; }},
    {"pkce", fapi2_security("5.3.2.2"), "pkce = \"required\"",
     [](const Client& c) { return c.pkce == PkcePolicy::required; }},
    {"id_token_signed_response_alg", fapi2_security("5.4.1"),
     "PS256, ES256 or EdDSA as id_token_signed_response_alg, authorization_signed_response_alg "
     "and where else the server signs",
     is_answered_by_admitted_algorithms},
    {"request_object_signing_alg", fapi2_security("5.4.1"),
     "PS256, ES256 or EdDSA as request_object_signing_alg, token_endpoint_auth_signing_alg and "
     "backchannel_authentication_request_signing_alg",
     registers_admitted_algorithms},
    {"backchannel_authentication_request_signing_alg", fapi_ciba("5.2.2"),
     "backchannel_authentication_request_signing_alg for the ciba grant",
     [](const Client& c) {
       return !c.allows(GrantType::ciba) || c.backchannel_authentication_request_signing_alg;
     }},
};

constexpr ProfileDemand signed_request_demand{
    "require_signed_request_object", fapi2_message_signing("5.3.1"),
    "require_signed_request_object = true",
    [](const Client& c) { return c.require_signed_request_object; }};

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

std::vector<ProfileDemand> demands_of(Profile profile) {
  std::vector<ProfileDemand> demands(std::begin(security_demands), std::end(security_demands));
  if (profile == Profile::fapi2_message_signing) demands.push_back(signed_request_demand);
  return demands;
}

std::vector<std::string> lacks_of_profile(const Client& client) {
  std::vector<std::string> lacks;
  if (!client.profile) return lacks;
  for (const auto& demand : demands_of(*client.profile)) {
    if (demand.is_met(client)) continue;
    lacks.push_back("needs " + std::string(demand.needs) + " (" + demand.section.text() + ")");
  }
  return lacks;
}

Seconds code_lifetime(const Client& client, Seconds usual) {
  return client.profile ? std::min(usual, code_lifetime_max) : usual;
}

}  // namespace cardea
