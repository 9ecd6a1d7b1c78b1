// Grants for several resources, and tokens for some of them. RFC 8707 2; decision Q5.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/further_grants.h"
#include "support/html_reader.h"

namespace cardea::several_resources_test {

using namespace test;

using Texts = std::vector<std::string>;

// An API whose tokens have the form of `api`'s, with another one to introspect them.
const std::string files = "https://files.example";
const std::string every_scope = "openid profile offline_access calendar.read files.read notes.read";

HarnessOptions with_three_resources() {
  return {.settings = [](Settings& settings) {
    settings.trusted_issuers = {trusted_partner()};
    settings.trusted_issuers.front().scopes.push_back("files.read");
    settings.resources.push_back({.identifier = ResourceId(files),
                                  .scopes = {"files.read"},
                                  .introspection_clients = {ClientId("cB")}});
  }};
}

struct Rfc8707Several : FurtherGrants {
  Rfc8707Several() : FurtherGrants(with_three_resources()) {
    for (const auto* client : {"cA", "cB", "cK", "cc"}) {
      harness.edit_client(client, [](Client& it) { it.scope.push_back("files.read"); });
    }
    harness.edit_client("cA", [](Client& it) { it.token_exchange->resources.emplace_back(files); });
  }

  static http::FormPairs naming(const Texts& resources, const std::string& scope = every_scope) {
    http::FormPairs form{{"scope", scope}};
    for (const auto& resource : resources) form.emplace_back("resource", resource);
    return form;
  }
  // What the person's grant for these gives, by the code; `more` goes into the token request.
  Tokens granted(const Texts& resources, const http::FormPairs& more = {},
                 const std::string& scope = every_scope) {
    return redeem(browser.authorize("cA", naming(resources, scope)), more);
  }
  Tokens redeem(const http::Response& response, const http::FormPairs& more = {}) {
    http::FormPairs form{{"grant_type", "authorization_code"},
                         {"code", reply_of(response)["code"]},
                         {"redirect_uri", "https://app.example/cb"},
                         {"code_verifier", verifier}};
    form.insert(form.end(), more.begin(), more.end());
    return tokens_of(harness.send(harness.as_client("cA", "/token", form)));
  }
  Texts audience(const std::string& token, const std::string& caller = "cA") {
    return json::strings_member(harness.introspect(token, caller), "aud").value_or(Texts{});
  }
  std::string last_rule() {
    const auto last = harness.watcher.last();
    return last.refusal ? std::string(last.refusal->rule) : "";
  }
  testing::AssertionResult is_refused(const Tokens& tokens, std::string_view rule) {
    if (auto json = is_json_refusal(tokens.response, 400, "invalid_target"); !json) return json;
    if (last_rule() != rule) return testing::AssertionFailure() << last_rule();
    return testing::AssertionSuccess();
  }
};

// RFC8707-2.1; RFC8707-2.2; 8707-02; 8707-06: an authorization request names several; each token is
// for the one that is named
TEST_F(Rfc8707Several, S2_1_EachTokenIsForTheOneThatIsNamed) {
  const auto first =
      granted({api, notes}, {{"resource", api}}, "openid offline_access calendar.read notes.read");
  ASSERT_EQ(first.status, 200) << first.response.body;
  EXPECT_EQ(first.scope, "openid offline_access calendar.read");
  EXPECT_EQ(json::strings_member(claims_of(first.access_token), "aud"),
            (Texts{api, "https://id.example"}));
  EXPECT_EQ(json::string_member(claims_of(first.access_token), "scope"), first.scope);
  // RFC 8707 2.2: the refresh token carries the whole grant.
  const auto second = harness.refresh("cA", first.refresh_token, {{"resource", notes}});
  ASSERT_EQ(second.status, 200) << second.response.body;
  EXPECT_TRUE(second.access_token.starts_with("at1_"));
  EXPECT_EQ(second.scope, "openid offline_access notes.read");
  EXPECT_EQ(audience(second.access_token), (Texts{notes, "https://id.example"}));
  EXPECT_FALSE(second.id_token.empty());
  const auto third = harness.refresh("cA", second.refresh_token, {{"resource", api}});
  EXPECT_EQ(third.scope, "openid offline_access calendar.read");
}

// RFC8707-2.2; 8707-03: without a name the token is for all that was granted, its audience a list
TEST_F(Rfc8707Several, S2_2_WithoutANameForAll) {
  const std::string scope = "openid offline_access calendar.read files.read";
  const auto first = granted({api, files}, {}, scope);
  ASSERT_EQ(first.status, 200) << first.response.body;
  EXPECT_EQ(first.scope, scope);
  EXPECT_EQ(json::strings_member(claims_of(first.access_token), "aud"),
            (Texts{api, files, "https://id.example"}));
  EXPECT_EQ(harness.userinfo(first.access_token).status, 200);
  const auto narrowed = harness.refresh("cA", first.refresh_token, {{"resource", files}});
  EXPECT_EQ(narrowed.scope, "openid offline_access files.read");
  EXPECT_EQ(audience(narrowed.access_token), (Texts{files, "https://id.example"}));
  const auto whole =
      harness.refresh("cA", narrowed.refresh_token, {{"resource", files}, {"resource", api}});
  EXPECT_EQ(whole.scope, scope);
  EXPECT_EQ(audience(whole.access_token), (Texts{files, api, "https://id.example"}));
  // The issuer is in it for openid alone (decision Q5).
  const auto without_openid =
      harness.refresh("cA", whole.refresh_token, {{"scope", "calendar.read files.read"}});
  EXPECT_EQ(audience(without_openid.access_token), (Texts{api, files}));
}

// RFC8707-3; 8707-04: resources whose tokens differ share none; nothing is spent by asking
TEST_F(Rfc8707Several, S3_NoTokenForResourcesWhoseTokensDiffer) {
  const auto response = browser.authorize("cA", naming({api, files, notes}));
  const auto writes = harness.writes();
  EXPECT_TRUE(is_refused(redeem(response), "CARDEA-RESOURCE-007"));
  EXPECT_TRUE(is_refused(redeem(response, {{"resource", api}, {"resource", notes}}),
                         "CARDEA-RESOURCE-007"));
  EXPECT_EQ(harness.writes(), writes);
  const auto tokens = redeem(response, {{"resource", api}, {"resource", files}});
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_TRUE(is_refused(harness.refresh("cA", tokens.refresh_token), "CARDEA-RESOURCE-007"));
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token, {{"resource", notes}}).status, 200);
}

