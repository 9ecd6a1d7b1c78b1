// The contract of stock clients at the token endpoint and userinfo, and what must be in a token;
// authorize_contract_test.cpp has the rest. Each test is a table over one rule, titled by its id.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "support/authorize_answers.h"

namespace cardea::token_contract_test {

using test::Harness;

http::FormPairs with_credentials(http::FormPairs form, const std::string& client) {
  form.insert(form.end(), {{"client_id", client}, {"client_secret", test::secret_of(client)}});
  return form;
}

std::string raw_basic(std::string_view id, std::string_view secret) {
  return "Basic " + base64_encode(std::string(id) + ":" + std::string(secret));
}

// SC01; oidc-23: RS256 unless the client says otherwise, and discovery lists what signs, no more
TEST(StockClientTokens, SC01_Rs256UnlessTheClientSaysOtherwise) {
  using crypto::SignatureAlgorithm;
  Harness harness;
  EXPECT_EQ(Client{}.id_token_signed_response_alg, SignatureAlgorithm::RS256);
  const auto document =
      test::json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  const auto listed = json::strings_member(document, "id_token_signing_alg_values_supported");
  std::vector<std::string> signs;
  for (const auto algorithm : harness.settings.signing_algorithms) {
    harness.edit_client("cA",
                        [&](Client& client) { client.id_token_signed_response_alg = algorithm; });
    const auto header = test::header_of(harness.sign_up_tokens().id_token);
    signs.push_back(json::string_member(header, "alg").value_or(""));
    EXPECT_EQ(signs.back(), jose::name_of(algorithm));
  }
  EXPECT_EQ(listed, signs);
  EXPECT_EQ(signs.front(), "RS256");
}

// SC03; 6749-07: the secret in the header or in the body, unless the registration pins one
TEST(StockClientTokens, SC03_BasicAndPostAreBothTaken) {
  using Pinned = std::optional<ClientAuthMethod>;
  struct Row {
    Pinned pinned;
    bool basic_passes;
    bool post_passes;
  };
  const Row rows[] = {{std::nullopt, true, true},
                      {ClientAuthMethod::client_secret_basic, true, false},
                      {ClientAuthMethod::client_secret_post, false, true}};
  Harness harness;
  for (const auto& row : rows) {
    harness.edit_client("cA",
                        [&](Client& client) { client.token_endpoint_auth_method = row.pinned; });
    const auto by_basic = harness.redeem("cA", harness.issue_code());
    const auto by_post = test::tokens_of(harness.send(
        harness.post("/token", with_credentials(harness.redeem_form(harness.issue_code()), "cA"))));
    EXPECT_EQ(by_basic.status == 200, row.basic_passes) << by_basic.response.body;
    EXPECT_EQ(by_post.status == 200, row.post_passes) << by_post.response.body;
  }
}

// SC04; 6749-14: whatever goes wrong first, the same code still works for its client
TEST(StockClientTokens, SC04_AFailedAttemptSpendsNothing) {
  Harness harness;
  harness.edit_client("cA", [](Client& client) {
    client.token_endpoint_auth_method = ClientAuthMethod::client_secret_post;
  });
  const auto code = harness.issue_code();
  const auto form = harness.redeem_form(code);
  auto other_verifier = form, other_redirect = form;
  for (auto& [name, value] : other_verifier) {
    if (name == "code_verifier") value = std::string(43, 'x');
  }
  for (auto& [name, value] : other_redirect) {
    if (name == "redirect_uri") value = "https://app.example/other";
  }
  auto wrong_secret = form;
  wrong_secret.insert(wrong_secret.end(), {{"client_id", "cA"}, {"client_secret", "wrong"}});
  // Go's x/oauth2 tries Basic, and on any error the same code with the secret in the body.
  const std::pair<const char*, http::Request> attempts[] = {
      {"invalid_client", harness.as_client("cA", "/token", form)},
      {"invalid_client", harness.post("/token", wrong_secret)},
      {"invalid_client", harness.post("/token", form)},
      {"invalid_grant", harness.post("/token", with_credentials(form, "cB"))},
      {"invalid_grant", harness.post("/token", with_credentials(other_verifier, "cA"))},
      {"invalid_grant", harness.post("/token", with_credentials(other_redirect, "cA"))}};
  for (const auto& [error, request] : attempts) {
    EXPECT_EQ(test::error_of(harness.send(request)), error);
  }
  const auto answer = harness.send(harness.post("/token", with_credentials(form, "cA")));
  EXPECT_EQ(answer.status, 200) << answer.body;
}

// SC05; 6749-08: three ways to write Basic, one meaning; what we generate looks the same in all
TEST(StockClientTokens, SC05_BasicIsUnderstoodEncodedAndRaw) {
  Harness harness;
  const std::string id = "c-1_x.y~z";
  const std::string secret = "a secret: with/slash + plus, 100% and more than 32";
  auto client = harness.client("cc");
  client.client_id = ClientId(id);
  client.secrets.front().sha256 = crypto::sha256(secret);
  harness.put_client(client);
  const std::string fully =
      "a%20secret%3A%20with%2Fslash%20%2B%20plus%2C%20100%25%20and%20more%20"
      "than%2032";
  const std::string headers[] = {raw_basic("c%2D1%5Fx%2Ey%7Ez", url::form_encode(secret)),
                                 raw_basic(id, url::form_encode(secret)), raw_basic(id, fully),
                                 raw_basic(id, secret)};
  for (const auto& header : headers) {
    const auto answer = harness.send(
        harness.post("/token", {{"grant_type", "client_credentials"}, {"scope", "notes.read"}},
                     {{"Authorization", header}}));
    EXPECT_EQ(answer.status, 200) << header << answer.body;
  }
  const auto other = harness.send(harness.post("/token", {{"grant_type", "client_credentials"}},
                                               {{"Authorization", raw_basic(id, secret + "x")}}));
  EXPECT_EQ(test::error_of(other), "invalid_client");
}

// SC09; 6749-18: every JSON answer says that it is JSON, errors too
TEST(StockClientTokens, SC09_JsonIsCalledJson) {
  Harness harness;
  const auto tokens = harness.sign_up_tokens();
  const http::Response answers[] = {
      tokens.response,
      harness.send(harness.post("/token", {{"grant_type", "authorization_code"}})),
      harness.send(harness.get("/.well-known/openid-configuration")),
      harness.send(harness.get("/.well-known/oauth-authorization-server")),
      harness.send(harness.get("/jwks")),
      harness.userinfo(tokens.access_token),
      harness.send(harness.as_client("api", "/introspect", {{"token", tokens.access_token}}))};
  for (const auto& answer : answers) {
    EXPECT_TRUE(answer.headers.first("Content-Type").starts_with("application/json"))
        << answer.body;
    EXPECT_TRUE(json::parse_object(answer.body).has_value());
  }
}

// SC10; 6749-30: no member is null, token_type is always there, expires_in is a number
TEST(StockClientTokens, SC10_NoMemberOfATokenAnswerIsNull) {
  Harness harness;
  const auto full = harness.sign_up_tokens();
  const http::Response answers[] = {
      full.response, harness.sign_up_tokens({.scope = "openid", .nonce = ""}).response,
      harness.sign_up_tokens({.scope = "profile"}).response,
      harness.refresh("cA", full.refresh_token).response,
      harness.send(harness.as_client(
          "cc", "/token", {{"grant_type", "client_credentials"}, {"scope", "notes.read"}}))};
  for (const auto& answer : answers) {
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto body = test::json_of(answer);
    for (const auto& member : body.members()) EXPECT_FALSE(member.value.is_null()) << member.name;
    EXPECT_EQ(json::string_member(body, "token_type"), "Bearer");
    EXPECT_GT(json::integer_member(body, "expires_in").value_or(0), 0);
  }
}

// SC13; 6749-02: a code exchange may carry scope and telemetry; they change nothing
TEST(StockClientTokens, SC13_ExtraParametersOfAnExchangeAreIgnored) {
  Harness harness;
  const http::FormPairs rows[] = {
      {{"scope", "openid profile email"}},  // omniauth, MSAL
      {{"scope", "something else"}},
      {{"client_info", "1"},
       {"x-client-SKU", "msal.js.node"},
       {"x-ms-lib-capability", "retry"},
       {"claims", R"({"id_token":{"signin_state":{"essential":false}}})"}},
      {{"state", "x"}, {"response_type", "code"}, {"audience", "https://api.example"}}};
  for (const auto& extra : rows) {
    auto form = harness.redeem_form(harness.issue_code({.scope = "openid email"}));
    form.insert(form.end(), extra.begin(), extra.end());
    auto request = harness.as_client("cA", "/token", form);
    request.target += "?client-request-id=1";  // MSAL
    const auto tokens = test::tokens_of(harness.send(std::move(request)));
    EXPECT_EQ(tokens.status, 200) << extra.front().second << tokens.response.body;
    EXPECT_TRUE(tokens.scope.empty() || tokens.scope == "openid email") << tokens.scope;
  }
}

// SC14; oidc-09: scope claims are in the ID token, unless the client asks for a small one
TEST(StockClientTokens, SC14_ScopeClaimsAreInTheIdToken) {
  Harness harness;
  const char* claims[] = {"name", "email", "email_verified", "groups"};
  for (const auto kind : {IdTokenClaims::scopes, IdTokenClaims::minimal}) {
    harness.edit_client("cA", [&](Client& client) { client.id_token_claims = kind; });
    const auto tokens = harness.sign_up_tokens({.scope = "openid profile email groups"});
    const auto token = test::claims_of(tokens.id_token);
    const auto userinfo = test::json_of(harness.userinfo(tokens.access_token));
    for (const auto* claim : claims) {
      EXPECT_EQ(token.contains(claim), kind == IdTokenClaims::scopes) << claim;
      EXPECT_TRUE(userinfo.contains(claim)) << claim;
    }
  }
  EXPECT_EQ(Client{}.id_token_claims, IdTokenClaims::scopes);
}

// SC15; 6749-20: the granted scope comes back as it was asked for, order and all
TEST(StockClientTokens, SC15_TheGrantedScopeIsEchoedUnchanged) {
  Harness harness;
  for (const std::string scope : {"openid", "email openid profile", "openid profile email groups",
                                  "openid email calendar.read"}) {
    const auto tokens = harness.sign_up_tokens({.scope = scope});
    EXPECT_TRUE(tokens.scope.empty() || tokens.scope == scope) << tokens.scope;
  }
  const auto wide = harness.sign_up_tokens({.scope = "openid email offline_access"});
  EXPECT_EQ(harness.refresh("cA", wide.refresh_token, {{"scope", "openid"}}).scope, "openid");
}

// SC16; OIDCCORE-5.1: email_verified is a boolean wherever it is told
TEST(StockClientTokens, SC16_EmailVerifiedIsABoolean) {
  Harness harness;
  for (const bool verified : {true, false}) {
    harness.edit_user("alice",
                      [&](UserRecord& user) { user.claims.set("email_verified", verified); });
    const auto tokens = harness.sign_up_tokens({.scope = "openid email"});
    EXPECT_EQ(json::bool_member(test::claims_of(tokens.id_token), "email_verified"), verified);
    EXPECT_EQ(
        json::bool_member(test::json_of(harness.userinfo(tokens.access_token)), "email_verified"),
        verified);
  }
}

// SC20; oidc-11: userinfo by GET and POST, token in header or body, always the same sub
TEST(StockClientTokens, SC20_UserinfoAnswersGetAndPostWithTheSameSub) {
  Harness harness;
  const auto tokens = harness.sign_up_tokens();
  const auto sub = json::string_member(test::claims_of(tokens.id_token), "sub");
  const http::Headers bearer{{"Authorization", "Bearer " + tokens.access_token}};
  auto empty_post = harness.get("/userinfo", bearer);
  empty_post.method = "POST";
  const http::Request requests[] = {
      harness.get("/userinfo", bearer), empty_post, harness.post("/userinfo", {}, bearer),
      harness.post("/userinfo", {{"access_token", tokens.access_token}})};
  for (const auto& request : requests) {
    const auto answer = harness.send(request);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(json::string_member(test::json_of(answer), "sub"), sub);
  }
}

// SC21; oidc-02: times are whole seconds of one clock, and none lies in the future but exp
TEST(StockClientTokens, SC21_TimesAreIntegersOfOneClock) {
  Harness harness({.now = Instant{test::start.unix_ms + 999}});
  harness.edit_client("cA", [](Client& client) { client.require_auth_time = true; });
  const auto first = harness.sign_up_tokens({.scope = "openid offline_access"});
  harness.clock.advance(minutes(5));
  const auto second = harness.refresh("cA", first.refresh_token);
  for (const auto* tokens : {&first, &second}) {
    const auto claims = test::claims_of(tokens->id_token);
    const auto now =
        (tokens == &first ? harness.clock.now() - minutes(5) : harness.clock.now()).unix_seconds();
    EXPECT_EQ(json::integer_member(claims, "iat"), now);
    EXPECT_EQ(json::integer_member(claims, "exp"), now + 600);
    EXPECT_LE(json::integer_member(claims, "auth_time").value_or(now + 1), now);
  }
}

}  // namespace cardea::token_contract_test
