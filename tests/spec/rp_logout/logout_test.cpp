// OIDC RP-Initiated Logout: who is asked, what ends, and where the browser may go. Security corpus
// 3.5, oidc-25 to oidc-27.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "support/authorize_answers.h"

namespace cardea::rp_logout_test {

using test::is_page;
using test::offers;

struct RpLogout : testing::Test {
  test::Harness harness;
  test::Browser person = test::signed_in(harness);
  std::string hint = own_hint();

  static inline const std::string bye = "https://app.example/bye";

  std::string own_hint() {
    return test::redeem_reply(harness, test::ask(harness, person)).id_token;
  }
  http::Response log_out(const http::FormPairs& parameters) {
    return person.get("/logout?" + http::write_form(parameters));
  }
  bool is_signed_in() {
    return !test::reply_of(test::ask(harness, person, {{"prompt", "none"}}))["code"].empty();
  }
  std::string rule() const { return std::string(harness.watcher.last().refusal->rule); }
};

// RPINIT-2; oidc-25; L01: a fresh hint of this session ends it at once and redirects with state
TEST_F(RpLogout, S2_L01_AFreshHintEndsItsSession) {
  const auto response =
      log_out({{"id_token_hint", hint}, {"post_logout_redirect_uri", bye}, {"state", "st"}});
  EXPECT_EQ(response.status, 303);
  EXPECT_EQ(test::location_of(response), bye + "?state=st");
  EXPECT_FALSE(is_signed_in());
}

// RPINIT-2: without state, nothing is added
TEST_F(RpLogout, S2_WithoutState) {
  const auto response = log_out({{"id_token_hint", hint}, {"post_logout_redirect_uri", bye}});
  EXPECT_EQ(test::location_of(response), bye);
}

// RPINIT-2; 10017; asvs-7.4.1: the old cookie is dead afterwards, wherever it was kept
TEST_F(RpLogout, S2_TheOldCookieIsDead) {
  const auto kept = person.cookies;
  log_out({{"id_token_hint", hint}});
  person.cookies = kept;
  EXPECT_FALSE(is_signed_in());
}

// RPINIT-2; oidc-25; L02: without hint and client_id the person is asked, and nothing redirects
TEST_F(RpLogout, S2_L02_WithoutAHintThePersonIsAsked) {
  const auto page = person.follow(log_out({{"post_logout_redirect_uri", bye}}));
  ASSERT_TRUE(offers(page, "sign-out"));
  EXPECT_TRUE(is_signed_in());
  const auto done = person.press(page, "sign-out");
  EXPECT_EQ(done.status, 200);
  EXPECT_FALSE(done.headers.contains("Location"));
  EXPECT_FALSE(is_signed_in());
}

// RPINIT-2; oidc-25: with client_id alone the person is asked, then goes to the registered address
TEST_F(RpLogout, S2_WithClientIdThePersonIsAskedFirst) {
  const auto page =
      person.follow(log_out({{"client_id", "cA"}, {"post_logout_redirect_uri", bye}}));
  ASSERT_TRUE(offers(page, "sign-out"));
  EXPECT_TRUE(test::goes_to(person.press(page, "sign-out"), bye));
  EXPECT_FALSE(is_signed_in());
}

// RPINIT-2: staying signed in is a choice
TEST_F(RpLogout, S2_CancelKeepsTheSession) {
  const auto page = person.follow(log_out({}));
  person.press(page, "cancel");
  EXPECT_TRUE(is_signed_in());
}

// RPINIT-2; L03: a hint of another client is refused
TEST_F(RpLogout, S2_L03_AHintOfAnotherClient) {
  const auto foreign = harness.sign_up_tokens({.client = "cB"}).id_token;
  EXPECT_TRUE(is_page(log_out(
      {{"id_token_hint", foreign}, {"client_id", "cA"}, {"post_logout_redirect_uri", bye}})));
  EXPECT_EQ(rule(), "CARDEA-LOGOUT-004");
  EXPECT_TRUE(is_page(log_out({{"id_token_hint", foreign}, {"post_logout_redirect_uri", bye}})));
  EXPECT_EQ(rule(), "CARDEA-LOGOUT-005");
  EXPECT_TRUE(is_signed_in());
}

// RPINIT-3; oidc-26; A21; L04; L05; L06; L07; L08; L09; L10; L11; L12: only the registered bytes
TEST_F(RpLogout, S3_L04_OnlyTheRegisteredAddress) {
  for (const char* uri :
       {"https://app.example/bye?x=1", "https://app.example/bye/",
        "https://app.example@evil.test/bye", "//evil.test", "/\\evil.test", "JaVaScRiPt:alert(1)",
        "data:text/html,x", "https://app.example.evil.test/bye", "https://app.example/cb",
        "https://app.example/BYE", "https://app.example/bye#x", "http://app.example/bye"}) {
    EXPECT_TRUE(is_page(log_out({{"id_token_hint", hint}, {"post_logout_redirect_uri", uri}})))
        << uri;
    EXPECT_EQ(rule(), "CARDEA-LOGOUT-005");
    EXPECT_TRUE(is_page(log_out({{"client_id", "cA"}, {"post_logout_redirect_uri", uri}}))) << uri;
  }
  EXPECT_TRUE(is_signed_in());
}

// RPINIT-2; L13: a parameter sent twice is refused
TEST_F(RpLogout, S2_L13_ARepeatedAddress) {
  EXPECT_TRUE(is_page(log_out({{"id_token_hint", hint},
                               {"post_logout_redirect_uri", bye},
                               {"post_logout_redirect_uri", bye}})));
  EXPECT_EQ(rule(), "CARDEA-LOGOUT-001");
  EXPECT_TRUE(is_signed_in());
}

// RPINIT-4; L14: an expired hint is confirmed by the person, then as L01
TEST_F(RpLogout, S4_L14_AnExpiredHintIsConfirmed) {
  harness.clock.advance(hours(1));
  const auto page = person.follow(
      log_out({{"id_token_hint", hint}, {"post_logout_redirect_uri", bye}, {"state", "st"}}));
  ASSERT_TRUE(offers(page, "sign-out"));
  EXPECT_TRUE(is_signed_in());
  EXPECT_EQ(test::location_of(person.press(page, "sign-out")), bye + "?state=st");
  EXPECT_FALSE(is_signed_in());
}

// RPINIT-4; L15: an unsigned or modified hint is refused
TEST_F(RpLogout, S4_L15_AForgedHint) {
  const std::string body = hint.substr(hint.find('.'), hint.rfind('.') - hint.find('.'));
  for (const std::string& wrong :
       {base64url_encode(R"({"alg":"none"})") + body + ".", hint + "x", std::string("x.y.z"),
        harness.sign_up_tokens({.scope = "openid calendar.read"}).access_token}) {
    EXPECT_TRUE(is_page(log_out({{"id_token_hint", wrong}, {"post_logout_redirect_uri", bye}})));
    EXPECT_EQ(rule(), "CARDEA-LOGOUT-002");
  }
  EXPECT_TRUE(is_signed_in());
}

// RPINIT-3; oidc-27; L16: a state of 4 KiB with markup and line breaks is encoded; more is refused
TEST_F(RpLogout, S3_L16_StateIsInert) {
  std::string state;
  while (state.size() < 4000) state += "<b>\"'\r\nX: 1&a=b#c%20";
  const auto response =
      log_out({{"id_token_hint", hint}, {"post_logout_redirect_uri", bye}, {"state", state}});
  EXPECT_EQ(test::reply_of(response)["state"], state);
  for (const char c : test::location_of(response)) EXPECT_GT(c, ' ');
  EXPECT_TRUE(is_page(log_out({{"id_token_hint", hint}, {"state", std::string(4097, 's')}})));
  EXPECT_EQ(rule(), "CARDEA-LOGOUT-006");
}

// RPINIT-2; oidc-25: a hint of another user asks, and an unknown client is refused
TEST_F(RpLogout, S2_AHintOfAnotherUserAsks) {
  const auto bob = harness.sign_up_tokens({.user = "bob"}).id_token;
  EXPECT_TRUE(offers(person.follow(log_out({{"id_token_hint", bob}})), "sign-out"));
  EXPECT_TRUE(is_signed_in());
  EXPECT_TRUE(is_page(log_out({{"client_id", "nobody"}})));
  EXPECT_EQ(rule(), "CARDEA-LOGOUT-003");
}

// RPINIT-2; oidc-25; asvs-10.6.2: a cross-site request without a hint only shows a question
TEST_F(RpLogout, S2_NoForcedLogout) {
  test::Browser stranger(harness);
  // A cross-site POST brings no cookies; the page comes back by GET with them.
  const auto posted = stranger.post("/logout", {});
  ASSERT_EQ(posted.status, 303);
  const auto page = person.follow(posted);
  ASSERT_TRUE(offers(page, "sign-out"));
  EXPECT_TRUE(is_signed_in());
  // A forged form.
  EXPECT_TRUE(is_page(person.post(test::location_of(posted), {{"action", "sign-out"}}), 403));
  EXPECT_TRUE(is_signed_in());
  person.press(page, "sign-out");
  EXPECT_FALSE(is_signed_in());
}

// RPINIT-2; oidc-27: a posted request with a fresh hint ends the session when it comes back
TEST_F(RpLogout, S2_APostedRequestWithAHint) {
  test::Browser stranger(harness);
  const auto posted = stranger.post(
      "/logout", {{"id_token_hint", hint}, {"post_logout_redirect_uri", bye}, {"state", "st"}});
  const auto response = person.follow(posted);
  EXPECT_EQ(test::location_of(response), bye + "?state=st");
  EXPECT_FALSE(is_signed_in());
}

// RPINIT-2: logging one of two accounts out keeps the other
TEST_F(RpLogout, S2_OnlyTheHintedAccountEnds) {
  const auto page = test::visit(harness, person, {{"prompt", "login"}});
  const auto response =
      person.complete(person.press(page, "sign-in", test::credentials("bob")), "bob");
  ASSERT_TRUE(test::has_code(harness, response));
  log_out({{"id_token_hint", hint}});
  const auto left = test::ask(harness, person, {{"prompt", "none"}});
  ASSERT_TRUE(test::has_code(harness, left));
  EXPECT_EQ(json::string_member(test::claims_of(test::redeem_reply(harness, left).id_token), "sub"),
            harness.user("bob").user_id.value());
}

// RPINIT-2; asvs-7.4.1: tokens bound to the session end with it
TEST_F(RpLogout, S2_BoundTokensEnd) {
  const auto tokens = test::redeem_reply(harness, test::ask(harness, person));
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token).status, 200);
  log_out({{"id_token_hint", hint}});
  EXPECT_EQ(harness.userinfo(tokens.access_token).status, 401);
}

}  // namespace cardea::rp_logout_test