// RFC8707-3; 8707-04: another algorithm is another form
TEST(Rfc8707Forms, S3_AnotherAlgorithmIsAnotherForm) {
  Harness server({.settings = [](Settings& settings) {
    settings.resources.push_back({.identifier = ResourceId(files),
                                  .access_token_signing_alg = crypto::SignatureAlgorithm::EdDSA,
                                  .scopes = {"calendar.read"}});
  }});
  const auto ask = [&](const Texts& resources) {
    http::FormPairs form{{"grant_type", "client_credentials"}, {"scope", "calendar.read"}};
    for (const auto& resource : resources) form.emplace_back("resource", resource);
    return server.send(server.as_client("cc", "/token", form));
  };
  EXPECT_TRUE(is_json_refusal(ask({api, files}), 400, "invalid_target"));
  EXPECT_EQ(server.watcher.last().refusal->rule, "CARDEA-RESOURCE-007");
  EXPECT_EQ(ask({files}).status, 200);
}

// RFC8707-2.2; 8707-05: a resource outside of the grant is refused, whoever else was granted it
TEST_F(Rfc8707Several, S2_2_OutsideOfTheGrant) {
  const auto response = browser.authorize(
      "cA", naming({api, files}, "openid offline_access calendar.read files.read"));
  const auto writes = harness.writes();
  for (const auto& outside : {notes, std::string("https://unknown.example"), api + "/",
                              std::string("HTTPS://api.example"), std::string("x")}) {
    EXPECT_TRUE(is_refused(redeem(response, {{"resource", outside}}), "CARDEA-RESOURCE-006"));
    EXPECT_TRUE(is_refused(redeem(response, {{"resource", api}, {"resource", outside}}),
                           "CARDEA-RESOURCE-006"));
  }
  EXPECT_EQ(harness.writes(), writes);
  const auto tokens = redeem(response);
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_TRUE(is_refused(harness.refresh("cA", tokens.refresh_token, {{"resource", notes}}),
                         "CARDEA-RESOURCE-006"));
}

