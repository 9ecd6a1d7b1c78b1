// Derived settings: the issuer's parts and the standard scopes; see settings.h. Reading files and
// environment is another file's work.
#include "server/settings/settings.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/url.h"
#include "crypto/hash.h"

namespace cardea {

const Resource* Settings::find_resource(const ResourceId& identifier) const {
  const auto at = std::ranges::find(resources, identifier, &Resource::identifier);
  return at == resources.end() ? nullptr : &*at;
}

void Settings::need_keys_for(const Client& client) {
  for (const auto algorithm : signing_algorithms_of(client)) {
    if (std::ranges::find(signing_algorithms, algorithm) == signing_algorithms.end()) {
      signing_algorithms.push_back(algorithm);
    }
  }
  const auto& management = client.request_object_encryption_alg;
  if (management &&
      std::ranges::find(decryption_algorithms, *management) == decryption_algorithms.end()) {
    decryption_algorithms.push_back(*management);
  }
}

const TrustedIssuer* Settings::find_trusted_issuer(std::string_view name) const {
  const auto at = std::ranges::find(trusted_issuers, name, &TrustedIssuer::issuer);
  return at == trusted_issuers.end() ? nullptr : &*at;
}

const AuthorizationDetailsType* Settings::find_details_type(std::string_view type) const {
  const auto at =
      std::ranges::find(authorization_details_types, type, &AuthorizationDetailsType::type);
  return at == authorization_details_types.end() ? nullptr : &*at;
}

std::map<std::string, ScopeDescription> standard_scopes() {
  std::map<std::string, ScopeDescription> scopes;
  // OIDC Core 5.4.
  scopes["openid"] = {"Know who you are", "A stable identifier for your account", {}};
  scopes["profile"] = {
      "See your profile",
      "Your name and what else your profile says",
      {"name", "family_name", "given_name", "middle_name", "nickname", "preferred_username",
       "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"}};
  scopes["email"] = {"See your e-mail address", "", {"email", "email_verified"}};
  scopes["address"] = {"See your postal address", "", {"address"}};
  scopes["phone"] = {"See your phone number", "", {"phone_number", "phone_number_verified"}};
  // Not in OIDC Core: what applications commonly ask for (decision Q4).
  scopes["groups"] = {"See which groups you are in", "", {"groups"}};
  // OIDC Core 11.
  scopes["offline_access"] = {
      "Keep access while you are away", "Stays signed in until you withdraw it", {}};
  return scopes;
}

Result<Settings, std::string> with_issuer(Settings settings, std::string_view issuer) {
  const auto refused = [&](std::string_view why) {
    return refuse("issuer \"" + std::string(issuer) + "\" " + std::string(why));
  };
  const auto parts = url::parse(issuer);
  if (!parts) return refused("is not an absolute https URL");
  if (parts->query) return refused("must not have a query (OIDC Discovery 3)");
  if (parts->fragment) return refused("must not have a fragment (OIDC Discovery 3)");
  if (issuer.ends_with('/'))
    return refused("must not end in a slash (half the clients compare bytes)");
  const bool loopback = url::is_loopback_host(parts->host);
  const bool https = parts->scheme == "https";
  if (!https && !(parts->scheme == "http" && loopback)) {
    return refused("must be https; http is for loopback hosts alone (RFC 8414 2)");
  }
  if (parts->path.find("//") != std::string::npos || parts->path.find("/.") != std::string::npos ||
      parts->path.find('%') != std::string::npos) {
    return refused("must have a plain path, without empty, dotted or escaped segments");
  }
  // Byte comparison is what clients do, so only the canonical spelling is taken.
  if (issuer != parts->origin() + parts->path) {
    return refused("must be written as " + parts->origin() + parts->path);
  }
  settings.issuer = std::string(issuer);
  settings.issuer_path = parts->path;
  settings.issuer_origin = parts->origin();
  const std::string hash = base64url_encode(crypto::sha256(issuer)).substr(0, 8);
  const std::string prefix = https ? "__Host-cardea-" : "cardea-";
  settings.session_cookie_name = prefix + "session-" + hash;
  settings.binding_cookie_name = prefix + "browser-" + hash;
  settings.browser_state_cookie_name = prefix + "state-" + hash;
  settings.issuer_is_https = https;
  settings.issuer_is_loopback = loopback;
  return settings;
}

}  // namespace cardea
