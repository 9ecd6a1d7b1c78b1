// What this issuer says about itself, and its public keys: cheap to fetch again (ETag,
// Cache-Control), and nothing in it that does not work. OIDC Discovery 3 and 4, RFC 8414 2 and 3,
// RFC 7517 5.
#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "base/base64url.h"
#include "crypto/hash.h"
#include "protocol/provider_metadata.h"
#include "server/endpoints/endpoints.h"
#include "server/json_answer.h"

namespace cardea::endpoints {
namespace {

// Old enough to spare us, young enough for a changed setting.
constexpr Seconds discovery_max_age = minutes(5);

const std::vector<std::string> assertion_algorithms{"RS256", "PS256", "ES256", "ES384", "EdDSA"};

// RFC 9110 13.1.2: weak comparison of any member, or "*".
bool none_match_fails(std::string_view if_none_match, std::string_view etag) {
  for (auto candidate : ascii::split(if_none_match, ',')) {
    candidate = ascii::trim(candidate);
    if (candidate == "*") return true;
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == etag) return true;
  }
  return false;
}

struct Document {
  json::Object content;
  std::string etag;
  Seconds max_age;
};

http::Response cached_answer(const Exchange& exchange, const Document& document) {
  auto response = json_answer(200, document.content);
  response.headers.set("Cache-Control",
                       "public, max-age=" + std::to_string(document.max_age.count));
  response.headers.set("ETag", document.etag);
  if (none_match_fails(exchange.request.headers.first("If-None-Match"), document.etag)) {
    response.status = 304;
    response.body.clear();
  }
  return response;
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

std::vector<std::string> claims_supported(const Settings& settings) {
  std::set<std::string> claims{"sub",       "iss", "aud", "exp", "iat",     "nonce",
                               "auth_time", "acr", "amr", "sid", "at_hash", "c_hash"};
  for (const auto& [scope, description] : settings.scopes) {
    claims.insert(description.claims.begin(), description.claims.end());
  }
  return {claims.begin(), claims.end()};
}

ProviderMetadata metadata_of(const Settings& settings) {
  ProviderMetadata metadata;
  metadata.issuer = settings.issuer;
  metadata.authorization_endpoint = settings.endpoint("/authorize");
  metadata.token_endpoint = settings.endpoint("/token");
  metadata.userinfo_endpoint = settings.endpoint("/userinfo");
  metadata.jwks_uri = settings.endpoint("/jwks");
  metadata.introspection_endpoint = settings.endpoint("/introspect");
  metadata.revocation_endpoint = settings.endpoint("/revoke");
  metadata.end_session_endpoint = settings.endpoint("/logout");
  metadata.scopes_supported = scopes_supported(settings);
  metadata.response_types_supported = {"code", "id_token", "code id_token"};
  metadata.response_modes_supported = {"query", "fragment", "form_post"};
  metadata.grant_types_supported = {"authorization_code", "refresh_token", "client_credentials"};
  metadata.acr_values_supported = settings.acr_values;
  metadata.subject_types_supported = {"public"};
  for (const auto algorithm : settings.signing_algorithms) {
    metadata.id_token_signing_alg_values_supported.emplace_back(jose::name_of(algorithm));
  }
  metadata.token_endpoint_auth_methods_supported = {"client_secret_basic", "client_secret_post",
                                                    "private_key_jwt", "none"};
  metadata.token_endpoint_auth_signing_alg_values_supported = assertion_algorithms;
  metadata.introspection_endpoint_auth_methods_supported = {
      "client_secret_basic", "client_secret_post", "private_key_jwt"};
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
  // Said aloud: leaving request_uri out would mean true (OIDC Discovery 3).
  metadata.request_parameter_supported = false;
  metadata.request_uri_parameter_supported = false;
  metadata.authorization_response_iss_parameter_supported = true;  // RFC 9207 3
  metadata.others = {
      {"introspection_endpoint_auth_signing_alg_values_supported", assertion_algorithms},
      {"revocation_endpoint_auth_signing_alg_values_supported", assertion_algorithms}};
  return metadata;
}

}  // namespace

Task<http::Response> discovery(const Deps& deps, Exchange& exchange) {
  // Built from settings alone: the Host header has no say (RFC 8414 3.3; 9700-17).
  Document document{write(metadata_of(deps.settings)), {}, discovery_max_age};
  document.etag =
      "\"" + base64url_encode(crypto::sha256(json::write(document.content))).substr(0, 22) + "\"";
  co_return cached_answer(exchange, document);
}

Task<http::Response> jwks(const Deps& deps, Exchange& exchange) {
  co_return cached_answer(exchange,
                          {deps.keys.jwks(), deps.keys.jwks_etag(), deps.settings.jwks_max_age});
}

}  // namespace cardea::endpoints