// RFC8707-2; 8707-01: each value is judged, the same one again says nothing new, and 10 are enough
TEST_F(Rfc8707Several, S2_EachIsJudgedAndTheyAreBounded) {
  const auto refused = [&](const Texts& resources, std::string_view rule) {
    const auto response = ask(harness, browser, naming(resources));
    if (last_rule() != rule) return testing::AssertionFailure() << last_rule();
    return is_told(harness, response, "invalid_target");
  };
  EXPECT_TRUE(refused({api, files, notes, "api"}, "CARDEA-RESOURCE-001"));
  EXPECT_TRUE(refused({api, files, notes, "https://x.example#y"}, "CARDEA-RESOURCE-001"));
  EXPECT_TRUE(refused({"https://unknown.example", api, files, notes}, "CARDEA-RESOURCE-002"));
  EXPECT_TRUE(refused({api, files}, "CARDEA-RESOURCE-004"));  // notes.read is of neither
  const Texts as_many(limits::resources_max, api);
  EXPECT_TRUE(refused(Texts(limits::resources_max + 1, api), "CARDEA-RESOURCE-003"));
  const auto tokens = granted(as_many, {}, "openid offline_access calendar.read");
  EXPECT_EQ(audience(tokens.access_token), (Texts{api, "https://id.example"}));
  http::FormPairs too_many;
  for (std::size_t i = 0; i <= limits::resources_max; ++i) too_many.emplace_back("resource", api);
  EXPECT_TRUE(
      is_refused(harness.refresh("cA", tokens.refresh_token, too_many), "CARDEA-RESOURCE-003"));
  // A thousand are more parameters than a form may have.
  http::FormPairs form{{"grant_type", "client_credentials"}};
  for (int i = 0; i < 1000; ++i) form.emplace_back("resource", "urn:" + std::to_string(i));
  EXPECT_EQ(harness.send(harness.as_client("cc", "/token", form)).status, 400);
}

// RFC8707-2.2; RFC9068-2.2.3; 8707-06: a token says the scopes that mean something at its audience
TEST_F(Rfc8707Several, S2_2_NoScopeIsLeft) {
  const auto tokens = granted({api, files}, {}, "offline_access calendar.read files.read");
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_TRUE(is_refused(harness.refresh("cA", tokens.refresh_token,
                                         {{"scope", "calendar.read"}, {"resource", files}}),
                         "CARDEA-RESOURCE-004"));
  const auto narrowed = harness.refresh(
      "cA", tokens.refresh_token, {{"scope", "calendar.read files.read"}, {"resource", files}});
  EXPECT_EQ(narrowed.scope, "files.read");
  EXPECT_EQ(audience(narrowed.access_token), Texts{files});
}

// RFC8707-2; 8707-02: people see where it works, and an approval holds for what they saw
TEST_F(Rfc8707Several, S2_ThePersonSeesAllOfThem) {
  const auto sign_in = visit(harness, browser, naming({api, notes}, "openid calendar.read"));
  const auto page = browser.press(sign_in, "sign-in", credentials());
  const auto text = test_pages::read_text(page.body);
  EXPECT_NE(text.find(api), std::string::npos) << text;
  EXPECT_NE(text.find(notes), std::string::npos) << text;
  EXPECT_FALSE(reply_of(browser.press(page, "allow"))["code"].empty());
  const auto none = [&](const Texts& resources) {
    auto form = naming(resources, "openid calendar.read");
    form.emplace_back("prompt", "none");
    return ask(harness, browser, form);
  };
  EXPECT_TRUE(has_code(harness, none({notes, api})));
  EXPECT_TRUE(is_told(harness, none({api, notes, files}), "consent_required"));
}

// RFC8707-2.1; 8707-02: pushed, and in an object where they are an array
TEST_F(Rfc8707Several, S2_1_PushedAndInAnObject) {
  auto form = authorize_form(harness, "cA", {{"scope", "openid calendar.read files.read"}});
  form.emplace_back("resource", api);
  form.emplace_back("resource", files);
  const auto pushed = json_of(harness.send(harness.as_client("cA", "/par", form)));
  const auto uri = json::string_member(pushed, "request_uri").value_or("");
  const auto response = browser.complete(
      browser.get("/authorize?" + http::write_form({{"client_id", "cA"}, {"request_uri", uri}})));
  EXPECT_EQ(audience(redeem(response).access_token), (Texts{api, files, "https://id.example"}));

  const auto object = harness.request_object(
      {{"scope", "openid calendar.read files.read"}, {"resource", json::Array{api, files}}});
  const auto answer = browser.complete(
      browser.get("/authorize?" + http::write_form({{"client_id", "cK"}, {"request", object}})));
  const auto tokens = redeem_reply(harness, answer, "cK", "https://k.example/cb");
  EXPECT_EQ(json::strings_member(claims_of(tokens.access_token), "aud"),
            (Texts{api, files, "https://id.example"}));
  json::Array many;
  for (int i = 0; i < 1000; ++i) many.emplace_back("urn:" + std::to_string(i));
  const auto refused = browser.get(
      "/authorize?" +
      http::write_form({{"client_id", "cK"},
                        {"request", harness.request_object({{"resource", std::move(many)}})}}));
  EXPECT_TRUE(is_told(harness, refused, "invalid_target", "https://k.example/cb"));
}

