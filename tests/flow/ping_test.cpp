// Clients of ping are told that a request is answered: how, when, how often. CIBA Core 10.2.
#include <fstream>

#include "server/notices/ping.h"
#include "support/ciba_requests.h"
#include "support/scratch_folder.h"

namespace cardea::ping_test {

using namespace test;

class Ping : public CibaRequests {
 protected:
  Ping() {
    ping("cA");
    harness.fetcher.answer(ping_address, 204, "");
  }
  std::string ask(http::FormPairs more = {}) {
    more.emplace_back("client_notification_token", notification_token);
    return asked(std::move(more));
  }
  void answer(const std::string& action) {
    (void)browser.press(enter_account(browser), action);
    harness.settle();
  }
  // Lets time pass as a running node does.
  void pass(Seconds time, Seconds step = Seconds{5}) {
    for (std::int64_t passed = 0; passed < time.count; passed += step.count) {
      harness.clock.advance(step);
      harness.notice_delivery->wake();
      harness.settle();
    }
  }
  std::size_t sent() const { return harness.fetcher.sent_to(ping_address); }
  std::size_t waiting(ClientNotice::Kind kind = ClientNotice::Kind::ping) {
    return harness
        .stored(harness.store->due_notices({ClientId("cA"), kind}, harness.clock.now() + minutes(9),
                                           100))
        .size();
  }
};

// CIBACore-10.2; ciba-23: one POST with the auth_req_id alone, under the client's own token; the
// client asks for tokens then
TEST_F(Ping, AnAnswerIsToldOnce) {
  const auto id = ask();
  harness.settle();
  EXPECT_EQ(sent(), 0u);
  answer("allow");
  ASSERT_EQ(sent(), 1u);
  const auto fetch = harness.fetcher.sent().back();
  EXPECT_EQ(fetch.request.method, "POST");
  EXPECT_EQ(fetch.request.url, ping_address);
  EXPECT_EQ(fetch.request.headers.first("Content-Type"), "application/json");
  EXPECT_EQ(fetch.request.headers.first("Authorization"), "Bearer " + notification_token);
  EXPECT_EQ(fetch.request.body, R"({"auth_req_id":")" + id + R"("})");
  EXPECT_EQ(name_of(fetch.purpose), "ciba_ping");
  EXPECT_EQ(waiting(), 0u);
  EXPECT_EQ(poll_ciba(id).status, 200);
  pass(minutes(10));
  EXPECT_EQ(sent(), 1u);
}

// CIBACore-10.2; ciba-23: a refusal is told as well, and so is that nobody answered
TEST_F(Ping, ARefusalAndTheEndAreTold) {
  const auto denied = ask();
  answer("deny");
  EXPECT_EQ(sent(), 1u);
  EXPECT_EQ(poll_ciba(denied).error, "access_denied");
  const auto ignored = ask({{"requested_expiry", "30"}});
  pass(Seconds{25});
  EXPECT_EQ(sent(), 1u);
  pass(Seconds{10});
  EXPECT_EQ(sent(), 2u);
  EXPECT_NE(harness.fetcher.sent().back().request.body.find(ignored), std::string::npos);
  EXPECT_EQ(poll_ciba(ignored).error, "expired_token");
  EXPECT_EQ(waiting(), 0u);
}

// CIBACore-10.2; ciba-24: any 2xx will do, bodies are ignored, no redirect is followed, and a
// client that says no is not asked again
// (…-ping-backchannel-notification-endpoint-response-has-body, -response-401, -response-403,
// -return-redirect-request, …-401-and-require-server-does-not-retry)
TEST_F(Ping, WhatTheClientAnswersIsItsOwnAffair) {
  for (const int status : {200, 204, 202, 301, 302, 307, 400, 401, 403, 404, 410}) {
    harness.fetcher.answer(ping_address, status, "a body",
                           {{"Location", "https://k.example/elsewhere"}});
    const auto before = sent();
    const auto id = ask();
    answer("allow");
    EXPECT_EQ(poll_ciba(id).status, 200) << status;
    pass(minutes(2));
    EXPECT_EQ(sent(), before + 1) << status;
    EXPECT_EQ(waiting(), 0u) << status;
  }
  EXPECT_EQ(harness.fetcher.sent_to("https://k.example/elsewhere"), 0u);
}

// CIBACore-10.2; ciba-25: one that is in trouble is told later, and not for ever
TEST_F(Ping, AFailureIsTriedAgainAndGivenUp) {
  harness.fetcher.answer(ping_address, 503, "");
  (void)ask();
  answer("allow");
  EXPECT_EQ(sent(), 1u);
  pass(Seconds{5});
  EXPECT_EQ(sent(), 2u);
  harness.fetcher.answer(ping_address, 429, "");
  pass(minutes(40));
  EXPECT_LE(sent(), static_cast<std::size_t>(notice_attempts_max));
  EXPECT_GT(sent(), 3u);
  EXPECT_EQ(waiting(), 0u);
  EXPECT_EQ(harness.log.count("request.not_told"), 1);
  // And one that recovers is told.
  (void)ask();
  answer("deny");
  harness.fetcher.answer(ping_address, 204, "");
  const auto before = sent();
  pass(minutes(1));
  EXPECT_EQ(sent(), before + 1);
  EXPECT_EQ(waiting(), 0u);
}

// CIBACore-7.3; ciba-26: a client of ping may poll before, by the rules of polling
TEST_F(Ping, PollingBeforeIsPolling) {
  const auto id = ask();
  EXPECT_EQ(poll_ciba(id).error, "authorization_pending");
  EXPECT_EQ(poll_ciba(id).error, "slow_down");
  answer("allow");
  EXPECT_EQ(sent(), 1u);
  EXPECT_EQ(poll_ciba(id).status, 200);
  EXPECT_EQ(poll_ciba(id).error, "invalid_grant");
}

// CIBACore-7.1; ciba-27: the token is required of ping, is a bearer token, and has 1024 characters
// at most
TEST_F(Ping, TheNotificationToken) {
  const auto before = harness.writes();
  for (const std::string& token :
       {std::string(), std::string("two words"), std::string("semi;colon"), std::string("="),
        std::string("a=b"), std::string("\xc3\xa9"), std::string("x\r\nHost: evil.test"),
        std::string(1025, 'a')}) {
    http::FormPairs form{{"scope", "openid"}, {"login_hint", "alice"}};
    if (!token.empty()) form.emplace_back("client_notification_token", token);
    EXPECT_TRUE(is_json_refusal(ask_backchannel(form), 400, "invalid_request")) << token;
    EXPECT_EQ(harness.watcher.last().refusal->rule, "CARDEA-CIBA-017") << token;
  }
  EXPECT_EQ(harness.writes(), before);
  const std::string longest = std::string(1022, 'a') + "==";
  EXPECT_EQ(
      ask_backchannel(
          {{"scope", "openid"}, {"login_hint", "alice"}, {"client_notification_token", longest}})
          .status,
      200);
  answer("deny");
  EXPECT_EQ(harness.fetcher.sent().back().request.headers.first("Authorization"),
            "Bearer " + longest);
}

// 6819-02; 6819-03; ciba-28: neither the token nor the auth_req_id is in the store or the log
TEST_F(Ping, TheNotificationTokenIsSealedAtRest) {
  const auto id = ask();
  const ScratchFolder folder;
  const auto copy = folder.file("copy.db");
  ASSERT_TRUE(harness.sqlite->backup_to(copy).ok());
  std::ifstream file(copy, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  ASSERT_NE(bytes.find("client_notices"), std::string::npos);
  EXPECT_EQ(bytes.find(notification_token), std::string::npos);
  EXPECT_EQ(bytes.find(id), std::string::npos);
  answer("allow");
  EXPECT_EQ(sent(), 1u);
  EXPECT_EQ(harness.log.text().find(notification_token), std::string::npos);
  EXPECT_EQ(harness.log.text().find(id), std::string::npos);
}

// ciba-28: what is sealed for one client opens for no other
TEST_F(Ping, ASealIsItsClients) {
  const cardea::Ping what{.auth_req_id = "id", .token = NotificationToken(notification_token)};
  const auto sealed = seal_ping(*harness.seals, ClientId("cA"), what, harness.random);
  const auto opened = open_ping(*harness.seals, ClientId("cA"), sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->auth_req_id, "id");
  EXPECT_EQ(opened->token.reveal(), notification_token);
  EXPECT_FALSE(open_ping(*harness.seals, ClientId("cB"), sealed).has_value());
  EXPECT_FALSE(open_ping(*harness.seals, ClientId("cA"), "x").has_value());
}

// ciba-29: a client that polls, or no longer wants pings, or is disabled, is not told
TEST_F(Ping, WhoDoesNotWantItIsNotTold) {
  const std::vector<std::function<void(Client&)>> changes{
      [](Client& it) { it.backchannel_token_delivery_mode = TokenDeliveryMode::poll; },
      [](Client& it) { it.enabled = false; }};
  for (const auto& change : changes) {
    (void)ask();
    harness.edit_client("cA", change);
    pass(minutes(6));
    EXPECT_EQ(sent(), 0u);
    EXPECT_EQ(waiting(), 0u);
    harness.edit_client("cA", [](Client& it) { it.enabled = true; });
    ping("cA");
  }
  harness.edit_client("cA", changes.front());
  EXPECT_EQ(waiting(), 0u);
  (void)asked();
  EXPECT_EQ(waiting(), 0u);
}

// ciba-30: an address that does not answer for the one holds up nothing of the other
TEST_F(Ping, LogoutsAndPingsDoNotWaitForEachOther) {
  harness.edit_client("cA",
                      [](Client& it) { it.backchannel_logout_uri = "https://app.example/told"; });
  harness.fetcher.answer("https://app.example/told", 503, "");
  const auto tokens = harness.sign_up_tokens();
  (void)ask();
  answer("allow");
  EXPECT_EQ(sent(), 1u);
  (void)browser.press(enter_account(browser), "sign-out");
  harness.settle();
  (void)ask();
  answer("allow");
  EXPECT_EQ(sent(), 2u);
}

// ciba-30: what waits survives the process
TEST_F(Ping, WhatWaitsIsInTheStore) {
  harness.fetcher.answer(ping_address, 503, "");
  (void)ask();
  answer("allow");
  harness.fetcher.answer(ping_address, 204, "");
  harness.clock.advance(Seconds{5});
  NoticeDelivery restarted(NoticeDeliveryInputs{
      *harness.store, harness.clock, harness.log, harness.settings, *harness.registry,
      *harness.keys, *harness.seals, *harness.outgoing, harness.background, harness.random});
  restarted.wake();
  harness.settle();
  EXPECT_EQ(sent(), 2u);
  EXPECT_EQ(waiting(), 0u);
}

}  // namespace cardea::ping_test
