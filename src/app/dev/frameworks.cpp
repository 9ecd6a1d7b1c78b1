// The table of frameworks; names were read from each library's own documentation or source.
#include "app/dev/frameworks.h"

namespace cardea::app::dev {
namespace {

std::vector<Framework> plain_and_node() {
  using enum ResponseType;
  return {
      {"",
       "http://localhost:3000/callback",
       "http://localhost:3000/",
       {code},
       false,
       {{"OIDC_ISSUER", "@issuer"},
        {"OIDC_CLIENT_ID", "@id"},
        {"OIDC_CLIENT_SECRET", "@secret"},
        {"OIDC_REDIRECT_URI", "@callback"}},
       ""},
      {"authjs",
       "http://localhost:3000/api/auth/callback/cardea",
       "http://localhost:3000/",
       {code},
       false,
       {{"AUTH_CARDEA_ISSUER", "@issuer"},
        {"AUTH_CARDEA_ID", "@id"},
        {"AUTH_CARDEA_SECRET", "@secret"},
        {"AUTH_URL", "http://localhost:3000"},
        {"AUTH_TRUST_HOST", "true"}},
       "Provider: { id: \"cardea\", name: \"Cardea\", type: \"oidc\" }; outside Next.js the "
       "callback is "
       "/auth/callback/cardea. AUTH_SECRET is yours to make."},
      {"nextauth",
       "http://localhost:3000/api/auth/callback/cardea",
       "http://localhost:3000/",
       {code},
       true,
       {{"OIDC_ISSUER", "@issuer"},
        {"OIDC_CLIENT_ID", "@id"},
        {"OIDC_CLIENT_SECRET", "@secret"},
        {"NEXTAUTH_URL", "http://localhost:3000"}},
       "next-auth 4: wellKnown = issuer + /.well-known/openid-configuration, idToken: true, and "
       "checks: [\"pkce\", \"state\"], or set pkce = \"optional\" in production. NEXTAUTH_SECRET "
       "is yours to make."},
      {"passport",
       "http://localhost:3000/auth/callback",
       "http://localhost:3000/",
       {code},
       true,
       {{"OIDC_ISSUER", "@issuer"},
        {"OIDC_AUTHORIZATION_URL", "@issuer/authorize"},
        {"OIDC_TOKEN_URL", "@issuer/token"},
        {"OIDC_USERINFO_URL", "@issuer/userinfo"},
        {"OIDC_CLIENT_ID", "@id"},
        {"OIDC_CLIENT_SECRET", "@secret"},
        {"OIDC_CALLBACK_URL", "@callback"}},
       "passport-openidconnect has no PKCE: set pkce = \"optional\" in production. passport-oauth2 "
       "has: state: true, "
       "pkce: true."},
      {"express",
       "http://localhost:3000/callback",
       "http://localhost:3000/",
       {code, id_token},
       false,
       {{"ISSUER_BASE_URL", "@issuer"},
        {"BASE_URL", "http://localhost:3000"},
        {"CLIENT_ID", "@id"},
        {"CLIENT_SECRET", "@secret"}},
       "express-openid-connect posts its callback by default, which needs an https app; with "
       "authorizationParams: "
       "{ response_type: \"code\" } it works on http. SECRET is yours to make."},
  };
}

std::vector<Framework> other_runtimes() {
  using enum ResponseType;
  return {
      {"spring",
       "http://localhost:8080/login/oauth2/code/cardea",
       "http://localhost:8080/",
       {code},
       false,
       {{"SPRING_SECURITY_OAUTH2_CLIENT_PROVIDER_CARDEA_ISSUER_URI", "@issuer"},
        {"SPRING_SECURITY_OAUTH2_CLIENT_REGISTRATION_CARDEA_CLIENT_ID", "@id"},
        {"SPRING_SECURITY_OAUTH2_CLIENT_REGISTRATION_CARDEA_CLIENT_SECRET", "@secret"},
        {"SPRING_SECURITY_OAUTH2_CLIENT_REGISTRATION_CARDEA_SCOPE", "openid,profile,email"},
        {"SPRING_SECURITY_OAUTH2_CLIENT_REGISTRATION_CARDEA_REDIRECT_URI", "@callback"}},
       "Versions before Spring Security 7 need PKCE switched on for confidential clients."},
      {"django",
       "http://localhost:8000/oidc/callback/",
       "http://localhost:8000/",
       {code},
       true,
       {{"OIDC_RP_CLIENT_ID", "@id"},
        {"OIDC_RP_CLIENT_SECRET", "@secret"},
        {"OIDC_RP_SIGN_ALGO", "RS256"},
        {"OIDC_OP_AUTHORIZATION_ENDPOINT", "@issuer/authorize"},
        {"OIDC_OP_TOKEN_ENDPOINT", "@issuer/token"},
        {"OIDC_OP_USER_ENDPOINT", "@issuer/userinfo"},
        {"OIDC_OP_JWKS_ENDPOINT", "@issuer/jwks"}},
       "mozilla-django-oidc: settings.py reads these with os.environ; set OIDC_USE_PKCE = True."},
      {"aspnet",
       "https://localhost:5001/signin-oidc",
       "https://localhost:5001/signout-callback-oidc",
       {code, id_token, code_id_token},
       false,
       {{"Authentication__Schemes__OpenIdConnect__Authority", "@issuer"},
        {"Authentication__Schemes__OpenIdConnect__ClientId", "@id"},
        {"Authentication__Schemes__OpenIdConnect__ClientSecret", "@secret"},
        {"Authentication__Schemes__OpenIdConnect__ResponseType", "code"}},
       "ASP.NET posts its callback, so the app must be https: `dotnet dev-certs https --trust`."},
      {"go",
       "http://localhost:8080/callback",
       "http://localhost:8080/",
       {code},
       false,
       {{"OIDC_ISSUER", "@issuer"},
        {"OIDC_CLIENT_ID", "@id"},
        {"OIDC_CLIENT_SECRET", "@secret"},
        {"OIDC_REDIRECT_URL", "@callback"}},
       "x/oauth2: pass oauth2.S256ChallengeOption(verifier)."},
      {"cpp",
       "http://localhost:3000/callback",
       "http://localhost:3000/",
       {code},
       false,
       {{"OIDC_ISSUER", "@issuer"},
        {"OIDC_CLIENT_ID", "@id"},
        {"OIDC_CLIENT_SECRET", "@secret"},
        {"OIDC_REDIRECT_URI", "@callback"}},
       "cardea::client: docs/client.md."},
  };
}

const std::vector<Framework>& frameworks() {
  static const std::vector<Framework> table = [] {
    auto all = plain_and_node();
    for (auto& framework : other_runtimes()) all.push_back(std::move(framework));
    return all;
  }();
  return table;
}

std::string filled(std::string_view pattern, const Framework& framework,
                   const FrameworkValues& values) {
  std::string out(pattern);
  const auto fill = [&](std::string_view mark, std::string_view value) {
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark))
      out.replace(at, mark.size(), value);
  };
  fill("@issuer", values.issuer);
  fill("@id", values.client_id);
  fill("@secret", values.client_secret);
  fill("@callback", framework.callback);
  return out;
}

}  // namespace

const Framework* find_framework(std::string_view name) {
  for (const auto& framework : frameworks()) {
    if (framework.name == name) return &framework;
  }
  return nullptr;
}

std::vector<std::string> framework_names() {
  std::vector<std::string> names;
  for (const auto& framework : frameworks()) {
    if (!framework.name.empty()) names.emplace_back(framework.name);
  }
  return names;
}

std::vector<std::pair<std::string, std::string>> environment_block(const Framework& framework,
                                                                   const FrameworkValues& values) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, pattern] : framework.variables) {
    out.emplace_back(name, filled(pattern, framework, values));
  }
  return out;
}

}  // namespace cardea::app::dev
