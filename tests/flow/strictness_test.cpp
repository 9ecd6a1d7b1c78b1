// The dev dial (decision Q15): it turns a closed list of refusals into explained warnings, and
// nothing else. All other tests run under serve policy.
#include "app/dev/strictness_dial.h"
#include "support/authorize_answers.h"

namespace cardea::strictness_flow_test {

using app::dev::Strictness;
using test::ask;
using test::has_code;
using test::is_page;
using test::is_told;

struct Dial {
  test::Harness harness;
  test::Browser browser{harness};

  explicit Dial(Strictness strictness)
      : harness({.issuer = "https://localhost:9443",
                 .settings = [](Settings& it) { it.is_dev = true; },
                 .relaxations = dev::StrictnessDial::at(strictness)}) {}

  // What the last request was warned about, as rule codes.
  std::vector<std::string> warnings() const {
    std::vector<std::string> rules;
    for (const CheckNote& note : harness.watcher.last().notes) {
      if (note.verdict != CheckNote::Verdict::warned) continue;
      EXPECT_FALSE(note.fix.empty()) << note.rule;
      EXPECT_FALSE(note.text.empty()) << note.rule;
      rules.emplace_back(note.rule);
    }
    return rules;
  }
};

const http::FormPairs no_pkce{{"code_challenge", ""}, {"code_challenge_method", ""}};
const std::string loopback = "http://localhost:3999/other";

// Q15; 7636-01: a missing challenge passes with a warning, to the very end
TEST(Strictness, MissingPkceIsAWarning) {
  Dial warn(Strictness::warn);
  ask(warn.harness, warn.browser, no_pkce);
  EXPECT_EQ(warn.warnings(), std::vector<std::string>{"CARDEA-PKCE-001"});
  const auto response = warn.browser.complete(ask(warn.harness, warn.browser, no_pkce));
  ASSERT_TRUE(has_code(warn.harness, response));
  const auto tokens = test::tokens_of(
      warn.harness.send(warn.harness.as_client("cA", "/token",
                                               {{"grant_type", "authorization_code"},
                                                {"code", test::reply_of(response)["code"]},
                                                {"redirect_uri", "https://app.example/cb"}})));
  EXPECT_EQ(tokens.status, 200);
  Dial strict(Strictness::strict);
  EXPECT_TRUE(
      is_told(strict.harness, ask(strict.harness, strict.browser, no_pkce), "invalid_request"));
}

// Q15; 7636-02; 7636-06: a wrong challenge stays an error, and so does a verifier without challenge
TEST(Strictness, WrongPkceStaysAnError) {
  Dial warn(Strictness::open);
  for (const http::FormPairs& wrong :
       {http::FormPairs{{"code_challenge_method", "plain"}},
        http::FormPairs{{"code_challenge", "short"}}, http::FormPairs{{"code_challenge", ""}}}) {
    EXPECT_TRUE(is_told(warn.harness, ask(warn.harness, warn.browser, wrong), "invalid_request"));
  }
  const auto response = warn.browser.complete(ask(warn.harness, warn.browser, no_pkce));
  EXPECT_EQ(test::redeem_reply(warn.harness, response).error, "invalid_grant");
}

// Q15; X24: an unregistered loopback address passes with a warning, and its code works
TEST(Strictness, UnregisteredLoopbackIsAWarning) {
  Dial warn(Strictness::warn);
  ask(warn.harness, warn.browser, {{"redirect_uri", loopback}});
  EXPECT_EQ(warn.warnings(), std::vector<std::string>{"CARDEA-REDIRECT-003"});
  const auto response =
      warn.browser.complete(ask(warn.harness, warn.browser, {{"redirect_uri", loopback}}));
  ASSERT_TRUE(has_code(warn.harness, response, loopback));
  EXPECT_EQ(test::redeem_reply(warn.harness, response, "cA", loopback).status, 200);
  Dial strict(Strictness::strict);
  EXPECT_TRUE(is_page(ask(strict.harness, strict.browser, {{"redirect_uri", loopback}})));
}

// Q15; A02; A07: only true loopback addresses, and never a defective one
TEST(Strictness, OnlyLoopbackIsRelaxed) {
  Dial open(Strictness::open);
  for (const char* uri :
       {"https://evil.test/cb", "http://localhost.evil.test/cb", "http://localhost:80@evil.test/",
        "http://127.0.0.1\\@evil.test/", "http://localhostevil/cb", "http://[::1].evil.test/cb",
        "javascript:alert(1)", "http://localhost/cb#x", "com.example.app:/cb"}) {
    EXPECT_TRUE(is_page(ask(open.harness, open.browser, {{"redirect_uri", uri}}))) << uri;
  }
}

// Q15: an unknown client is adopted in `open` alone, with a warning, and the flow works
TEST(Strictness, AnUnknownClientIsAdoptedInOpenAlone) {
  const http::FormPairs unknown{{"client_id", "new-app"}, {"redirect_uri", loopback}};
  Dial open(Strictness::open);
  ask(open.harness, open.browser, unknown);
  EXPECT_EQ(open.warnings(), std::vector<std::string>{"CARDEA-AUTHORIZE-012"});
  const auto response = open.browser.complete(ask(open.harness, open.browser, unknown));
  ASSERT_TRUE(has_code(open.harness, response, loopback));
  const auto tokens = test::tokens_of(
      open.harness.send(open.harness.post("/token", {{"grant_type", "authorization_code"},
                                                     {"client_id", "new-app"},
                                                     {"code", test::reply_of(response)["code"]},
                                                     {"redirect_uri", loopback},
                                                     {"code_verifier", test::verifier}})));
  EXPECT_EQ(tokens.status, 200);
  Dial warn(Strictness::warn);
  EXPECT_TRUE(is_page(ask(warn.harness, warn.browser, unknown)));
}

// Q15: an unknown client whose address could not be registered stays unknown, as does a disabled
// one
TEST(Strictness, NotEverythingIsAdopted) {
  Dial open(Strictness::open);
  for (const char* uri : {"javascript:alert(1)", "https://app.example/*", "http://evil.test/cb",
                          "https://app.example/cb#x", ""}) {
    EXPECT_TRUE(
        is_page(ask(open.harness, open.browser, {{"client_id", "new-app"}, {"redirect_uri", uri}})))
        << uri;
  }
  EXPECT_EQ(open.harness.registry->find(ClientId("new-app")), nullptr);
  open.harness.edit_client("cA", [](Client& it) { it.enabled = false; });
  EXPECT_TRUE(is_page(ask(open.harness, open.browser)));
}

// Q12; Q15: dev pages explain with the compared values, pages of serve never do
TEST(Strictness, OnlyDevExplains) {
  Dial strict(Strictness::strict);
  const http::FormPairs wrong{{"redirect_uri", "https://app.example/wrong"}};
  const auto dev_page = ask(strict.harness, strict.browser, wrong);
  EXPECT_NE(test_pages::read_text(dev_page.body).find("registered: <https://app.example/cb>"),
            std::string::npos);
  test::Harness serve;
  test::Browser browser(serve);
  const auto page = ask(serve, browser, wrong);
  EXPECT_EQ(page.body.find("app.example"), std::string::npos);
  EXPECT_NE(page.body.find("CARDEA-REDIRECT-003"), std::string::npos);
}

}  // namespace cardea::strictness_flow_test
