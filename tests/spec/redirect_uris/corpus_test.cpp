// The redirect-URI attack corpus through Server::handle, under serve policy: every triple of 3.2,
// the parameter-level rows X01 to X30 of 3.3 (PAR, request objects and the native success page come
// with their features), and the internal return targets of 3.6.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <set>

#include "support/authorize_answers.h"
#include "support/source_dir.h"

namespace cardea::redirect_corpus_test {

using test::ask;
using test::is_page;

struct Triple {
  std::string id;
  std::string kind;
  std::string registered;
  std::optional<std::string> presented;
  bool is_ok = false;
};

std::vector<Triple> triples() {
  std::vector<Triple> rows;
  std::ifstream file(support::source_dir() + "/tests/vectors/redirect-uris.tsv");
  std::string line;
  std::getline(file, line);  // the head
  while (std::getline(file, line)) {
    const auto cells = ascii::split(line, '\t');
    if (cells.size() < 5) continue;
    Triple row{
        std::string(cells[0]), std::string(cells[1]), std::string(cells[2]), {}, cells[4] == "ok"};
    if (cells[3] == "(registered+9000a)") {
      row.presented = row.registered + std::string(9000, 'a');
    } else if (cells[3] != "(absent)") {
      row.presented = *json::parse(cells[3])->if_string();
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

struct RedirectCorpus : testing::TestWithParam<Triple> {
  // One server for all rows: each row registers its client anew. It ends with the suite, while the
  // libraries it uses are still there.
  static void SetUpTestSuite() {
    shared_harness = std::make_unique<test::Harness>();
    shared_person = std::make_unique<test::Browser>(test::signed_in(*shared_harness));
  }
  static void TearDownTestSuite() {
    shared_person.reset();
    shared_harness.reset();
  }
  static inline std::unique_ptr<test::Harness> shared_harness;
  static inline std::unique_ptr<test::Browser> shared_person;

  test::Harness& harness = *shared_harness;

  void SetUp() override {
    const Triple& row = GetParam();
    harness.edit_client("pS", [&](Client& it) {
      it.application_type = row.kind == "native" ? ApplicationType::native : ApplicationType::web;
      it.development = row.kind == "web-development";
      it.redirect_uris = {row.registered};
    });
  }
  std::string target(const http::FormPairs& changed = {}) const {
    auto pairs = changed;
    pairs.emplace_back("redirect_uri", GetParam().presented.value_or(""));
    return test::authorize_target(harness, "pS", pairs);
  }
};

// What of a presented value could lead away, if it were in the page.
std::vector<std::string> traces_of(const std::string& presented) {
  std::vector<std::string> traces{"evil.test"};
  if (presented.size() > 8) traces.push_back(presented.substr(0, 100));
  return traces;
}

void expect_page(const http::Response& response, const std::string& presented) {
  EXPECT_TRUE(is_page(response));
  for (const auto& tag : test_pages::read_tags(response.body)) {
    for (const auto& [name, value] : tag.attributes) {
      for (const std::string& trace : traces_of(presented)) {
        EXPECT_EQ(value.find(trace), std::string::npos) << tag.name << " " << name;
      }
    }
  }
}

// RFC9700-4.1.3; 9700-01; asvs-10.4.1; 21-01: U-A01 to U-H11, each with and without a session, with
// prompt=none, with a bad response_type and in every response mode
TEST_P(RedirectCorpus, S4_1_3_EveryRowHolds) {
  const Triple& row = GetParam();
  test::Browser& person = *shared_person;
  test::Browser nobody(harness);
  const std::string presented = row.presented.value_or("");
  for (test::Browser* browser : {&person, &nobody}) {
    for (const http::FormPairs& more : {http::FormPairs{}, http::FormPairs{{"prompt", "none"}},
                                        http::FormPairs{{"response_type", "bogus"}},
                                        http::FormPairs{{"response_mode", "fragment"}},
                                        http::FormPairs{{"response_mode", "form_post"}}}) {
      const auto before = harness.writes();
      const auto response = browser->get(target(more));
      if (!row.is_ok) {
        expect_page(response, presented);
        EXPECT_EQ(harness.writes(), before);
      } else if (!more.empty() && more[0].second != "form_post" && more[0].second != "fragment") {
        EXPECT_TRUE(test::goes_to(response, presented));
      } else {
        EXPECT_EQ(response.status, 303);
      }
    }
  }
}

// RFC9700-4.1.3; 9700-01: an ok row really ends at exactly that address, with a code that works
TEST_P(RedirectCorpus, S4_1_3_AnOkRowEndsThere) {
  const Triple& row = GetParam();
  test::Browser browser(harness);
  const auto response = browser.complete(browser.get(target()));
  if (!row.is_ok) {
    EXPECT_TRUE(is_page(response));
    return;
  }
  EXPECT_TRUE(test::has_code(harness, response, *row.presented));
  EXPECT_EQ(test::redeem_reply(harness, response, "pS", *row.presented).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Rows, RedirectCorpus, testing::ValuesIn(triples()), [](const auto& info) {
  std::string name = info.param.id;
  std::erase(name, '-');
  return name;
});

struct RedirectParameters : testing::Test {
  test::Harness harness;
  test::Browser browser{harness};
  static inline const std::string good = "https://app.example/cb";
  static inline const std::string evil = "https://evil.test/cb";

  http::Response ask_raw(const std::string& more, const http::FormPairs& changed = {}) {
    return browser.get(test::authorize_target(harness, "cA", changed) + more);
  }
  // The sign-in page is shown, and the whole way ends at the good address.
  testing::AssertionResult ends_well(const http::Response& response) {
    return test::has_code(harness, browser.complete(response));
  }
  http::Request with_body(std::string body, std::string type) {
    auto request = harness.post("/authorize", {});
    request.body = std::move(body);
    request.headers.set("Content-Type", type);
    return request;
  }
};

// RFC6749-3.1; X01; X02; X03: redirect_uri twice, in any order, also identical
TEST_F(RedirectParameters, S3_1_X01_Twice) {
  const std::string more_evil = "&redirect_uri=" + url::encode(evil);
  const std::string more_good = "&redirect_uri=" + url::encode(good);
  EXPECT_TRUE(is_page(ask_raw(more_evil)));
  EXPECT_TRUE(is_page(ask_raw(more_good, {{"redirect_uri", evil}})));
  EXPECT_TRUE(is_page(ask_raw(more_good)));
}

// RFC6749-3.1; X04: look-alike names are other names, and ignored
TEST_F(RedirectParameters, S3_1_X04_LookAlikeNames) {
  const std::string value = "=" + url::encode(evil);
  for (const char* name : {"redirect_uri[]", "redirect_uri[0]", "Redirect_Uri", "redirect%5Furis",
                           "redirect_uri%20"}) {
    EXPECT_TRUE(ends_well(ask_raw("&" + std::string(name) + value))) << name;
  }
  // A NUL refuses the whole form.
  EXPECT_TRUE(is_page(ask_raw("&redirect_uri%00" + value)));
}

// RFC6749-3.1; X05; X06: one source of parameters, and it is a form
TEST_F(RedirectParameters, S3_1_X05_OneSource) {
  auto request =
      with_body("redirect_uri=" + url::encode(evil), "application/x-www-form-urlencoded");
  request.target = test::authorize_target(harness, "cA");
  EXPECT_TRUE(is_page(harness.send(request)));
  EXPECT_EQ(harness.watcher.last().refusal->rule, "CARDEA-REQUEST-003");
  for (const char* type : {"application/json", "text/plain", "multipart/form-data", ""}) {
    EXPECT_TRUE(is_page(harness.send(with_body(R"({"client_id":"cA"})", type)), 415)) << type;
  }
}

// RFC6749-3.1.2; X07; X08: a value is form-decoded exactly once
TEST_F(RedirectParameters, S3_1_2_X07_DecodedOnce) {
  EXPECT_TRUE(is_page(ask_raw("", {{"redirect_uri", url::encode(good)}})));
  harness.edit_client("cA", [](Client& it) { it.redirect_uris = {"https://app.example/a%20b"}; });
  for (const char* sent : {"https%3A%2F%2Fapp.example%2Fa+b", "https%3A%2F%2Fapp.example%2Fa%20b",
                           "https%3A%2F%2Fapp.example%2Fa%2Bb"}) {
    const std::string target = test::authorize_target(harness, "cA", {{"redirect_uri", ""}});
    EXPECT_TRUE(is_page(browser.get(target + "&redirect_uri=" + sent))) << sent;
  }
  EXPECT_EQ(ask_raw("").status, 303);
}

// RFC6749-3.1; X09: only & separates; what follows another character belongs to the value
TEST_F(RedirectParameters, S3_1_X09_SeparatorGames) {
  const std::string tail = "redirect_uri=" + url::encode(evil);
  EXPECT_TRUE(ends_well(ask_raw("&amp;" + tail)));
  EXPECT_TRUE(test::has_code(harness, browser.complete(ask_raw(";" + tail, {{"zz", "1"}}))));
  EXPECT_TRUE(test::has_code(harness, browser.complete(ask_raw("%26" + tail, {{"zz", "1"}}))));
}

// RFC6749-4.1.2.1; X10; X11; X12; A23: an address is good for its own client alone
TEST_F(RedirectParameters, S4_1_2_1_X10_EveryCrossPair) {
  const std::vector<std::string> clients{"cA", "cB", "cK", "pS", "pN"};
  for (const std::string& one : clients) {
    for (const std::string& other : clients) {
      const std::string uri = harness.client(other).redirect_uris.front();
      const auto response = ask(harness, browser, {{"redirect_uri", uri}}, one);
      if (one == other) {
        EXPECT_EQ(response.status, 303);
      } else {
        EXPECT_TRUE(is_page(response)) << one << " " << other;
      }
    }
  }
  EXPECT_TRUE(is_page(ask(harness, browser, {{"client_id", "unknown"}})));
  harness.edit_client("cA", [](Client& it) { it.enabled = false; });
  EXPECT_TRUE(is_page(ask(harness, browser)));
}

// RFC6749-3.1.2.3; X13; X14: without openid a single registration stands for an absent address
TEST_F(RedirectParameters, S3_1_2_3_X13_AbsentAddress) {
  const http::FormPairs absent{{"redirect_uri", ""}, {"scope", "email"}};
  EXPECT_TRUE(is_page(ask(harness, browser, absent)));
  EXPECT_EQ(harness.watcher.last().refusal->rule, "CARDEA-REDIRECT-005");
  harness.edit_client("cA", [](Client& it) { it.redirect_uris.resize(1); });
  const auto response = browser.complete(ask(harness, browser, absent));
  ASSERT_TRUE(test::has_code(harness, response));
  const auto tokens =
      test::tokens_of(harness.send(harness.as_client("cA", "/token",
                                                     {{"grant_type", "authorization_code"},
                                                      {"code", test::reply_of(response)["code"]},
                                                      {"code_verifier", test::verifier}})));
  EXPECT_EQ(tokens.status, 200);
}

// RFC6749-4.1.2.1; A15; X15; X16: every cause of an error and every mode, with an evil address
TEST_F(RedirectParameters, S4_1_2_1_X15_EveryErrorWithAnEvilAddress) {
  const auto before = harness.writes();
  for (const http::FormPairs& cause :
       {http::FormPairs{{"response_type", "bogus"}}, http::FormPairs{{"response_type", "id_token"}},
        http::FormPairs{{"response_type", ""}}, http::FormPairs{{"scope", "bogus"}},
        http::FormPairs{{"prompt", "bogus"}}, http::FormPairs{{"prompt", "none"}},
        http::FormPairs{{"claims", "bogus"}}, http::FormPairs{{"code_challenge", ""}},
        http::FormPairs{{"max_age", "x"}}, http::FormPairs{{"id_token_hint", "x"}},
        http::FormPairs{{"request", "x"}}, http::FormPairs{{"resource", "x"}},
        http::FormPairs{{"response_mode", "query"}}, http::FormPairs{{"response_mode", "fragment"}},
        http::FormPairs{{"response_mode", "form_post"}},
        http::FormPairs{{"response_mode", "form_post.jwt"}},
        http::FormPairs{{"response_mode", "web_message"}}}) {
    auto changed = cause;
    changed.emplace_back("redirect_uri", evil);
    const auto response = ask(harness, browser, changed);
    EXPECT_TRUE(is_page(response)) << cause[0].first << "=" << cause[0].second;
    for (const auto& tag : test_pages::read_tags(response.body)) {
      EXPECT_NE(tag.name, "form");
      EXPECT_NE(tag.name, "script");
    }
  }
  EXPECT_EQ(harness.writes(), before);
}

// RFC6749-4.1.3; X22; X23: the bytes of the authorization request count at the token endpoint
TEST_F(RedirectParameters, S4_1_3_X22_TheSameBytesAtTheTokenEndpoint) {
  auto person = test::signed_in(harness);
  for (const char* other : {"https://app.example/other", "https://app.example/cb/",
                            "https://APP.example/cb", "https://app.example/cb?x=1", ""}) {
    EXPECT_EQ(test::redeem_reply(harness, ask(harness, person), "cA", other).error, "invalid_grant")
        << other;
  }
  const std::string port = "http://127.0.0.1:4000/cb";
  const auto native = person.authorize("pN", {{"redirect_uri", port}});
  EXPECT_EQ(test::redeem_reply(harness, native, "pN", "http://127.0.0.1:4001/cb").error,
            "invalid_grant");
}

// RFC6749-4.1.3; X24; B11: an address removed before the exchange refuses the code
TEST_F(RedirectParameters, S4_1_3_X24_RemovedBeforeTheExchange) {
  auto person = test::signed_in(harness);
  const auto response = ask(harness, person);
  harness.edit_client("cA", [](Client& it) { it.redirect_uris = {"https://app.example/other"}; });
  EXPECT_EQ(test::redeem_reply(harness, response).error, "invalid_grant");
}

// RFC6749-4.1.2.1; X25: an address removed while the person reads the page is a page
TEST_F(RedirectParameters, S4_1_2_1_X25_RemovedBeforeConsent) {
  const auto consent = browser.press(test::visit(harness, browser), "sign-in", test::credentials());
  ASSERT_TRUE(test::offers(consent, "allow"));
  harness.edit_client("cA", [](Client& it) { it.redirect_uris = {"https://app.example/other"}; });
  EXPECT_TRUE(is_page(browser.press(consent, "allow")));
  EXPECT_TRUE(harness.stored(harness.store->consents_of(harness.user("alice").user_id)).empty());
}

// RFC6749-4.1.2.1; X26: no outcome leads to an evil address, not even the store's failure
TEST_F(RedirectParameters, S4_1_2_1_X26_NoOutcomeLeadsThere) {
  auto person = test::signed_in(harness);
  EXPECT_TRUE(is_page(ask(harness, person, {{"redirect_uri", evil}})));
  EXPECT_TRUE(is_page(ask(harness, person, {{"redirect_uri", evil}, {"prompt", "login"}})));
}

// RFC6749-10.5; X27: going back and submitting again gives one code
TEST_F(RedirectParameters, S10_5_X27_DoubleSubmit) {
  const auto consent = browser.press(test::visit(harness, browser), "sign-in", test::credentials());
  EXPECT_TRUE(test::has_code(harness, browser.press(consent, "allow")));
  EXPECT_EQ(browser.press(consent, "allow").status, 410);
  EXPECT_EQ(browser.press(consent, "deny").status, 410);
}

// RFC6749-4.1.2; X28: Location holds the address byte for byte, nothing breaks the header
TEST_F(RedirectParameters, S4_1_2_X28_ByteForByte) {
  const std::string uri = "https://app.example/cb?a=%2F&b=c%20d";
  harness.edit_client("cA", [&](Client& it) { it.redirect_uris = {uri}; });
  const auto response =
      browser.complete(ask(harness, browser, {{"state", "a\r\nSet-Cookie: x=1"}}));
  EXPECT_TRUE(test::location_of(response).starts_with(uri + "&code="));
  EXPECT_EQ(test::location_of(response).find_first_of("\r\n"), std::string::npos);
}

// RFC8252-7.1; X29: a private-use address is written inert into every page
TEST_F(RedirectParameters, S7_1_X29_ACustomSchemeIsInert) {
  const std::string uri = "com.example.app:/cb?x=%22'%3E";
  harness.edit_client("pN", [&](Client& it) { it.redirect_uris = {uri}; });
  const auto consent =
      browser.press(test::visit(harness, browser, {}, "pN"), "sign-in", test::credentials());
  ASSERT_TRUE(test::offers(consent, "allow"));
  EXPECT_TRUE(is_page(consent, 200, "com.example.app"));
  const auto form_page = browser.complete(
      ask(harness, browser, {{"response_mode", "form_post"}, {"state", "'\"><i>"}}, "pN"));
  for (const auto& tag : test_pages::read_tags(form_page.body)) {
    EXPECT_NE(tag.name, "i");
    if (tag.name == "form") EXPECT_EQ(tag.attributes.at("action"), uri);
  }
}

// RFC6749-3.1.2; 6749-04; 8252-04; 9700-07: what could never be proven cannot be registered
TEST(RedirectRegistration, S3_1_2_OnlyProvableAddresses) {
  const auto refused = [](const std::string& uri, ApplicationType type) {
    Client client;
    client.client_id = ClientId("app");
    client.token_endpoint_auth_method = ClientAuthMethod::none;
    client.application_type = type;
    client.redirect_uris = {uri};
    return !std::ranges::all_of(check_client(client), &ClientProblem::is_warning);
  };
  for (const char* uri :
       {"https://app.example/cb#x", "/cb", "//app.example/cb", "", "http://app.example/cb",
        "http://127.0.0.1/cb", "https://app.example/*"}) {
    EXPECT_TRUE(refused(uri, ApplicationType::web)) << uri;
  }
  for (const char* uri : {"myapp:/cb", "http://app.example/cb", "com.example.app:/cb#x"}) {
    EXPECT_TRUE(refused(uri, ApplicationType::native)) << uri;
  }
  EXPECT_FALSE(refused("https://app.example/cb", ApplicationType::web));
  EXPECT_FALSE(refused("com.example.app:/cb", ApplicationType::native));
  EXPECT_FALSE(refused("http://127.0.0.1/cb", ApplicationType::native));
}

// OIDCC-16; X30: an evil address in another parameter never becomes a link or an action
TEST_F(RedirectParameters, S16_X30_InOtherParameters) {
  for (const char* name : {"login_hint", "acr_values", "ui_locales", "state", "nonce", "resource",
                           "client_id", "next", "return_to", "post_logout_redirect_uri"}) {
    const auto response = browser.follow(ask(harness, browser, {{name, evil}}));
    for (const auto& tag : test_pages::read_tags(response.body)) {
      for (const char* attribute : {"href", "src", "action", "content"}) {
        const auto at = tag.attributes.find(attribute);
        if (at == tag.attributes.end()) continue;
        EXPECT_EQ(at->second.find("evil.test"), std::string::npos) << name;
      }
    }
    EXPECT_FALSE(test::location_of(response).starts_with(evil)) << name;
  }
}

// Security corpus 3.6.
std::vector<std::string> return_targets() {
  return {"//evil.test",
          "///evil.test",
          "////evil.test",
          "/\\evil.test",
          "\\/evil.test",
          "\\\\evil.test",
          "/\t/evil.test",
          "/%09/evil.test",
          "/\n/evil.test",
          "/\r\\evil.test",
          "/\v/evil.test",
          "/ /evil.test",
          "/./\\evil.test",
          "/./../../\\evil.test",
          "/%5cevil.test",
          "/%2f%2fevil.test",
          "//%5cevil.test",
          "https:evil.test",
          "https:/evil.test",
          "http:\\\\evil.test",
          "/;@evil.test",
          "/@evil.test",
          ".evil.test",
          "?//evil.test",
          "#//evil.test",
          "javascript:alert(1)",
          "java%0ascript:alert(1)",
          "%19Jav%09asc%09ript:x",
          "data:text/html,x",
          "/%68%74%74%70%3a//evil.test",
          "\xe3\x80\xb1"
          "evil.test",
          "//evil%E3%80%82test",
          "/..;/evil",
          "/\\u002f/evil.test"};
}

// RFC9700-4.11; A18; A19; R-rows of 3.6: pages take no return target, under any name
TEST_F(RedirectParameters, S4_11_ReturnTargetsAreIgnored) {
  for (const char* name : {"next", "return_to", "rd", "continue", "target_link_uri", "login_uri"}) {
    for (const std::string& value : return_targets()) {
      const std::string more = "&" + std::string(name) + "=" + url::encode(value);
      for (const auto& response : {ask_raw(more), browser.get("/logout?x=1" + more),
                                   ask_raw(more, {{"client_id", "zz"}})}) {
        if (response.status == 303) {
          EXPECT_TRUE(test::location_of(response).starts_with("https://id.example/interaction/"));
        } else {
          EXPECT_TRUE(is_page(response, response.status, "")) << value;
        }
      }
      harness.clock.advance(minutes(10));  // parked requests end; the quota of the address is free
    }
  }
}

}  // namespace cardea::redirect_corpus_test
