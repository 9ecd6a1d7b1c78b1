// The issuer's metadata; see metadata.h.
#include "server/settings/metadata.h"

#include <algorithm>
#include <set>

#include "jose/jwk.h"
#include "jose/jws.h"
#include "protocol/dpop.h"
#include "protocol/provider_metadata.h"
#include "protocol/signing_algorithms.h"

namespace cardea {
namespace {

template <class Algorithms>
std::vector<std::string> names_of(const Algorithms& algorithms) {
  std::vector<std::string> names;
  for (const auto algorithm : algorithms) names.emplace_back(jose::name_of(algorithm));
  return names;
}

// Of client assertions, which may be authenticated by a MAC as well (RFC 7523 3).
std::vector<std::string> assertion_algorithms() {
  auto names = names_of(accepted_algorithms(std::nullopt));
  names.emplace_back(jose::mac_algorithm);
  return names;
}

std::vector<std::string> scopes_supported(const Settings& settings) {
  std::vector<std::string> scopes{"openid"};
  for (const auto& [scope, description] : settings.scopes) {
    if (scope != "openid") scopes.push_back(scope);
  }
  for (const auto& resource : settings.resources) {
    for (const auto& scope : resource.scopes) {
      if (std::ranges::find(scopes, scope) == scopes.end()) scopes.push_back(scope);
    }
  }
  return scopes;
}

std::vector<std::string> details_types_supported(const Settings& settings) {
  std::vector<std::string> types;
  for (const auto& each : settings.authorization_details_types) types.push_back(each.type);
  return types;
}

std::vector<std::string> claims_supported(const Settings& settings) {
  std::set<std::string> claims{"sub",       "iss", "aud", "exp", "iat",     "nonce",
                               "auth_time", "acr", "amr", "sid", "at_hash", "c_hash"};
  for (const auto& [scope, description] : settings.scopes) {
    claims.insert(description.claims.begin(), description.claims.end());
  }
  return {claims.begin(), claims.end()};
}

// How answers and request objects may be signed and encrypted: OIDC Discovery 3, RFC 9701 7, JARM
// 4.
void add_algorithms(ProviderMetadata& metadata, const Settings& settings) {
  const auto& signing = metadata.id_token_signing_alg_values_supported;
  const auto management = names_of(jose::every_key_management);
  const auto encryption = names_of(jose::every_content_encryption);
  for (const std::string answer : {"id_token", "userinfo", "introspection", "authorization"}) {
    if (answer != "id_token") {
      metadata.others.set(answer + "_signing_alg_values_supported", signing);
    }
    metadata.others.set(answer + "_encryption_alg_values_supported", management);
    metadata.others.set(answer + "_encryption_enc_values_supported", encryption);
  }
  // What there are keys for, because a client registered it.
  if (settings.decryption_algorithms.empty()) return;
  metadata.others.set("request_object_encryption_alg_values_supported",
                      names_of(settings.decryption_algorithms));
  metadata.others.set("request_object_encryption_enc_values_supported", encryption);
}

std::vector<std::string> grant_types_supported(const Settings& settings) {
  std::vector<std::string> names;
  for (const auto grant_type :
       {GrantType::authorization_code, GrantType::refresh_token, GrantType::client_credentials,
        GrantType::device_code, GrantType::jwt_bearer, GrantType::token_exchange,
        GrantType::ciba}) {
    // Nobody's assertion is taken where nobody is trusted.
    if (grant_type == GrantType::jwt_bearer && settings.trusted_issuers.empty()) continue;
    names.emplace_back(name_of(grant_type));
  }
  return names;
}

// Of confidential clients.
std::vector<std::string> auth_methods(const Settings& settings) {
  std::vector<std::string> methods{"client_secret_basic", "client_secret_post", "client_secret_jwt",
                                   "private_key_jwt"};
  if (settings.has_mutual_tls) {
    if (settings.has_client_authorities) methods.emplace_back("tls_client_auth");
    methods.emplace_back("self_signed_tls_client_auth");
  }
  return methods;
}

// RFC 8705 3.3 and 5: where a client brings its certificate, and what for. Only endpoints that
// clients themselves send requests to have an alias.
void add_mutual_tls(ProviderMetadata& metadata, const Settings& settings) {
  if (!settings.has_mutual_tls) return;
  metadata.others.set("tls_client_certificate_bound_access_tokens", true);
  if (settings.mtls_origin.empty()) return;
  const auto alias = [&](std::string_view path) { return settings.mtls_endpoint(path); };
  metadata.others.set(
      "mtls_endpoint_aliases",
      json::Object{{"token_endpoint", alias("/token")},
                   {"userinfo_endpoint", alias("/userinfo")},
                   {"introspection_endpoint", alias("/introspect")},
                   {"revocation_endpoint", alias("/revoke")},
                   {"pushed_authorization_request_endpoint", alias("/par")},
                   {"device_authorization_endpoint", alias("/device_authorization")},
                   {"backchannel_authentication_endpoint", alias("/bc-authorize")}});
}

ProviderMetadata provider_metadata(const Settings& settings) {
  ProviderMetadata metadata;
  metadata.issuer = settings.issuer;
  metadata.authorization_endpoint = settings.endpoint("/authorize");
  metadata.token_endpoint = settings.endpoint("/token");
  metadata.userinfo_endpoint = settings.endpoint("/userinfo");
  metadata.jwks_uri = settings.endpoint("/jwks");
  metadata.introspection_endpoint = settings.endpoint("/introspect");
  metadata.revocation_endpoint = settings.endpoint("/revoke");
  metadata.end_session_endpoint = settings.endpoint("/logout");
  metadata.pushed_authorization_request_endpoint = settings.endpoint("/par");
  if (settings.registration.mode != RegistrationSettings::Mode::off) {
    metadata.registration_endpoint = settings.endpoint("/register");
  }
  metadata.scopes_supported = scopes_supported(settings);
  metadata.response_types_supported = {"code", "id_token", "code id_token"};
  metadata.response_modes_supported = {"query",     "fragment",     "form_post",    "jwt",
                                       "query.jwt", "fragment.jwt", "form_post.jwt"};
  metadata.device_authorization_endpoint = settings.endpoint("/device_authorization");
  metadata.grant_types_supported = grant_types_supported(settings);
  // RFC 9470 7
  metadata.acr_values_supported = settings.acr_values;
  metadata.subject_types_supported = {"public", "pairwise"};
  metadata.id_token_signing_alg_values_supported = names_of(settings.signing_algorithms);
  metadata.token_endpoint_auth_methods_supported = auth_methods(settings);
  metadata.token_endpoint_auth_signing_alg_values_supported = assertion_algorithms();
  metadata.introspection_endpoint_auth_methods_supported = auth_methods(settings);
  metadata.token_endpoint_auth_methods_supported.emplace_back("none");
  metadata.revocation_endpoint_auth_methods_supported =
      metadata.token_endpoint_auth_methods_supported;
  metadata.display_values_supported = {"page"};
  metadata.prompt_values_supported = {"none", "login", "consent", "select_account"};
  metadata.claim_types_supported = {"normal"};
  metadata.claims_supported = claims_supported(settings);
  metadata.ui_locales_supported = {"en", "ar"};
  // RFC 9700 2.1.1; 7636-11.
  metadata.code_challenge_methods_supported = {"S256"};
  metadata.claims_parameter_supported = true;
  metadata.request_parameter_supported = true;
  metadata.request_uri_parameter_supported = true;
  metadata.authorization_response_iss_parameter_supported = true;  // RFC 9207 3
  const auto details_types = details_types_supported(settings);
  metadata.others = {
      {"introspection_endpoint_auth_signing_alg_values_supported", assertion_algorithms()},
      {"revocation_endpoint_auth_signing_alg_values_supported", assertion_algorithms()},
      {"request_object_signing_alg_values_supported", names_of(accepted_algorithms(std::nullopt))},
      {"require_request_uri_registration", true},  // OIDC Discovery 3: left out it means false
      {"dpop_signing_alg_values_supported", names_of(dpop_algorithms())},
      {"require_pushed_authorization_requests", settings.require_pushed_authorization_requests},
      {"require_signed_request_object", settings.require_signed_request_object},
      // CIBA Core 4.
      {"backchannel_authentication_endpoint", settings.endpoint("/bc-authorize")},
      {"backchannel_token_delivery_modes_supported", json::Array{"poll", "ping"}},
      {"backchannel_authentication_request_signing_alg_values_supported",
       names_of(accepted_algorithms(std::nullopt))},
      {"backchannel_user_code_parameter_supported", false},
      // Back-Channel Logout 2.1: sub and sid are always in the token.
      {"backchannel_logout_supported", true},
      {"backchannel_logout_session_supported", true},
      {"frontchannel_logout_supported", true},
      {"frontchannel_logout_session_supported", true}};
  metadata.others.set("client_id_metadata_document_supported", settings.client_documents.enabled);
  add_algorithms(metadata, settings);
  // RFC 9396 10
  if (!details_types.empty()) {
    metadata.others.set("authorization_details_types_supported", details_types);
  }
  add_mutual_tls(metadata, settings);
  return metadata;
}

// OIDC Session Management 3.3.
void add_session_frame(ProviderMetadata& metadata, const Settings& settings) {
  if (!settings.session_management) return;
  metadata.others.set("check_session_iframe", settings.endpoint("/check_session"));
}

}  // namespace

json::Object metadata_of(const Settings& settings) {
  auto metadata = provider_metadata(settings);
  add_session_frame(metadata, settings);
  return write(metadata);
}

}  // namespace cardea
