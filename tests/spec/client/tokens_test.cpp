// The token endpoint, userinfo and logout as the client sees them: what is sent, and every answer
// that is not believed. Journeys go through RelyingParty over a transport that is a function.
#include "client/tokens.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "client/relying_party.h"
#include "client/userinfo.h"
#include "support/fake_issuer.h"

namespace cardea::client_tokens_test {

using client::Configuration;
using client::RelyingParty;
using fake_issuer::FakeIssuer;
using fake_issuer::json_answer;
using fake_issuer::parameter;

const std::string token_url = "https://issuer.example/token";

Configuration configuration() {
  return {.issuer = "https://issuer.example",
          .client_id = "web",
          .authentication = client::SecretBasic{client::ClientSecret("s3cret")},
          .redirect_uri = "https://app.example/callback",
          .post_logout_redirect_uri = "https://app.example/bye",
          .scope = {"openid", "profile"}};
}

// A relying party, and a journey up to its token request.
struct Journey {
  explicit Journey(const Configuration& by = configuration())
      : party(std::move(*RelyingParty::discover({.configuration = by,
                                                 .transport = issuer.transport(),
                                                 .clock = issuer.clock,
                                                 .random = issuer.random,
                                                 .log = issuer.log}))) {}

  // Signs in; the token endpoint answers what `respond` makes of the nonce.
  Result<client::Tokens, client::Error> sign_in(
      const std::function<http::Response(const std::string&)>& respond,
      const client::AuthorizationRequest& request = {}) {
    auto started = party->start(request);
    query = started->url.substr(started->url.find('?') + 1);
    const auto nonce = parameter(query, "nonce");
    issuer.answers[token_url] = [=](const auto&) { return http::TransportResult(respond(nonce)); };
    auto callback =
        party->validate(started->pending, "code=c0de&state=" + started->pending.state() +
                                              "&iss=https%3A%2F%2Fissuer.example");
    return party->exchange(std::move(*callback));
  }

  http::Response tokens(const json::Object& id_token_claims, std::string_view typ = "JWT") const {
    return json_answer({{"access_token", "at"},
                        {"token_type", "Bearer"},
                        {"expires_in", 600},
                        {"refresh_token", "rt"},
                        {"id_token", issuer.sign_id_token(id_token_claims, typ)}});
  }

  // The code of signing in with one claim changed.
  std::string with(const std::string& name, const json::Value& value,
                   const client::AuthorizationRequest& request = {}) {
    const auto outcome = sign_in(
        [&](const std::string& nonce) {
          auto claims = issuer.id_token_claims(nonce);
          claims.set(name, value);
          return tokens(claims);
        },
        request);
    return outcome ? "ok" : std::string(outcome.error().code);
  }

  std::string answered(const http::Response& response) {
    const auto outcome = sign_in([&](const std::string&) { return response; });
    return outcome ? "ok" : std::string(outcome.error().code);
  }