// RFC8707-2; RFC8628-3.1; 8707-02: so do devices, whose polls name what they want
TEST_F(Rfc8707Several, S2_Devices) {
  const auto started = json_of(ask_for_device("cA", naming({api, notes},
                                                           "openid calendar.read "
                                                           "notes.read")));
  const auto poll = [&](const Texts& resources) {
    auto request = poll_request(text_in(started, "device_code"));
    for (const auto& each : resources) {
      request.body += "&" + http::write_form({{"resource", each}});
    }
    return tokens_of(harness.send(request));
  };
  EXPECT_TRUE(is_refused(poll({}), "CARDEA-RESOURCE-007"));
  EXPECT_TRUE(is_refused(poll({files}), "CARDEA-RESOURCE-006"));
  EXPECT_EQ(poll({notes}).error, "authorization_pending");
  allow(browser, started);
  harness.clock.advance(Seconds{6});
  const auto tokens = poll({notes});
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_EQ(audience(tokens.access_token), (Texts{notes, "https://id.example"}));
  EXPECT_EQ(tokens.scope, "openid notes.read");
}

// RFC8707-2; CIBACore-7.1; 8707-02: and backchannel requests
TEST_F(Rfc8707Several, S2_BackchannelRequests) {
  auto form = naming({api, files}, "openid calendar.read files.read");
  const auto id = asked(form);
  const auto account = enter_account(browser);
  EXPECT_NE(test_pages::read_text(account.body).find(files), std::string::npos);
  browser.press(account, "allow");
  const auto tokens = poll_ciba(id);
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_EQ(audience(tokens.access_token), (Texts{api, files, "https://id.example"}));
}

// RFC8707-2.2; RFC7523-2.1; RFC8693-2.1; 8707-03: grants without a browser give one token for them
TEST_F(Rfc8707Several, S2_2_AtOnce) {
  const auto both = naming({api, files}, "calendar.read files.read");
  http::FormPairs own{{"grant_type", "client_credentials"}};
  own.insert(own.end(), both.begin(), both.end());
  const auto credentials = tokens_of(harness.send(harness.as_client("cc", "/token", own)));
  EXPECT_EQ(json::strings_member(claims_of(credentials.access_token), "aud"), (Texts{api, files}));
  const auto borne = bear(partner_assertion(), "cA", both);
  EXPECT_EQ(json::strings_member(claims_of(borne.access_token), "aud"), (Texts{api, files}));

  const auto subject = granted({api, files}, {}, "openid calendar.read files.read");
  const auto exchanged = exchange(subject.access_token, {{"resource", files}});
  ASSERT_EQ(exchanged.status, 200) << exchanged.response.body;
  EXPECT_EQ(json::strings_member(claims_of(exchanged.access_token), "aud"), (Texts{api, files}));
  EXPECT_EQ(exchanged.scope, "calendar.read files.read");
  EXPECT_TRUE(
      is_refused(exchange(subject.access_token, {{"audience", notes}}), "CARDEA-RESOURCE-007"));
  harness.edit_client("cA", [](Client& it) { it.token_exchange->resources = {ResourceId(api)}; });
  EXPECT_TRUE(
      is_refused(exchange(subject.access_token, {{"resource", files}}), "CARDEA-EXCHANGE-007"));
  // An assertion whose request is refused was not used.
  const auto assertion = partner_assertion();
  EXPECT_TRUE(is_refused(bear(assertion, "cA", naming({api, notes}, "calendar.read")),
                         "CARDEA-RESOURCE-007"));
  EXPECT_EQ(bear(assertion, "cA", naming({api}, "calendar.read")).status, 200);
}

// RFC7662-2.2; RFC7662-4; Q21; 8707-07: an API learns of a token what the token says to it
TEST_F(Rfc8707Several, S2_2_AnApiSeesItsPart) {
  const std::string scope = "openid calendar.read files.read";
  const auto token = granted({api, files}, {}, scope).access_token;
  const auto at_files = harness.introspect(token, "cB");
  EXPECT_EQ(json::bool_member(at_files, "active"), true);
  EXPECT_EQ(json::strings_member(at_files, "aud"), (Texts{files, "https://id.example"}));
  EXPECT_EQ(json::string_member(at_files, "scope"), "openid files.read");
  const auto at_api = harness.introspect(token, "api");
  EXPECT_EQ(json::strings_member(at_api, "aud"), (Texts{api, "https://id.example"}));
  EXPECT_EQ(json::string_member(at_api, "scope"), "openid calendar.read");
  EXPECT_EQ(json::string_member(harness.introspect(token, "cA"), "scope"), scope);
  EXPECT_FALSE(harness.is_active(token, "cK"));
}

}  // namespace cardea::several_resources_test
