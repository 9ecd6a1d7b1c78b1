// Clients are told that a session ended: who, when, how often. OIDC Back-Channel Logout 1.0.
#include <gtest/gtest.h>

#include "protocol/logout_token.h"
#include "support/authorize_answers.h"
#include "support/harness.h"

namespace cardea::notice_delivery_test {

using test::Browser;
using test::Harness;
using test::location_of;

const std::string address = "https://app.example/told";

class NoticeDelivery : public ::testing::Test {
 protected:
  NoticeDelivery() {
    server.edit_client("cA", [](Client& client) { client.backchannel_logout_uri = address; });
    server.fetcher.answer(address, 200, "");
  }

  // A person signed in by cA, which redeemed its code.
  test::Tokens sign_in(Browser& browser, const std::string& client = "cA") {
    auto reply = test::reply_of(browser.authorize(client));
    const test::IssuedCode code{.code = reply["code"],
                                .redirect_uri = server.client(client).redirect_uris.front(),
                                .grant_id = {},
                                .session_id = {},
                                .consent_id = {},
                                .user_id = {}};
    auto tokens = server.redeem(client, code);
    EXPECT_EQ(tokens.status, 200) << tokens.response.body;
    return tokens;
  }
  http::Response sign_out(Browser& browser, const test::Tokens& tokens) {
    return browser.get("/logout?" +
                       http::write_form({{"id_token_hint", tokens.id_token},
                                         {"post_logout_redirect_uri", "https://app.example/bye"}}));
  }
  std::size_t sent() const { return server.fetcher.sent_to(address); }
  static std::string token_in(const http::Fetch& fetch) {
    const auto pairs = http::parse_form(fetch.request.body);
    EXPECT_TRUE(pairs && pairs->size() == 1 && pairs->front().first == "logout_token");
    return pairs->front().second;
  }
  std::size_t waiting() {
    return server
        .stored(server.store->due_notices({ClientId("cA"), ClientNotice::Kind::logout},
                                          server.clock.now() + hours(1), 99))
        .size();
  }