  FakeIssuer issuer;
  std::unique_ptr<RelyingParty> party;
  std::string query;  // of the last authorization request
};

// RFC6749-4.1.3; RFC7636-4.5; OIDCC-3.1.3: a code is exchanged with its verifier and redirect_uri.
TEST(ClientExchange, SendsCodeVerifierAndRedirectUri) {
  Journey journey;
  const auto tokens = journey.sign_in([&](const std::string& nonce) {
    return journey.tokens(journey.issuer.id_token_claims(nonce));
  });
  ASSERT_TRUE(tokens) << tokens.error().message << tokens.error().cause;
  EXPECT_EQ(tokens->access_token.reveal(), "at");
  EXPECT_EQ(tokens->refresh_token->reveal(), "rt");
  EXPECT_EQ(tokens->access_token_expires_at, fake_issuer::start + Seconds{600});
  EXPECT_EQ(tokens->id_token->subject(), "alice");
  EXPECT_EQ(tokens->scope, (std::vector<std::string>{"openid", "profile"}));

  const auto sent = journey.issuer.requests_to(token_url).front();
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.headers.first("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(parameter(sent.body, "grant_type"), "authorization_code");
  EXPECT_EQ(parameter(sent.body, "code"), "c0de");
  EXPECT_EQ(parameter(sent.body, "redirect_uri"), "https://app.example/callback");
  const auto verifier = parameter(sent.body, "code_verifier");
  EXPECT_TRUE(
      pkce::holds({.challenge = parameter(journey.query, "code_challenge"), .verifier = verifier}));
  EXPECT_EQ(journey.query.find(verifier), std::string::npos);
}

// OIDCC-3.1.3.7; 9207-04: every broken rule of the ID token ends the sign-in with its own code.
TEST(ClientExchange, EachIdTokenRuleHasItsCode) {
  Journey journey;
  EXPECT_EQ(journey.with("sub", "alice"), "ok");
  EXPECT_EQ(journey.with("iss", "https://other.example"), "id_token.iss");
  EXPECT_EQ(journey.with("aud", "spa"), "id_token.aud");
  EXPECT_EQ(journey.with("azp", "spa"), "id_token.azp");
  EXPECT_EQ(journey.with("exp", 1), "id_token.exp");
  EXPECT_EQ(journey.with("iat", 1), "id_token.iat");
  EXPECT_EQ(journey.with("nonce", "x"), "id_token.nonce");
  EXPECT_EQ(journey.with("sub", ""), "id_token.sub");
  EXPECT_EQ(journey.with("at_hash", "x"), "id_token.at_hash");
  EXPECT_EQ(journey.with("c_hash", "x"), "id_token.c_hash");
  EXPECT_EQ(journey.with("acr", "bronze", {.acr_values = {"gold"}}), "id_token.acr");
  EXPECT_EQ(journey.with("auth_time", 1, {.max_age = Seconds{60}}), "id_token.auth_time");
}

// RFC8725-3.11; 8725-10: neither an access token nor a logout token signs anybody in.
TEST(ClientExchange, OtherTokensAreNoIdTokens) {
  Journey journey;
  for (const std::string_view typ : {"at+jwt", "logout+jwt", "dpop+jwt"}) {
    const auto outcome = journey.sign_in([&](const std::string& nonce) {
      return journey.tokens(journey.issuer.id_token_claims(nonce), typ);
    });
    ASSERT_FALSE(outcome) << typ;
    EXPECT_EQ(outcome.error().code, "id_token.typ");
  }
}

// RFC6819-4.4.2.6; 6819-07: an access token, whoever it was issued to, signs nobody in.
TEST(Rfc6819, S4_4_2_6_AccessTokenAloneSignsNobodyIn) {
  Journey journey;
  EXPECT_EQ(journey.answered(json_answer(
                {{"access_token", "issued to another client"}, {"token_type", "Bearer"}})),
            "id_token.missing");
  // And one that is a JWT of this issuer is not mistaken for an ID token.
  EXPECT_EQ(
      journey.answered(json_answer(
          {{"access_token", "at"},
           {"token_type", "Bearer"},
           {"id_token", journey.issuer.sign_access_token(journey.issuer.access_token_claims())}})),
      "id_token.typ");
}

// RFC6749-5.1; RFC6749-7.1: what is not a token response is refused.
TEST(Rfc6749, S5_1_StrictTokenResponse) {
  Journey journey;
  EXPECT_EQ(journey.answered({.status = 200, .body = R"({"access_token":"a"})"}),
            "token.malformed");  // no content type
  EXPECT_EQ(journey.answered(json_answer({{"access_token", "a"}})), "token.malformed");
  EXPECT_EQ(journey.answered(json_answer({{"access_token", "a"}, {"token_type", "mac"}})),
            "token.type");
  EXPECT_EQ(journey.answered(json_answer({{"access_token", "a"}, {"token_type", "Bearer"}}, 201)),
            "token.malformed");
  EXPECT_EQ(journey.answered({.status = 302, .headers = {{"Location", "https://evil.example"}}}),
            "token.malformed");
  EXPECT_EQ(journey.answered({.status = 502, .body = "<html>Bad gateway</html>"}),
            "issuer.unavailable");
}

// RFC6749-5.2: a refusal is a value with the issuer's code and status.
TEST(Rfc6749, S5_2_RefusalsAreValues) {
  Journey journey;
  const auto outcome = journey.sign_in([](const std::string&) {
    return json_answer({{"error", "invalid_grant"}, {"error_description", "used"}}, 400);
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, "token.refused");
  EXPECT_EQ(outcome.error().refusal->error, "invalid_grant");
  EXPECT_EQ(outcome.error().refusal->error_description, "used");
  EXPECT_EQ(outcome.error().refusal->status, 400);
}

TEST(ClientExchange, KeysThatCannotBeHadRefuse) {
  Journey journey;
  journey.issuer.answers["https://issuer.example/jwks"] = [](const auto&) {
    return http::TransportResult(http::Response{.status = 500});
  };
  EXPECT_EQ(journey.with("sub", "alice"), "id_token.keys");
}

// RFC6749-2.3.1: both halves of basic authentication are form-encoded.
TEST(Rfc6749, S2_3_1_BasicHalvesAreFormEncoded) {
  auto by = configuration();
  by.client_id = "c-1_x.y~z:1";
  by.authentication = client::SecretBasic{client::ClientSecret("a b:c/d+e%f")};
  Journey journey(by);
  journey.answered({.status = 400});
  const auto sent = journey.issuer.requests_to(token_url).front();
  const auto header = std::string(sent.headers.first("authorization"));
  ASSERT_TRUE(header.starts_with("Basic "));
  EXPECT_EQ(base64_decode(header.substr(6)), "c-1_x.y~z%3A1:a+b%3Ac%2Fd%2Be%25f");
  EXPECT_EQ(parameter(sent.body, "client_id"), "");
  EXPECT_EQ(parameter(sent.body, "client_secret"), "");
}

// RFC6749-2.3: one method of authentication a request.
TEST(ClientAuthentication, PostAndNoneUseTheBody) {
  auto by = configuration();
  by.authentication = client::SecretPost{client::ClientSecret("s3cret")};
  Journey post(by);
  post.answered({.status = 400});
  auto sent = post.issuer.requests_to(token_url).front();
  EXPECT_EQ(parameter(sent.body, "client_id"), "web");
  EXPECT_EQ(parameter(sent.body, "client_secret"), "s3cret");
  EXPECT_FALSE(sent.headers.contains("authorization"));

  by.authentication = client::NoAuthentication{};
  Journey none(by);
  none.answered({.status = 400});
  sent = none.issuer.requests_to(token_url).front();
  EXPECT_EQ(parameter(sent.body, "client_id"), "web");
  EXPECT_EQ(parameter(sent.body, "client_secret"), "");
  EXPECT_FALSE(sent.headers.contains("authorization"));
}

// RFC7523-3: the assertion is short-lived, for the issuer alone, and never repeats.
TEST(Rfc7523, S3_PrivateKeyJwtAssertion) {
  auto by = configuration();
  by.authentication = client::PrivateKeyJwt{.key = fake_issuer::es256_key(), .kid = "es"};
  Journey journey(by);
  journey.answered({.status = 400});
  journey.answered({.status = 400});
  std::string first_jti;
  for (const auto& sent : journey.issuer.requests_to(token_url)) {
    EXPECT_EQ(parameter(sent.body, "client_assertion_type"),
              "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    const auto assertion =
        jose::verify_jwt(parameter(sent.body, "client_assertion"), journey.issuer.keys(),
                         {jose::SignatureAlgorithm::ES256});
    ASSERT_TRUE(assertion);
    const auto& claims = assertion->claims;
    EXPECT_EQ(json::string_member(claims, "iss"), "web");
    EXPECT_EQ(json::string_member(claims, "sub"), "web");
    EXPECT_EQ(json::string_member(claims, "aud"), "https://issuer.example");
    EXPECT_EQ(jose::numeric_date(claims, "exp"), fake_issuer::start.unix_seconds() + 60);
    const auto jti = json::string_member(claims, "jti").value_or("");
    EXPECT_EQ(jti.size(), 22u);
    EXPECT_NE(jti, first_jti);
    first_jti = jti;
  }
}

// OIDCC-9; RFC7518-3.2: a MAC under the secret, which itself does not travel.
TEST(OidcCore, S9_ClientSecretJwtAssertion) {
  const std::string secret = "a-secret-of-at-least-32-bytes-012";
  auto by = configuration();
  by.authentication = client::ClientSecretJwt{client::ClientSecret(secret)};
  Journey journey(by);
  journey.answered({.status = 400});
  const auto sent = journey.issuer.requests_to(token_url).front();
  EXPECT_EQ(sent.body.find(secret), std::string::npos);
  EXPECT_EQ(parameter(sent.body, "client_assertion_type"),
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  const auto assertion =
      jose::verify_mac_jwt(parameter(sent.body, "client_assertion"), {jose::MacSecret(secret)});
  ASSERT_TRUE(assertion);
  EXPECT_EQ(json::string_member(assertion->claims, "iss"), "web");
  EXPECT_EQ(json::string_member(assertion->claims, "aud"), "https://issuer.example");
  EXPECT_EQ(jose::numeric_date(assertion->claims, "exp"), fake_issuer::start.unix_seconds() + 60);

  by.authentication = client::ClientSecretJwt{client::ClientSecret(secret.substr(2))};
  const auto checked = client::check_configuration(by);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, "configuration.invalid");
}

// RFC8705-2: client_id says whose the certificate of the connection is to be.
TEST(Rfc8705Client, S2_ACertificateNeedsTheClientId) {
  auto by = configuration();
  by.authentication = client::TlsCertificate{};
  Journey journey(by);
  journey.answered({.status = 400});
  const auto sent = journey.issuer.requests_to(token_url).front();
  EXPECT_EQ(parameter(sent.body, "client_id"), "web");
  EXPECT_EQ(parameter(sent.body, "client_secret"), "");
  EXPECT_EQ(parameter(sent.body, "client_assertion"), "");
  EXPECT_FALSE(sent.headers.contains("authorization"));
}

struct UserinfoJourney : Journey {
  // Signs in, then asks for userinfo; the error code, or "ok".
  std::string ask(const http::Response& response) {
    const auto signed_in =
        sign_in([&](const std::string& nonce) { return tokens(issuer.id_token_claims(nonce)); });
    issuer.answers["https://issuer.example/userinfo"] = [=](const auto&) {
      return http::TransportResult(response);
    };
    const auto claims = party->userinfo(*signed_in);
    return claims ? "ok" : std::string(claims.error().code);
  }
};

// OIDCC-5.3.2; oidc-11: claims about anybody else are refused.
TEST(OidcCore, S5_3_2_UserinfoSubjectMustMatch) {
  UserinfoJourney journey;
  EXPECT_EQ(journey.ask(json_answer({{"sub", "alice"}, {"name", "Alice"}})), "ok");
  EXPECT_EQ(journey.ask(json_answer({{"sub", "bob"}, {"name", "Alice"}})), "userinfo.subject");
  EXPECT_EQ(journey.ask(json_answer({{"sub", "ALICE"}})), "userinfo.subject");
  EXPECT_EQ(journey.ask(json_answer({{"sub", 5}})), "userinfo.subject");
  EXPECT_EQ(journey.ask(json_answer({{"name", "Alice"}})), "userinfo.subject");
}

TEST(ClientUserinfo, OtherAnswersAreRefused) {
  UserinfoJourney journey;
  EXPECT_EQ(journey.ask({.status = 200, .body = R"({"sub":"alice"})"}), "userinfo.malformed");
  EXPECT_EQ(journey.ask(
                {.status = 200, .headers = {{"Content-Type", "application/jwt"}}, .body = "a.b.c"}),
            "userinfo.malformed");
  EXPECT_EQ(journey.ask({.status = 401}), "userinfo.refused");
  EXPECT_EQ(journey.ask({.status = 503}), "issuer.unavailable");
}

// RFC6750-5.2; 6750-08: a redirect is an answer like any other; the token goes nowhere else.
TEST(Rfc6750, S5_2_TokensDoNotFollowRedirects) {
  UserinfoJourney journey;
  EXPECT_EQ(journey.ask({.status = 302, .headers = {{"Location", "https://evil.example/"}}}),
            "userinfo.refused");
  EXPECT_EQ(journey.issuer.count("/userinfo"), 1u);
  EXPECT_TRUE(journey.issuer.requests_to("https://evil.example/").empty());
}

// RFC6749-4.4: a client of its own accord asks without a person.
TEST(ClientCredentials, AsksWithScopeAndResource) {
  auto by = configuration();
  by.resource = "https://api.example";
  Journey journey(by);
  journey.issuer.answers[token_url] = [](const auto&) {
    return http::TransportResult(
        json_answer({{"access_token", "at"}, {"token_type", "bearer"}, {"scope", "a"}}));
  };
  const auto tokens = journey.party->client_credentials({"a", "b"});
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->scope, std::vector<std::string>{"a"});
  EXPECT_FALSE(tokens->id_token);
  const auto sent = journey.issuer.requests_to(token_url).front();
  EXPECT_EQ(parameter(sent.body, "grant_type"), "client_credentials");
  EXPECT_EQ(parameter(sent.body, "scope"), "a b");
  EXPECT_EQ(parameter(sent.body, "resource"), "https://api.example");
}

TEST(ClientLogout, UrlNamesHintClientAndReturn) {
  Journey journey;
  const auto url = journey.party->logout({.id_token_hint = IdTokenText("a.b.c"), .state = "s&t"});
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->starts_with("https://issuer.example/logout?"));
  const auto query = url->substr(url->find('?') + 1);
  EXPECT_EQ(parameter(query, "id_token_hint"), "a.b.c");
  EXPECT_EQ(parameter(query, "client_id"), "web");
  EXPECT_EQ(parameter(query, "post_logout_redirect_uri"), "https://app.example/bye");
  EXPECT_EQ(parameter(query, "state"), "s&t");
  auto metadata = journey.issuer.metadata();
  metadata.end_session_endpoint = "";
  EXPECT_EQ(client::logout_url(configuration(), metadata, {}).error().code, "logout.unsupported");
}

}  // namespace cardea::client_tokens_test
