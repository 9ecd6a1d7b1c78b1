// MCP authorization (revision 2025-11-25): what a client that knows nothing but the address of an
// MCP server needs of us. Sections are named by their headings, or by the RFC that they rest on.
#include <algorithm>

#include "app/doctor/profile_rule.h"
#include "base/url.h"

namespace cardea::app {
namespace {

using Mode = RegistrationSettings::Mode;

bool takes_strangers(const Settings& settings) {
  return settings.client_documents.enabled || settings.registration.mode == Mode::open;
}

Lack no_documents(const Settings& settings, std::span<const Client>) {
  if (settings.client_documents.enabled) return std::nullopt;
  return "client_documents.enabled is false";
}

Lack no_open_registration(const Settings& settings, std::span<const Client>) {
  switch (settings.registration.mode) {
    case Mode::open:
      return std::nullopt;
    case Mode::token:
      return "registration needs an initial access token, which MCP clients do not have";
    case Mode::off:
      break;
  }
  return "registration.mode is off";
}

// Without metadata documents and registration, somebody must have registered a client before.
Lack nobody_can_come(const Settings& settings, std::span<const Client> clients) {
  if (takes_strangers(settings)) return std::nullopt;
  const bool has_one = std::ranges::any_of(
      clients, [](const Client& client) { return client.enabled && uses_codes(client); });
  if (has_one) return std::nullopt;
  return "clients cannot come by themselves, and none that uses codes is registered";
}

// A client that an API's scopes are out of reach for gets a token that no API takes.
Lack no_api_scope(const Settings& settings, const std::vector<std::string>& scopes) {
  if (scopes.empty()) return std::nullopt;
  for (const auto& resource : settings.resources) {
    for (const auto& scope : resource.scopes) {
      if (std::ranges::find(scopes, scope) != scopes.end()) return std::nullopt;
    }
  }
  return "none of its scopes belongs to an API";
}

Lack strangers_without_api_scope(const Settings& settings, std::span<const Client>) {
  return no_api_scope(settings, settings.registration.scopes);
}

Lack client_without_api_scope(const Settings& settings, const Client& client) {
  if (client.scope.empty()) return "has no scope";
  return no_api_scope(settings, client.scope);
}

Lack strangers_without_codes(const Settings& settings, std::span<const Client>) {
  const auto& types = settings.registration.grant_types;
  if (std::ranges::find(types, GrantType::authorization_code) != types.end()) return std::nullopt;
  return "registration.grant_types has no authorization_code";
}

Lack asks_for_what_mcp_clients_do_not_send(const Settings& settings, std::span<const Client>) {
  if (settings.require_pushed_authorization_requests) return "requests must be pushed";
  if (settings.require_signed_request_object) return "requests must be signed";
  return std::nullopt;
}

Lack client_must_do_more(const Settings&, const Client& client) {
  if (client.require_pushed_authorization_requests) return "must push its requests";
  if (client.require_signed_request_object) return "must sign its requests";
  if (client.dpop_bound_access_tokens) return "must prove a key (DPoP)";
  if (client.tls_client_certificate_bound_access_tokens) return "must bring a certificate";
  return std::nullopt;
}

bool is_https_or_local(std::string_view uri) {
  const auto parts = url::parse(uri);
  return parts && (parts->scheme == "https" || url::is_loopback_host(parts->host));
}

Lack redirect_elsewhere(const Settings&, const Client& client) {
  const auto at = std::ranges::find_if_not(client.redirect_uris, is_https_or_local);
  if (at == client.redirect_uris.end()) return std::nullopt;
  return *at;
}

bool waits_on_loopback(const Client& client) {
  return std::ranges::any_of(client.redirect_uris, [](const std::string& uri) {
    const auto parts = url::parse(uri);
    return parts && parts->scheme == "http" && url::is_loopback_host(parts->host);
  });
}

Lack port_is_fixed(const Settings&, const Client& client) {
  if (client.application_type == ApplicationType::native) return std::nullopt;
  return "application_type is web, so the port is compared";
}

std::vector<ProfileRule> issuer_rules() {
  return {
      {.id = "mcp.oauth_metadata",
       .section = "RFC 8414 3",
       .requirement = "Metadata is at oauth-authorization-server, before the issuer's path",
       .ensured_by = "9700-17, SC08"},
      {.id = "mcp.openid_discovery",
       .section = "OIDC Discovery 4",
       .requirement = "The same document is at openid-configuration",
       .ensured_by = "oidc-22"},
      {.id = "mcp.tls",
       .section = "Communication Security",
       .requirement = "Every endpoint is reached by https",
       .fix = "set an https issuer",
       .issuer_lacks = issuer_without_tls},
      {.id = "mcp.resource",
       .section = "RFC 8707 2",
       .requirement = "The MCP server is a resource that tokens can be asked for",
       .fix = "add [[resources]] with the MCP server's address as identifier",
       .issuer_lacks = [](const Settings& settings, std::span<const Client>) -> Lack {
         if (!settings.resources.empty()) return std::nullopt;
         return "there are no [[resources]]: every `resource` is refused as invalid_target";
       }},
      {.id = "mcp.audience",
       .section = "RFC 8707 2",
       .requirement =
           "A token is for the resources that were named; an unknown one is invalid_target",
       .ensured_by = "9700-11"},
      {.id = "mcp.clients",
       .section = "Client Registration Approaches",
       .requirement = "There is a way for a client to come",
       .fix = "set client_documents.enabled = true, or add a client",
       .issuer_lacks = nobody_can_come},
      {.id = "mcp.none",
       .section = "RFC 8414 2",
       .requirement = "Metadata lists `none` for public clients",
       .ensured_by = "SC08"},
      {.id = "mcp.s256",
       .section = "Authorization Code Protection",
       .requirement = "Metadata lists S256",
       .ensured_by = "7636-11"},
      {.id = "mcp.cors",
       .section = "RFC 9700 2.6",
       .requirement = "Clients in browsers may read metadata and tokens",
       .ensured_by = "9700-06, SC18"},
      {.id = "mcp.loopback",
       .section = "RFC 8252 7.3",
       .requirement = "The port of a native client's loopback address floats",
       .ensured_by = "8252-01, 8252-06"},
  };
}

// Clients that nobody registered here.
std::vector<ProfileRule> stranger_rules() {
  return {
      {.id = "mcp.client_documents",
       .section = "Client ID Metadata Documents",
       .requirement = "The client_id may be the address of a metadata document",
       .fix = "set client_documents.enabled = true",
       .is_advice = true,
       .issuer_lacks = no_documents},
      {.id = "mcp.registration",
       .section = "RFC 7591 3",
       .requirement = "Clients may register themselves without a token",
       .fix = "set registration.mode = \"open\" for clients that know no metadata documents",
       .is_advice = true,
       .issuer_lacks = no_open_registration},
      {.id = "mcp.strangers_scope",
       .section = "Scope Selection Strategy",
       .requirement = "Clients that come by themselves may ask for scopes of an API",
       .fix = "add scopes of [[resources]] to registration.scopes",
       .concerns_issuer = takes_strangers,
       .issuer_lacks = strangers_without_api_scope},
      {.id = "mcp.strangers_codes",
       .section = "RFC 7591 2",
       .requirement = "Clients that come by themselves may use codes",
       .fix = "add authorization_code to registration.grant_types",
       .concerns_issuer = takes_strangers,
       .issuer_lacks = strangers_without_codes},
      {.id = "mcp.plain_requests",
       .section = "Authorization Flow Steps",
       .requirement = "Plain authorization requests are taken",
       .fix = "leave authorization.require_... false, and require it of single clients",
       .issuer_lacks = asks_for_what_mcp_clients_do_not_send},
  };
}

std::vector<ProfileRule> client_rules() {
  return {
      {.id = "mcp.pkce",
       .section = "Authorization Code Protection",
       .requirement = "Clients use PKCE",
       .fix = "set pkce = \"required\"",
       .concerns = uses_codes,
       .client_lacks = pkce_left_out},
      {.id = "mcp.redirect_uris",
       .section = "Communication Security",
       .requirement = "Redirect URIs are https or of this machine",
       .fix = "replace it by https://... or http://127.0.0.1/...",
       .concerns = uses_codes,
       .client_lacks = redirect_elsewhere},
      {.id = "mcp.loopback_client",
       .section = "RFC 8252 7.3",
       .requirement = "Clients at a loopback address are native",
       .fix = "set application_type = \"native\"",
       .concerns = waits_on_loopback,
       .client_lacks = port_is_fixed},
      {.id = "mcp.client_scope",
       .section = "Scope Selection Strategy",
       .requirement = "Registered clients may ask for scopes of an API",
       .fix = "add scopes of [[resources]] to the client's scope",
       .concerns = uses_codes,
       .client_lacks = client_without_api_scope},
      {.id = "mcp.plain_client",
       .section = "Authorization Flow Steps",
       .requirement = "Nothing is asked of clients that MCP clients do not do",
       .fix = "use another client for MCP",
       .concerns = uses_codes,
       .client_lacks = client_must_do_more},
      {.id = "mcp.refresh",
       .section = "OAuth 2.1 4.3.1",
       .requirement = "Refresh tokens of public clients rotate",
       .fix = "set refresh_rotation = \"on\"",
       .concerns = keeps_public_refresh_tokens,
       .client_lacks = refresh_token_that_a_thief_can_use},
  };
}

}  // namespace

std::vector<ProfileRule> mcp_rules() {
  auto rules = issuer_rules();
  for (auto* part : {stranger_rules, client_rules}) {
    for (auto& rule : part()) rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace cardea::app