  Harness server;
};

// oidc-28: the token that a client is sent.
TEST_F(NoticeDelivery, ALogoutTellsTheClient) {
  Browser browser(server);
  const auto tokens = sign_in(browser);
  const auto id_token = test::claims_of(tokens.id_token);
  const auto response = sign_out(browser, tokens);
  EXPECT_EQ(location_of(response), "https://app.example/bye");
  server.settle();
  ASSERT_EQ(sent(), 1u);
  const auto fetch = server.fetcher.sent().back();
  EXPECT_EQ(fetch.request.method, "POST");
  EXPECT_EQ(fetch.request.headers.first("Content-Type"), "application/x-www-form-urlencoded");
  const auto token = token_in(fetch);
  EXPECT_EQ(json::string_member(test::header_of(token), "typ"), "logout+jwt");
  EXPECT_EQ(json::string_member(test::header_of(token), "alg"), "RS256");
  const auto claims = test::claims_of(token);
  EXPECT_EQ(json::string_member(claims, "sub"), json::string_member(id_token, "sub"));
  EXPECT_EQ(json::string_member(claims, "sid"), json::string_member(id_token, "sid"));
  EXPECT_FALSE(claims.contains("nonce"));
  // As the client would check it.
  const auto checked =
      check_logout_token(token, *server.keys->verification_keys(),
                         {.issuer = server.settings.issuer, .client_id = "cA"}, server.clock.now());
  ASSERT_TRUE(checked.ok()) << checked.error().reason;
  EXPECT_EQ(waiting(), 0u);
  // Neither the address nor the token is in the log.
  EXPECT_NE(server.log.text().find("logout.told"), std::string::npos);
  EXPECT_EQ(server.log.text().find("/told"), std::string::npos);
  EXPECT_EQ(server.log.text().find(token.substr(0, 40)), std::string::npos);
}

// oidc-28; oidc-13: a client of pairwise subjects is told the names that it knows.
TEST_F(NoticeDelivery, APairwiseClientKnowsWhoIsMeant) {
  server.edit_client("cA", [](Client& client) { client.subject_type = SubjectType::pairwise; });
  Browser browser(server);
  const auto tokens = sign_in(browser);
  sign_out(browser, tokens);
  server.settle();
  ASSERT_EQ(sent(), 1u);
  const auto told = test::claims_of(token_in(server.fetcher.sent().back()));
  const auto known = test::claims_of(tokens.id_token);
  for (const char* name : {"sub", "sid"}) {
    EXPECT_EQ(json::string_member(told, name), json::string_member(known, name)) << name;
  }
  EXPECT_NE(json::string_member(told, "sub"), server.user("alice").user_id.value());
}

// 8725-10: what we sent to a client passes for nothing else here.
TEST_F(NoticeDelivery, ALogoutTokenIsNoOtherToken) {
  Browser browser(server);
  sign_out(browser, sign_in(browser));
  server.settle();
  const auto token = token_in(server.fetcher.sent().back());
  EXPECT_EQ(server.userinfo(token).status, 401);
  EXPECT_FALSE(server.is_active(token));
  const auto hint =
      server.send(server.get("/logout?" + http::write_form({{"id_token_hint", token}})));
  EXPECT_EQ(hint.status, 400);
  const auto assertion = server.send(server.post(
      "/token",
      {{"grant_type", "client_credentials"},
       {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
       {"client_assertion", token}}));
  EXPECT_TRUE(test::is_json_refusal(assertion, 401, "invalid_client"));
}

// oidc-29: the person is answered at once, however long the client takes; and is signed out by
// then.
TEST_F(NoticeDelivery, NobodyWaitsForTheClient) {
  Browser browser(server);
  const auto tokens = sign_in(browser);
  server.fetcher.hold();
  const auto response = sign_out(browser, tokens);
  EXPECT_EQ(response.status, 303);
  server.executor.run_until([&] { return sent() > 0; });
  ASSERT_EQ(sent(), 1u);
  const auto sid = json::string_member(test::claims_of(tokens.id_token), "sid").value();
  EXPECT_FALSE(server.stored(server.store->find_session_by_id(SessionId(sid))).has_value());
  EXPECT_EQ(waiting(), 1u);
  server.fetcher.release();
  server.settle();
  EXPECT_EQ(waiting(), 0u);
}

// oidc-29: whatever the client does, it is tried again later, with the same jti, and not for ever.
TEST_F(NoticeDelivery, AFailureIsTriedAgainAndGivenUp) {
  Browser browser(server);
  server.fetcher.answer(address, 302, "", {{"Location", "http://127.0.0.1/"}});
  sign_out(browser, sign_in(browser));
  server.settle();
  std::set<std::string> token_ids;
  std::size_t attempts = 1;
  for (int second = 0; second < 3 * 3600; second += 3) {
    EXPECT_EQ(sent(), attempts);
    token_ids.insert(
        json::string_member(test::claims_of(token_in(server.fetcher.sent().back())), "jti")
            .value());
    server.clock.advance(Seconds{3});
    server.notice_delivery->wake();
    server.settle();
    attempts = sent();
  }
  EXPECT_EQ(attempts, static_cast<std::size_t>(notice_attempts_max));
  EXPECT_EQ(token_ids.size(), 1u);
  EXPECT_EQ(waiting(), 0u);
  EXPECT_EQ(server.log.count("logout.not_told"), 1);
}

TEST_F(NoticeDelivery, ARecoveredClientIsToldLate) {
  Browser browser(server);
  server.fetcher.answer(address, 500, "");
  sign_out(browser, sign_in(browser));
  server.settle();
  server.fetcher.answer(address, 204, "");
  server.notice_delivery->wake();
  server.settle();
  EXPECT_EQ(sent(), 1u);  // not before its time
  server.clock.advance(Seconds{5});
  server.notice_delivery->wake();
  server.settle();
  EXPECT_EQ(sent(), 2u);
  EXPECT_EQ(waiting(), 0u);
}

// 2.8: a client that says 400 will say so again.
TEST_F(NoticeDelivery, ARefusalIsFinal) {
  Browser browser(server);
  server.fetcher.answer(address, 400, "");
  sign_out(browser, sign_in(browser));
  server.settle();
  EXPECT_EQ(waiting(), 0u);
  EXPECT_EQ(sent(), 1u);
}

TEST_F(NoticeDelivery, AClientThatIsAwayHoldsUpNoOther) {
  server.edit_client(
      "cB", [](Client& client) { client.backchannel_logout_uri = "https://b.example/told"; });
  server.fetcher.answer("https://b.example/told", 200, "");
  server.fetcher.answer(address, 503, "");
  for (int i = 0; i < 3; ++i) {
    Browser browser(server);
    sign_in(browser, "cB");
    sign_out(browser, sign_in(browser));
    server.settle();
  }
  EXPECT_EQ(server.fetcher.sent_to("https://b.example/told"), 3u);
  EXPECT_EQ(sent(), 1u);  // one attempt tells that it is away
  EXPECT_EQ(waiting(), 3u);
  server.fetcher.answer(address, 200, "");
  server.clock.advance(Seconds{5});
  server.notice_delivery->wake();
  server.settle();
  EXPECT_EQ(sent(), 4u);
  EXPECT_EQ(waiting(), 0u);
}

TEST_F(NoticeDelivery, EveryEndOfASessionTells) {
  const std::vector<std::pair<const char*, std::function<void(Browser&)>>> ways{
      {"account sign-out",
       [&](Browser& browser) { browser.press(browser.get("/account"), "sign-out"); }},
      {"user disabled",
       [&](Browser&) {
         server.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
         server.notice_delivery->wake();
         server.settle();
         server.edit_user("alice", [](UserRecord& user) { user.enabled = true; });
       }},
      {"sign out everywhere else", [&](Browser&) {
         Browser other(server);
         sign_in(other, "cB");
         const auto page = other.get("/account");
         other.press(page, "end-all");
       }}};
  for (const auto& [name, way] : ways) {
    Browser browser(server);
    sign_in(browser);
    const auto before = sent();
    way(browser);
    server.settle();
    EXPECT_EQ(sent(), before + 1) << name;
  }
}

// Hybrid and implicit answers hold an ID token without any redemption.
TEST_F(NoticeDelivery, AnIdTokenOfTheAuthorizationEndpointCounts) {
  server.edit_client("cA",
                     [](Client& client) { client.response_types = {ResponseType::id_token}; });
  Browser browser(server);
  auto reply =
      test::reply_of(browser.authorize("cA", {{"response_type", "id_token"}, {"scope", "openid"}}));
  ASSERT_FALSE(reply["id_token"].empty());
  browser.get("/logout?" + http::write_form({{"id_token_hint", reply["id_token"]}}));
  server.settle();
  EXPECT_EQ(sent(), 1u);
}

TEST_F(NoticeDelivery, AClientThatTookNoPartIsNotTold) {
  Browser browser(server);
  const auto tokens = sign_in(browser, "cB");
  browser.get("/logout?" + http::write_form({{"id_token_hint", tokens.id_token}}));
  server.settle();
  EXPECT_EQ(sent(), 0u);
}

TEST_F(NoticeDelivery, AClientThatNoLongerWantsToKnowIsNotTold) {
  Browser browser(server);
  const auto tokens = sign_in(browser);
  server.edit_client("cA", [](Client& client) { client.backchannel_logout_uri.clear(); });
  sign_out(browser, tokens);
  server.settle();
  EXPECT_EQ(sent(), 0u);
  EXPECT_EQ(waiting(), 0u);
}

// What waits survives the process.
TEST_F(NoticeDelivery, WhatWaitsIsInTheStore) {
  Browser browser(server);
  server.fetcher.answer(address, 503, "");
  sign_out(browser, sign_in(browser));
  server.settle();
  server.clock.advance(Seconds{5});
  server.fetcher.answer(address, 200, "");
  // Another worker over the same store, as after a restart.
  ::cardea::NoticeDelivery restarted(NoticeDeliveryInputs{
      *server.store, server.clock, server.log, server.settings, *server.registry, *server.keys,
      *server.seals, *server.outgoing, server.background, server.random});
  restarted.wake();
  server.settle();
  EXPECT_EQ(sent(), 2u);
  EXPECT_EQ(waiting(), 0u);
}

}  // namespace cardea::notice_delivery_test
