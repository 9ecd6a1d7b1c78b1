// The contract of stock clients at the authorization endpoint, in discovery and across origins:
// what real client libraries send and expect, found by running them (interop/). Each test is a
// table over one rule, titled by its id; token_contract_test.cpp has the rest.
#include <gtest/gtest.h>

#include <set>

#include "support/authorize_answers.h"

namespace cardea::authorize_contract_test {

using test::ask;
using test::Harness;
using test::has_code;

struct StockClients : testing::Test {
  Harness harness;
  test::Browser person = test::signed_in(harness);

  json::Object discovery() {
    return test::json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  }
};

// SC02; 7636-02: PKCE is taken from everybody; to leave it out takes a confidential client set so
TEST_F(StockClients, SC02_PkceIsOptionalOnlyForAConfidentialClientSetSo) {
  harness.edit_client("cB", [](Client& client) { client.pkce = PkcePolicy::optional; });
  test::signed_in(harness, "alice", "cB");
  const http::FormPairs without{{"code_challenge", ""}, {"code_challenge_method", ""}};
  struct Row {
    const char* client;
    http::FormPairs changed;
    bool passes;
  };
  const Row rows[] = {{"cA", {}, true},       {"cB", {}, true},      {"pS", {}, true},
                      {"cA", without, false}, {"cB", without, true}, {"pS", without, false}};
  for (const auto& row : rows) {
    test::Browser browser(harness);
    const auto target = test::authorize_target(harness, row.client, row.changed);
    const auto reply = test::reply_of(browser.complete(browser.get(target)));
    EXPECT_EQ(reply.contains("code"), row.passes) << row.client << row.changed.size();
    EXPECT_EQ(reply.contains("error"), !row.passes) << row.client << row.changed.size();
  }
  auto open = harness.client("pS");
  open.pkce = PkcePolicy::optional;
  EXPECT_FALSE(check_client(open).empty());
}

// SC06; oidc-22; 9207-01: one spelling of the issuer everywhere, without path or closing slash
TEST_F(StockClients, SC06_TheIssuerIsTheSameBytesEverywhere) {
  const auto issuer = json::string_member(discovery(), "issuer").value_or("");
  EXPECT_EQ(issuer, "https://id.example");
  auto response = ask(harness, person);
  EXPECT_EQ(test::reply_of(response)["iss"], issuer);
  const auto tokens = test::redeem_reply(harness, response);
  EXPECT_EQ(json::string_member(test::claims_of(tokens.id_token), "iss"), issuer);
  for (const auto* refused : {"https://id.example/", "https://id.example/tenant/",
                              "https://ID.example", "https://id.example?x", "http://id.example"}) {
    EXPECT_FALSE(with_issuer(Settings{}, refused).ok()) << refused;
  }
}

// SC07; oidc-06: query, fragment and form_post, the last also for an ID token without a code
TEST_F(StockClients, SC07_EveryResponseModeWorks) {
  EXPECT_TRUE(has_code(harness, ask(harness, person, {{"response_mode", "query"}})));
  const auto fragment = ask(harness, person, {{"response_mode", "fragment"}});
  EXPECT_TRUE(has_code(harness, fragment));
  EXPECT_NE(test::location_of(fragment).find("/cb#"), std::string::npos);
  harness.edit_client("cA", [](Client& client) {
    client.response_types = {ResponseType::code, ResponseType::id_token};
  });
  for (const std::string type : {"code", "id_token"}) {
    http::FormPairs changed{{"response_mode", "form_post"}, {"response_type", type}};
    if (type == "id_token") {
      changed.insert(changed.end(), {{"code_challenge", ""}, {"code_challenge_method", ""}});
    }
    const auto page = ask(harness, person, changed);
    EXPECT_EQ(page.status, 200) << type;
    std::map<std::string, std::string> fields;
    for (const auto& tag : test_pages::read_tags(page.body)) {
      if (tag.name == "form") EXPECT_EQ(tag.attributes.at("action"), "https://app.example/cb");
      if (tag.name == "input") fields[tag.attributes.at("name")] = tag.attributes.at("value");
    }
    EXPECT_FALSE(fields[type].empty()) << type;
    EXPECT_FALSE(fields.contains("access_token"));
  }
}

// SC08; RFC8414-2: every member without which a client library gives up
TEST_F(StockClients, SC08_DiscoveryHoldsWhatClientsInsistOn) {
  const auto document = discovery();
  for (const auto* name :
       {"issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
        "end_session_endpoint", "revocation_endpoint", "introspection_endpoint"}) {
    EXPECT_FALSE(json::string_member(document, name).value_or("").empty()) << name;
  }
  const std::pair<const char*, std::vector<std::string>> lists[] = {
      {"response_types_supported", {"code", "id_token"}},
      {"response_modes_supported", {"query", "fragment", "form_post"}},
      {"subject_types_supported", {"public"}},
      {"id_token_signing_alg_values_supported", {"RS256"}},
      {"code_challenge_methods_supported", {"S256"}},
      {"grant_types_supported", {"authorization_code", "refresh_token"}},
      {"token_endpoint_auth_methods_supported",
       {"client_secret_basic", "client_secret_post", "none"}},
      {"scopes_supported", {"openid", "profile", "email", "groups", "offline_access"}}};
  for (const auto& [name, needed] : lists) {
    const auto found = json::strings_member(document, name).value_or(std::vector<std::string>());
    for (const auto& value : needed) {
      EXPECT_NE(std::ranges::find(found, value), found.end()) << name << " " << value;
    }
  }
}

// SC11; 9207-01: iss comes with success and with every refusal that travels
TEST_F(StockClients, SC11_IssIsInEveryAuthorizationResponse) {
  EXPECT_EQ(json::bool_member(discovery(), "authorization_response_iss_parameter_supported"), true);
  test::Browser stranger(harness);
  const std::pair<test::Browser*, http::FormPairs> rows[] = {
      {&person, {}},
      {&person, {{"scope", "bogus"}}},
      {&person, {{"response_type", "token"}}},
      {&person, {{"code_challenge", ""}}},
      {&person, {{"response_mode", "web_message"}}},
      {&stranger, {{"prompt", "none"}}}};
  for (const auto& [browser, changed] : rows) {
    const auto reply = test::reply_of(ask(harness, *browser, changed));
    ASSERT_TRUE(reply.contains("iss"));
    EXPECT_EQ(reply.at("iss"), "https://id.example");
  }
  auto page = test::visit(harness, stranger, {}, "cB");
  page = stranger.press(page, "sign-in", test::credentials());
  const auto denied = test::reply_of(stranger.press(page, "deny"));
  EXPECT_EQ(denied.at("error"), "access_denied");
  EXPECT_EQ(denied.at("iss"), "https://id.example");
}

// SC12; 6749-02: what clients leave out is legal, what they add is ignored
TEST_F(StockClients, SC12_LeavingOutAndAddingAreLegal) {
  harness.edit_client("cA", [](Client& client) { client.scope = {"openid", "profile", "email"}; });
  const std::string msal_claims =
      R"({"id_token":{"signin_state":{"essential":false},"login_hint":{"essential":false}}})";
  const std::pair<const char*, http::FormPairs> rows[] = {
      {"Auth.js: neither state nor nonce", {{"state", ""}, {"nonce", ""}}},
      {"oidc-client-ts: no nonce", {{"nonce", ""}}},
      {"passport-oauth2: no scope, no state, no nonce",
       {{"scope", ""}, {"state", ""}, {"nonce", ""}}},
      {"MSAL: telemetry and unknown claims",
       {{"client-request-id", "1"},
        {"client_info", "1"},
        {"clidata", "1"},
        {"x-client-SKU", "n"},
        {"x-client-VER", "7"},
        {"x-client-OS", "l"},
        {"x-client-CPU", "x"},
        {"x-ms-lib-capability", "r"},
        {"response_mode", "query"},
        {"claims", msal_claims}}},
      {"Auth0: audience", {{"audience", "https://api.example"}, {"auth0Client", "e30"}}}};
  for (const auto& [name, changed] : rows) {
    test::Browser browser(harness);
    const auto response =
        browser.complete(browser.get(test::authorize_target(harness, "cA", changed)));
    auto reply = test::reply_of(response);
    EXPECT_FALSE(reply["code"].empty()) << name << " " << test::location_of(response);
    const bool left_out = changed.front().first == "state" || changed.size() == 3;
    EXPECT_EQ(reply.contains("state"), !left_out) << name;
    const auto tokens = test::redeem_reply(harness, response);
    EXPECT_EQ(tokens.status, 200) << name << tokens.response.body;
  }
}

// SC17; X02: addresses of known apps, byte for byte, query and private scheme included
TEST_F(StockClients, SC17_RedirectUrisOfKnownAppsMatchExactly) {
  struct Row {
    const char* client;
    const char* registered;
    const char* presented;
    bool matches;
  };
  const char* wordpress = "https://blog.example/wp-admin/admin-ajax.php?action=openid-callback";
  const char* jellyseerr = "https://media.example/login?provider=cardea&callback=true";
  const Row rows[] = {
      {"cA", wordpress, wordpress, true},
      {"cA", wordpress, "https://blog.example/wp-admin/admin-ajax.php", false},
      {"cA", jellyseerr, jellyseerr, true},
      {"cA", jellyseerr, "https://media.example/login?callback=true&provider=cardea", false},
      {"pN", "app.immich:///oauth-callback", "app.immich:///oauth-callback", true},
      {"pN", "app.immich:///oauth-callback", "app.immich:/oauth-callback", false},
      {"pN", "http://localhost:8000", "http://localhost:8000", true},
      {"pN", "http://localhost:8000", "http://localhost:18000", true},
      {"pN", "http://127.0.0.1:3000/login-callback", "http://127.0.0.1:10001/login-callback", true},
      {"pN", "http://127.0.0.1:3000/login-callback", "http://localhost:3000/login-callback",
       false}};
  for (const auto& row : rows) {
    harness.edit_client(row.client, [&](Client& client) {
      client.redirect_uris = {"https://first.example/cb", row.registered};
    });
    test::Browser browser(harness);
    const auto target =
        test::authorize_target(harness, row.client, {{"redirect_uri", row.presented}});
    const auto response = browser.complete(browser.get(target));
    const bool went =
        response.status == 303 && test::location_of(response).starts_with(row.presented);
    EXPECT_EQ(went, row.matches) << row.presented << " " << response.status;
    if (!row.matches) EXPECT_TRUE(test::is_page(response)) << row.presented;
  }
}

// SC18; 9700-06: single-page apps and MCP may call what they need, with the headers they send
TEST_F(StockClients, SC18_BrowserClientsMayReadWhatTheyNeed) {
  const char* places[] = {"/.well-known/openid-configuration",
                          "/.well-known/oauth-authorization-server",
                          "/jwks",
                          "/token",
                          "/userinfo",
                          "/revoke"};
  for (const auto* place : places) {
    auto preflight = harness.get(place, {{"Origin", "https://spa.example"},
                                         {"Access-Control-Request-Method", "POST"},
                                         {"Access-Control-Request-Headers", "authorization"}});
    preflight.method = "OPTIONS";
    const auto answer = harness.send(std::move(preflight));
    EXPECT_EQ(answer.status, 204) << place;
    EXPECT_EQ(answer.headers.first("Access-Control-Allow-Origin"), "*") << place;
    const auto allowed = ascii::lower(answer.headers.first("Access-Control-Allow-Headers"));
    for (const auto* header : {"authorization", "content-type", "dpop", "mcp-protocol-version"}) {
      EXPECT_NE(allowed.find(header), std::string::npos) << place << " " << header;
    }
  }
  auto authorize = harness.get(
      "/authorize", {{"Origin", "https://spa.example"}, {"Access-Control-Request-Method", "GET"}});
  authorize.method = "OPTIONS";
  const auto refused = harness.send(std::move(authorize));
  EXPECT_FALSE(refused.headers.contains("Access-Control-Allow-Origin"));
}

// SC19; RFC8414-3.2: documents that are fetched twice per sign-in cost a 304
TEST_F(StockClients, SC19_DocumentsAreCheapTheSecondTime) {
  for (const auto* place :
       {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks"}) {
    const auto writes = harness.writes();
    const auto first = harness.send(harness.get(place));
    EXPECT_TRUE(first.headers.first("Cache-Control").starts_with("public, max-age=")) << place;
    const std::string etag(first.headers.first("ETag"));
    const auto again = harness.send(harness.get(place, {{"If-None-Match", etag}}));
    EXPECT_EQ(again.status, 304) << place;
    EXPECT_TRUE(again.body.empty());
    EXPECT_EQ(harness.writes(), writes) << place;
  }
}

// SC22; oidc-05: offline_access is asked for aloud, and prompt=none answers without a page
TEST_F(StockClients, SC22_OfflineAccessByConsentAndSilentRenewalByPromptNone) {
  auto page =
      test::visit(harness, person, {{"scope", "openid offline_access"}, {"prompt", "consent"}});
  ASSERT_TRUE(test::offers(page, "allow"));
  const auto approved = person.press(page, "allow");
  EXPECT_FALSE(test::redeem_reply(harness, approved).refresh_token.empty());
  test::Browser stranger(harness);
  EXPECT_TRUE(has_code(harness, ask(harness, person, {{"prompt", "none"}})));
  EXPECT_TRUE(
      test::is_told(harness, ask(harness, stranger, {{"prompt", "none"}}), "login_required"));
  // Inside an iframe the answer is a redirect to the app; our own pages refuse to be framed.
  page = test::visit(harness, stranger);
  EXPECT_NE(page.headers.first("Content-Security-Policy").find("frame-ancestors 'none'"),
            std::string_view::npos);
}

}  // namespace cardea::authorize_contract_test
