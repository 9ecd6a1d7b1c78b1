// The state of a browser, session_state in answers, and the frame that compares them. OIDC Session
// Management 1.0 2 and 3; what the frame's script does is tests/browser/session_frame.test.mjs.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "crypto/hash.h"
#include "support/authorize_answers.h"
#include "support/harness.h"
#include "support/html_reader.h"

namespace cardea::session_management_test {

using test::Browser;
using test::Harness;

test::HarnessOptions managed() {
  test::HarnessOptions options;
  options.settings = [](Settings& settings) { settings.session_management = true; };
  return options;
}

struct SessionManagement : testing::Test {
  Harness server{managed()};
  const std::string cookie = server.settings.browser_state_cookie_name;

  // What the frame answers to a page of `origin` that holds this state.
  static std::string answer(const Browser& browser, const std::string& cookie,
                            const std::string& state,
                            const std::string& origin = "https://app.example",
                            const std::string& client_id = "cA") {
    const auto at = browser.cookies.find(cookie);
    if (at == browser.cookies.end()) return "error";
    const auto salt = state.substr(state.find('.') + 1);
    const auto text = client_id + " " + origin + " " + at->second + " " + salt;
    const bool is_same = state == base64url_encode(crypto::sha256(text)) + "." + salt;
    return is_same ? "unchanged" : "changed";
  }
  std::string answer(const Browser& browser, const std::string& state) const {
    return answer(browser, cookie, state);
  }
  // session_state of the answer to a request without a page.
  std::string state_now(Browser& browser, const http::FormPairs& changed = {}) {
    http::FormPairs form{{"prompt", "none"}};
    form.insert(form.end(), changed.begin(), changed.end());
    return test::reply_of(test::ask(server, browser, form))["session_state"];
  }
};

// oidc-33: the answer says the state, which holds no space and differs each time
TEST_F(SessionManagement, S2_TheAnswerHoldsTheState) {
  Browser browser(server);
  const auto state = test::reply_of(browser.authorize("cA"))["session_state"];
  EXPECT_EQ(answer(browser, state), "unchanged");
  EXPECT_EQ(state.find(' '), std::string::npos);
  const auto again = state_now(browser);
  EXPECT_NE(again, state);
  EXPECT_EQ(answer(browser, again), "unchanged");
  EXPECT_EQ(answer(browser, state), "unchanged");
}

// oidc-33: an answer that a sign-in ends in tells the state after it
TEST_F(SessionManagement, S2_AfterTheSignIn) {
  auto browser = test::signed_in(server);
  const auto before = state_now(browser);
  const auto state =
      test::reply_of(browser.authorize("cA", {{"prompt", "login"}}))["session_state"];
  browser.get("/account");
  EXPECT_EQ(answer(browser, state), "unchanged");
  EXPECT_EQ(answer(browser, before), "changed");
}

// oidc-33: in every response mode alike
TEST_F(SessionManagement, S2_EveryResponseMode) {
  auto browser = test::signed_in(server);
  EXPECT_EQ(answer(browser, state_now(browser, {{"response_mode", "fragment"}})), "unchanged");
  const auto form = test::ask(server, browser, {{"response_mode", "form_post"}});
  std::string posted;
  for (const auto& tag : test_pages::read_tags(form.body)) {
    if (tag.name == "input" && tag.attributes.at("name") == "session_state") {
      posted = tag.attributes.at("value");
    }
  }
  EXPECT_EQ(answer(browser, posted), "unchanged");
  auto signed_answer = test::reply_of(test::ask(server, browser, {{"response_mode", "jwt"}}));
  EXPECT_EQ(signed_answer.size(), 1U);
  const auto claims = test::claims_of(signed_answer["response"]);
  EXPECT_EQ(answer(browser, json::string_member(claims, "session_state").value_or("")),
            "unchanged");
}

// oidc-33: a refusal tells it too, also where nobody was ever signed in
TEST_F(SessionManagement, S3_1_RefusalsHoldIt) {
  Browser browser(server);
  const auto response = test::ask(server, browser, {{"prompt", "none"}});
  EXPECT_TRUE(test::is_told(server, response, "login_required"));
  const auto state = test::reply_of(response)["session_state"];
  EXPECT_EQ(answer(browser, state), "unchanged");
  browser.authorize("cA");
  EXPECT_EQ(answer(browser, state), "changed");
}

// oidc-34: signing in, adding an account, going to another one and signing out
// change it, and nothing else does
TEST_F(SessionManagement, S3_2_WhatChangesIt) {
  auto browser = test::signed_in(server);
  std::string state = state_now(browser);
  const auto changes = [&](const std::string& what, bool does) {
    EXPECT_EQ(answer(browser, state), does ? "changed" : "unchanged") << what;
    state = state_now(browser);
  };
  browser.get("/account");
  changes("a look at the account page", false);
  browser.authorize("cB");
  changes("another app of the same session", false);
  server.clock.advance(hours(1));
  browser.get("/account");
  changes("an hour", false);
  browser.authorize("cA", {{"prompt", "login"}}, "bob");
  changes("another account", true);
  browser.press(browser.get("/account"), "sign-out");
  changes("signing out of one account", true);
  browser.press(browser.get("/account"), "sign-out");
  changes("signing out of the last one", true);
}

// oidc-34: which of two accounts comes first is a change, too
TEST_F(SessionManagement, S3_2_SwitchingAccounts) {
  auto browser = test::signed_in(server);
  browser.authorize("cA", {{"prompt", "login"}}, "bob");
  const auto state =
      test::reply_of(test::ask(server, browser, {{"prompt", "none"}}))["session_state"];
  const auto alice = server.stored(server.store->sessions_of(server.user("alice").user_id));
  ASSERT_EQ(alice.size(), 1U);
  const auto account = browser.get("/account");
  EXPECT_EQ(answer(browser, state), "unchanged");
  browser.press(account, alice.front().session_id.value());
  EXPECT_EQ(answer(browser, state), "changed");
}

// oidc-34: a session that ended elsewhere is noticed with the next request
TEST_F(SessionManagement, S3_2_ASessionThatEndedElsewhere) {
  auto browser = test::signed_in(server);
  const auto state = state_now(browser);
  server.stored(server.store->perform(
      store::EndAllSessions{.user_id = server.user("alice").user_id, .keep = {}}));
  const auto response = test::ask(server, browser, {{"prompt", "none"}});
  EXPECT_TRUE(test::is_told(server, response, "login_required"));
  EXPECT_EQ(answer(browser, state), "changed");
}

// oidc-34: the state is bound to client and origin
TEST_F(SessionManagement, S3_2_ItIsBoundToClientAndOrigin) {
  auto browser = test::signed_in(server);
  const auto state = state_now(browser);
  EXPECT_EQ(answer(browser, cookie, state, "https://evil.test"), "changed");
  EXPECT_EQ(answer(browser, cookie, state, "https://app.example", "cB"), "changed");
  server.edit_client(
      "cB", [](Client& client) { client.redirect_uris = {"https://other.example:8443/cb"}; });
  const auto other =
      test::reply_of(browser.authorize("cB", {{"redirect_uri", "https://other.example:8443/cb"}}));
  EXPECT_EQ(answer(browser, cookie, other.at("session_state"), "https://other.example:8443", "cB"),
            "unchanged");
}

// oidc-34: scripts read the cookie, frames of other sites too; it gives no access
TEST_F(SessionManagement, S3_2_TheCookie) {
  Browser browser(server);
  std::string set;
  const auto response = test::ask(server, browser, {{"prompt", "none"}});
  for (const auto header : response.headers.all("Set-Cookie")) {
    if (header.starts_with(cookie + "=")) set = header;
  }
  EXPECT_TRUE(cookie.starts_with("__Host-"));
  EXPECT_EQ(set.find("HttpOnly"), std::string::npos) << set;
  for (const char* part : {"; Path=/", "; Secure", "; SameSite=None"}) {
    EXPECT_NE(set.find(part), std::string::npos) << part;
  }
  // It is sent once.
  EXPECT_FALSE(test::ask(server, browser, {{"prompt", "none"}}).headers.contains("Set-Cookie"));
  auto person = test::signed_in(server);
  const auto& handle = person.cookies.at(server.settings.session_cookie_name);
  EXPECT_EQ(person.cookies.at(cookie).find(handle), std::string::npos);
  EXPECT_EQ(server.log.text().find(person.cookies.at(cookie)), std::string::npos);
  Browser thief(server);
  thief.cookies[cookie] = person.cookies.at(cookie);
  thief.cookies[server.settings.session_cookie_name] = person.cookies.at(cookie);
  EXPECT_TRUE(
      test::is_told(server, test::ask(server, thief, {{"prompt", "none"}}), "login_required"));
}

// oidc-34: a value that was not made here, or for other sessions, does not stay
TEST_F(SessionManagement, S3_2_AForgedCookieIsReplaced) {
  auto browser = test::signed_in(server);
  const auto genuine = browser.cookies.at(cookie);
  Browser nobody(server);
  state_now(nobody);
  for (const std::string& forged :
       {std::string("x"), std::string("."), genuine + "x", genuine.substr(1),
        nobody.cookies.at(cookie), genuine.substr(0, 22) + "." + std::string(43, 'A')}) {
    browser.cookies[cookie] = forged;
    const auto state = state_now(browser);
    EXPECT_NE(browser.cookies.at(cookie), forged);
    EXPECT_EQ(answer(browser, state), "unchanged") << forged;
  }
}

// oidc-34: nobody can compute the state of a browser where nobody is signed in
TEST_F(SessionManagement, S3_2_TwoBrowsersOfNobodyDiffer) {
  Browser one(server);
  Browser other(server);
  const auto state = state_now(one);
  state_now(other);
  EXPECT_EQ(answer(one, state), "unchanged");
  EXPECT_EQ(answer(other, state), "changed");
}

// oidc-33: an answer of plain OAuth has none, and neither has one to no web page
TEST_F(SessionManagement, S2_OnlyAuthenticationsOfPages) {
  auto browser = test::signed_in(server);
  auto plain = test::reply_of(browser.authorize("cA", {{"scope", "calendar.read"}}));
  EXPECT_FALSE(plain["code"].empty());
  EXPECT_FALSE(plain.contains("session_state"));
  server.edit_client("cA", [](Client& client) {
    client.application_type = ApplicationType::native;
    client.redirect_uris = {"com.example.app:/cb"};
  });
  const auto native =
      test::ask(server, browser, {{"redirect_uri", "com.example.app:/cb"}, {"prompt", "none"}});
  EXPECT_TRUE(test::goes_to(native, "com.example.app:/cb"));
  EXPECT_FALSE(test::reply_of(native).contains("session_state"));
}

// oidc-32; G11: the frame may be framed by anybody, runs our script and no other,
// and has nothing to press
TEST_F(SessionManagement, S3_2_TheFrame) {
  const auto page = server.send(server.get("/check_session"));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.first("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.headers.first("Content-Security-Policy"),
            "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors *");
  EXPECT_FALSE(page.headers.contains("X-Frame-Options"));
  EXPECT_FALSE(page.headers.contains("Set-Cookie"));
  for (const auto& tag : test_pages::read_tags(page.body)) {
    for (const auto* control : {"a", "form", "button", "input", "iframe", "style"}) {
      EXPECT_NE(tag.name, control);
    }
    if (tag.name != "script") continue;
    const auto script = server.send(server.get(tag.attributes.at("src")));
    EXPECT_EQ(script.status, 200);
    EXPECT_NE(script.body.find("postMessage"), std::string::npos);
  }
  EXPECT_NE(page.body.find("content=\"" + cookie + "\""), std::string::npos);
}

// oidc-35: announced where it is
TEST_F(SessionManagement, S3_3_TheMetadata) {
  const auto metadata = test::json_of(server.send(server.get("/.well-known/openid-configuration")));
  EXPECT_EQ(json::string_member(metadata, "check_session_iframe"),
            "https://id.example/check_session");
  EXPECT_EQ(json::string_member(metadata, "end_session_endpoint"), "https://id.example/logout");
}

// oidc-35; F05: off by default, and then there is neither frame, cookie nor
// parameter
TEST(SessionManagementOff, S3_3_OffIsNotThere) {
  Harness server;
  EXPECT_EQ(server.send(server.get("/check_session")).status, 404);
  const auto metadata = test::json_of(server.send(server.get("/.well-known/openid-configuration")));
  EXPECT_FALSE(metadata.contains("check_session_iframe"));
  auto browser = test::signed_in(server);
  EXPECT_FALSE(browser.cookies.contains(server.settings.browser_state_cookie_name));
  auto reply = test::reply_of(test::ask(server, browser));
  EXPECT_FALSE(reply["code"].empty());
  EXPECT_FALSE(reply.contains("session_state"));
}

}  // namespace cardea::session_management_test
