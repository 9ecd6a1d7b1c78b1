// What an issuer says about itself: OIDC Discovery 3 and RFC 8414 2, one value for the server that
// writes it and the client and resource that read it. Nothing is fetched here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace cardea {

// Members are named as on the wire. "" and empty lists: absent. Members that we do not know are
// kept in `others` when read and written after the known ones.
struct ProviderMetadata {
  std::string issuer;
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string userinfo_endpoint;
  std::string jwks_uri;
  std::string registration_endpoint;
  std::string introspection_endpoint;
  std::string revocation_endpoint;
  std::string end_session_endpoint;
  std::string pushed_authorization_request_endpoint;
  std::string device_authorization_endpoint;

  std::vector<std::string> scopes_supported;
  std::vector<std::string> response_types_supported;
  std::vector<std::string> response_modes_supported;
  std::vector<std::string> grant_types_supported;
  std::vector<std::string> acr_values_supported;
  std::vector<std::string> subject_types_supported;
  std::vector<std::string> id_token_signing_alg_values_supported;
  std::vector<std::string> token_endpoint_auth_methods_supported;
  std::vector<std::string> token_endpoint_auth_signing_alg_values_supported;
  std::vector<std::string> introspection_endpoint_auth_methods_supported;
  std::vector<std::string> revocation_endpoint_auth_methods_supported;
  std::vector<std::string> display_values_supported;
  std::vector<std::string> prompt_values_supported;
  std::vector<std::string> claim_types_supported;
  std::vector<std::string> claims_supported;
  std::vector<std::string> ui_locales_supported;
  std::vector<std::string> code_challenge_methods_supported;

  std::optional<bool> claims_parameter_supported;
  std::optional<bool> request_parameter_supported;
  std::optional<bool> request_uri_parameter_supported;  // absent means true (Discovery 3)
  std::optional<bool> authorization_response_iss_parameter_supported;  // RFC 9207 3

  json::Object others;

  friend bool operator==(const ProviderMetadata&, const ProviderMetadata&) = default;
};

json::Object write(const ProviderMetadata& metadata);

// Reads a document that was fetched for `expected_issuer`. Refuses, with the member at fault: no
// JSON object, `issuer` that is not that very string (OIDC Discovery 4.3, RFC 8414 3.3), known
// members of a wrong type.
Result<ProviderMetadata, std::string> parse_provider_metadata(std::string_view body,
                                                              std::string_view expected_issuer);

// Where the document of an issuer is found. RFC 8414 3.1 puts the well-known part before the
// issuer's path, OIDC Discovery 4 after it. Nothing when the issuer is not an http(s) URL without
// query and fragment (Discovery 3, RFC 8414 2).
struct WellKnownUrls {
  std::string openid_configuration;        // issuer + "/.well-known/openid-configuration"
  std::string oauth_authorization_server;  // origin + "/.well-known/…" + issuer's path
};
std::optional<WellKnownUrls> well_known_urls(std::string_view issuer);

}  // namespace cardea
