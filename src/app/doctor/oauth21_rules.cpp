// OAuth 2.1 (draft-ietf-oauth-v2-1-15): what it asks beyond OAuth 2.0.
#include "app/doctor/profile_rule.h"

namespace cardea::app {

std::vector<ProfileRule> oauth21_rules() {
  return {
      {.id = "oauth21.tls",
       .section = "1.5",
       .requirement = "Every endpoint is reached by https",
       .fix = "set an https issuer",
       .issuer_lacks = issuer_without_tls},
      {.id = "oauth21.redirect_uris",
       .section = "1.5",
       .requirement = "Redirect URIs are https, a native loopback address or a private scheme",
       .fix = "register https redirect URIs and remove development = true",
       .concerns = uses_codes,
       .client_lacks = open_redirect_uri},
      {.id = "oauth21.exact_redirect",
       .section = "2.3.1",
       .requirement = "Redirect URIs match exactly, the loopback port excepted",
       .ensured_by = "21-01"},
      {.id = "oauth21.pkce",
       .section = "4.1.1",
       .requirement = "Every client that uses codes uses PKCE",
       .fix = "set pkce = \"required\"",
       .concerns = uses_codes,
       .client_lacks = pkce_left_out},
      {.id = "oauth21.s256",
       .section = "4.1.1",
       .requirement = "S256 is the only method of PKCE",
       .ensured_by = "7636-02, 7636-11"},
      {.id = "oauth21.code_once",
       .section = "4.1.3",
       .requirement = "A code works once",
       .ensured_by = "6749-12, 6749-13"},
      {.id = "oauth21.errors_stay",
       .section = "4.1.2.1",
       .requirement = "Errors about client or redirect URI stay on our page",
       .ensured_by = "21-06"},
      {.id = "oauth21.code_lifetime",
       .section = "4.1.2",
       .requirement = "Codes live ten minutes at most, better one",
       .fix = "set lifetimes.authorization_code = \"60s\"",
       .is_advice = true,
       .issuer_lacks = [](const Settings& settings, std::span<const Client>) -> Lack {
         const auto lifetime = settings.lifetimes.authorization_code;
         if (lifetime <= minutes(1)) return std::nullopt;
         return std::to_string(lifetime.count) + " seconds";
       }},
      {.id = "oauth21.refresh",
       .section = "4.3.1",
       .requirement = "Refresh tokens of public clients are bound or used once",
       .fix = "set refresh_rotation = \"on\"",
       .concerns = keeps_public_refresh_tokens,
       .client_lacks = refresh_token_that_a_thief_can_use},
      {.id = "oauth21.303",
       .section = "7.5.3",
       .requirement = "Redirects change the method to GET",
       .ensured_by = "21-07"},
      {.id = "oauth21.no_implicit",
       .section = "10",
       .requirement = "No implicit grant, no password grant, no token in a query",
       .ensured_by = "21-03, 6750-02"},
      {.id = "oauth21.redirect_in_token_request",
       .section = "10.2",
       .requirement = "A redirect URI in the token request is compared whenever it is sent",
       .ensured_by = "21-05"},
  };
}

}  // namespace cardea::app
