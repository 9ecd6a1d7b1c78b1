// FAPI 2.0 Security Profile 5.2 to 5.4, as far as it speaks to authorization servers. What it asks
// of a client's members is domain/client_profile.h's.
#include <algorithm>
#include <array>

#include "app/doctor/profile_rule.h"
#include "domain/client_members.h"
#include "domain/client_profile.h"
#include "protocol/signing_algorithms.h"
#include "server/settings/client_needs.h"

namespace cardea::app {
namespace {

// What the issuer demands of everybody counts for every client.
Client under(const Settings& settings, Client client) {
  client.require_pushed_authorization_requests |= settings.require_pushed_authorization_requests;
  client.require_signed_request_object |= settings.require_signed_request_object;
  return client;
}

const ProfileDemand& demand_about(std::string_view member) {
  static const auto demands = demands_of(Profile::fapi2_security);
  return *std::ranges::find(demands, member, &ProfileDemand::member);
}

json::Value value_of(std::string_view name, const Client& client) {
  const auto member = std::ranges::find(client_members(), name, &ClientMember::name);
  return member == client_members().end() ? json::Value() : member->get(client);
}

bool is_admitted(crypto::SignatureAlgorithm algorithm) {
  return !accepted_algorithms(Profile::fapi2_security, algorithm).empty();
}

// Of signatures several members speak, and any may be the one.
std::string_view member_in_question(std::string_view asked, const Client& client) {
  static constexpr std::array<std::string_view, 4> of_answers{
      "id_token_signed_response_alg", "authorization_signed_response_alg",
      "userinfo_signed_response_alg", "introspection_signed_response_alg"};
  static constexpr std::array<std::string_view, 3> of_requests{
      "request_object_signing_alg", "token_endpoint_auth_signing_alg",
      "backchannel_authentication_request_signing_alg"};
  std::span<const std::string_view> members;
  if (asked == of_answers.front()) members = of_answers;
  if (asked == of_requests.front()) members = of_requests;
  for (const auto name : members) {
    const auto value = value_of(name, client);
    const auto* text = value.if_string();
    const auto algorithm = text != nullptr ? jose::algorithm_named(*text) : std::nullopt;
    if (algorithm && !is_admitted(*algorithm)) return name;
  }
  return asked;
}

// "refresh_rotation is on".
std::string said_instead(const ProfileDemand& asked, const Client& client) {
  const auto name = member_in_question(asked.member, client);
  const auto value = value_of(name, client);
  if (value.is_null()) return std::string(name) + " is not set";
  const auto* text = value.if_string();
  return std::string(name) + " is " + (text != nullptr ? *text : json::write(value));
}

// The rule of registration for clients under the profile, put to every client.
ProfileRule demand(std::string_view id, std::string section, std::string requirement,
                   std::string_view member, bool (*concerns)(const Client&) = every_client) {
  const auto& asked = demand_about(member);
  return {.id = id,
          .section = std::move(section),
          .requirement = std::move(requirement),
          .fix = "set " + std::string(asked.needs) + "; profile = \"fapi2\" sets it",
          .concerns = concerns,
          .client_lacks = [&asked](const Settings& settings, const Client& client) -> Lack {
            if (asked.is_met(under(settings, client))) return std::nullopt;
            return said_instead(asked, client);
          }};
}

// Held of clients under the profile alone: the check itself asks for it.
Lack not_under_the_profile(const Settings&, const Client& client) {
  if (client.profile) return std::nullopt;
  return "profile is not set";
}

bool uses_assertions(const Client& client) {
  return client.token_endpoint_auth_method == ClientAuthMethod::private_key_jwt;
}

bool asks_elsewhere(const Client& client) {
  return client.allows(GrantType::ciba);
}

bool uses_refresh_tokens(const Client& client) {
  return client.allows(GrantType::refresh_token);
}

Lack strangers_may_register(const Settings& settings, std::span<const Client>) {
  if (settings.registration.mode != RegistrationSettings::Mode::off) {
    return "registration.mode lets clients register that are under no profile";
  }
  if (settings.client_documents.enabled) return "client_documents.enabled lets public clients in";
  return std::nullopt;
}

Lack api_outside_the_profile(const Settings& settings, std::span<const Client>) {
  for (const auto& resource : settings.resources) {
    const auto algorithm = resource.access_token_signing_alg;
    if (is_admitted(algorithm)) continue;
    return "access tokens for " + resource.identifier.value() + " are signed by " +
           std::string(jose::name_of(algorithm));
  }
  return std::nullopt;
}

std::vector<ProfileRule> network_rules() {
  return {
      {.id = "fapi2.tls",
       .section = "5.2.1",
       .requirement = "Every endpoint is reached by TLS",
       .fix = "set an https issuer",
       .issuer_lacks = issuer_without_tls},
      {.id = "fapi2.no_cors_at_authorization",
       .section = "5.2.3 (3)",
       .requirement = "The authorization endpoint knows no CORS",
       .ensured_by = "9700-06"},
  };
}

std::vector<ProfileRule> general_rules() {
  const std::string profile_fix = "set profile = \"fapi2\"";
  return {
      {.id = "fapi2.metadata",
       .section = "5.3.2.1 (1)",
       .requirement = "Metadata is published",
       .ensured_by = "9700-17, oidc-22"},
      {.id = "fapi2.no_password_grant",
       .section = "5.3.2.1 (2)",
       .requirement = "There is no password grant",
       .ensured_by = "9700-12"},
      {.id = "fapi2.confidential",
       .section = "5.3.2.1 (3)",
       .requirement = "Clients are confidential",
       .fix = "give the client a key, or serve it by another issuer",
       .concerns = every_client,
       .client_lacks = [](const Settings&, const Client& client) -> Lack {
         if (!client.is_public()) return std::nullopt;
         return "is public";
       }},
      {.id = "fapi2.no_strangers",
       .section = "5.3.2.1 (3)",
       .requirement = "No client comes in by itself with less than the profile asks",
       .fix = "set registration.mode = \"off\" and client_documents.enabled = false",
       .issuer_lacks = strangers_may_register},
      demand("fapi2.sender_constrained", "5.3.2.1 (4)", "Access tokens are bound to their sender",
             "dpop_bound_access_tokens"),
      {.id = "fapi2.binding_offered",
       .section = "5.3.2.1 (5)",
       .requirement = "What binds a client's tokens can reach this server",
       .fix = "set [mtls], or bind by dpop_bound_access_tokens",
       .concerns = needs_certificate,
       .client_lacks = lacking_settings},
      demand("fapi2.client_authentication", "5.3.2.1 (6)",
             "Clients authenticate by private_key_jwt or a certificate",
             "token_endpoint_auth_method"),
      {.id = "fapi2.no_open_redirector",
       .section = "5.3.2.1 (7)",
       .requirement = "There is no open redirector",
       .ensured_by = "9700-02"},
      {.id = "fapi2.assertion_audience",
       .section = "5.3.2.1 (8)",
       .requirement = "The aud of an assertion is the issuer, as a string",
       .fix = profile_fix,
       .concerns = uses_assertions,
       .client_lacks = not_under_the_profile},
      demand("fapi2.no_rotation", "5.3.2.1 (9)", "Refresh tokens do not rotate", "refresh_rotation",
             uses_refresh_tokens),
      {.id = "fapi2.code_lifetime",
       .section = "5.3.2.1 (11)",
       .requirement = "Codes live 60 seconds at most",
       .fix = "set profile = \"fapi2\" or lifetimes.authorization_code = \"60s\"",
       .concerns = uses_codes,
       .client_lacks = [](const Settings& settings, const Client& client) -> Lack {
         const auto lifetime = code_lifetime(client, settings.lifetimes.authorization_code);
         if (lifetime <= minutes(1)) return std::nullopt;
         return std::to_string(lifetime.count) + " seconds";
       }},
      {.id = "fapi2.dpop_jkt",
       .section = "5.3.2.1 (12)",
       .requirement = "A code may be bound to a DPoP key",
       .ensured_by = "9449-04"},
  };
}

std::vector<ProfileRule> code_rules() {
  const std::string profile_fix = "set profile = \"fapi2\"";
  return {
      demand("fapi2.response_type", "5.3.2.2 (1)", "The response type is code", "response_types",
             uses_codes),
      {.id = "fapi2.par",
       .section = "5.3.2.2 (2, 4)",
       .requirement = "Requests can be pushed, by authenticated clients alone",
       .ensured_by = "9126-01"},
      demand("fapi2.par_required", "5.3.2.2 (3)", "Requests must be pushed",
             "require_pushed_authorization_requests", uses_codes),
      demand("fapi2.pkce", "5.3.2.2 (5)", "PKCE is required", "pkce", uses_codes),
      {.id = "fapi2.s256",
       .section = "5.3.2.2 (5)",
       .requirement = "S256 is the only method of PKCE",
       .ensured_by = "7636-02, 7636-11"},
      {.id = "fapi2.redirect_uri_sent",
       .section = "5.3.2.2 (6)",
       .requirement = "redirect_uri is in every pushed request",
       .fix = profile_fix,
       .concerns = uses_codes,
       .client_lacks = not_under_the_profile},
      {.id = "fapi2.iss",
       .section = "5.3.2.2 (7)",
       .requirement = "iss is in every authorization response",
       .ensured_by = "9207-01"},
      {.id = "fapi2.redirect_uris",
       .section = "5.3.2.2 (8)",
       .requirement = "Answers go to https, or to a native client's loopback address",
       .fix = "register https redirect URIs and remove development = true",
       .concerns = uses_codes,
       .client_lacks = open_redirect_uri},
      {.id = "fapi2.code_once",
       .section = "5.3.2.2 (9)",
       .requirement = "A code works once",
       .ensured_by = "6749-12, 6749-13"},
      {.id = "fapi2.303",
       .section = "5.3.2.2 (10, 11)",
       .requirement = "Forms with credentials are answered by 303",
       .ensured_by = "9700-03"},
      {.id = "fapi2.par_lifetime",
       .section = "5.3.2.2 (12)",
       .requirement = "A pushed request lives less than 600 seconds",
       .fix = "set lifetimes.pushed_request = \"60s\"",
       .issuer_lacks = [](const Settings& settings, std::span<const Client>) -> Lack {
         const auto lifetime = settings.lifetimes.pushed_request.count;
         if (lifetime < 600) return std::nullopt;
         return std::to_string(lifetime) + " seconds";
       }},
      {.id = "fapi2.nonce",
       .section = "5.3.2.2 (14)",
       .requirement = "A nonce of 64 characters is taken",
       .ensured_by = "oidc-02"},
      demand("fapi2.algorithms", "5.4.1", "Clients are answered by PS256, ES256 or EdDSA",
             "id_token_signed_response_alg"),
      {.id = "fapi2.api_algorithms",
       .section = "5.4.1",
       .requirement = "Access tokens are signed by PS256, ES256 or EdDSA",
       .fix = "set access_token_signing_alg = \"ES256\" in [[resources]]",
       .issuer_lacks = api_outside_the_profile},
      demand("fapi2.client_algorithms", "5.4.1", "Clients sign by PS256, ES256 or EdDSA",
             "request_object_signing_alg"),
      demand("fapi2.signed_ciba", "FAPI CIBA 5.2.2",
             "Backchannel authentication requests are signed",
             "backchannel_authentication_request_signing_alg", asks_elsewhere),
  };
}

}  // namespace

std::vector<ProfileRule> fapi2_rules() {
  auto rules = network_rules();
  for (auto* part : {general_rules, code_rules}) {
    for (auto& rule : part()) rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace cardea::app
