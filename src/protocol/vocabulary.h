// The closed word lists of the specifications, each spelled once: enumerators are the wire values
// where those are identifiers, and one table per enum maps both ways (style rule 3).
#pragma once

#include <optional>
#include <string_view>

namespace cardea {

// RFC 6749 4 and 6; RFC 8628 3.4, RFC 7523 2.1, RFC 8693 2.1, CIBA Core 10.1, whose names are URNs.
enum class GrantType {
  authorization_code,
  refresh_token,
  client_credentials,
  device_code,
  jwt_bearer,
  token_exchange,
  ciba
};
std::string_view name_of(GrantType);
std::optional<GrantType> grant_type_named(std::string_view);

// OAuth 2.0 Multiple Response Types 3 and 5. No access token ever leaves the authorization endpoint
// (Q10).
enum class ResponseType { code, id_token, code_id_token };
std::string_view name_of(ResponseType);  // "code", "id_token", "code id_token"
// Words in any order (RFC 6749 3.1.1).
std::optional<ResponseType> response_type_named(std::string_view);

// OAuth 2.0 Multiple Response Types 2.1, OAuth 2.0 Form Post Response Mode 2; JARM 2.3: the same
// three, holding one signed JWT.
enum class ResponseMode { query, fragment, form_post, query_jwt, fragment_jwt, form_post_jwt };
std::string_view name_of(ResponseMode);
std::optional<ResponseMode> response_mode_named(std::string_view);
constexpr bool is_jwt(ResponseMode mode) {
  return mode == ResponseMode::query_jwt || mode == ResponseMode::fragment_jwt ||
         mode == ResponseMode::form_post_jwt;
}
// How the parameters travel: query, fragment or form_post.
constexpr ResponseMode carrier_of(ResponseMode mode) {
  if (mode == ResponseMode::query_jwt) return ResponseMode::query;
  if (mode == ResponseMode::fragment_jwt) return ResponseMode::fragment;
  return mode == ResponseMode::form_post_jwt ? ResponseMode::form_post : mode;
}

// OIDC Core 9; RFC 8414 2; RFC 8705 2.1.1 and 2.2.1.
enum class ClientAuthMethod {
  none,
  client_secret_basic,
  client_secret_post,
  client_secret_jwt,
  private_key_jwt,
  tls_client_auth,
  self_signed_tls_client_auth
};
// Whether the client proves that it holds a secret, as digest or sealed (decision Q2).
constexpr bool is_by_secret(ClientAuthMethod method) {
  return method == ClientAuthMethod::client_secret_basic ||
         method == ClientAuthMethod::client_secret_post ||
         method == ClientAuthMethod::client_secret_jwt;
}
constexpr bool is_by_certificate(ClientAuthMethod method) {
  return method == ClientAuthMethod::tls_client_auth ||
         method == ClientAuthMethod::self_signed_tls_client_auth;
}
std::string_view name_of(ClientAuthMethod);
std::optional<ClientAuthMethod> client_auth_method_named(std::string_view);

// What a client is held to beyond the specifications of its grants: FAPI 2.0 Security Profile, and
// the same with signed requests (FAPI 2.0 Message Signing 5.3).
enum class Profile { fapi2_security, fapi2_message_signing };
std::string_view name_of(Profile);
std::optional<Profile> profile_named(std::string_view);

// OIDC Registration 2.
enum class ApplicationType { web, native };
std::string_view name_of(ApplicationType);
std::optional<ApplicationType> application_type_named(std::string_view);

}  // namespace cardea
