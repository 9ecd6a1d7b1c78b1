// CIBA Core 1.0, poll mode: a client asks a person who is elsewhere.
#include "support/further_grants.h"
#include "support/html_reader.h"

namespace cardea::ciba_test {

using namespace test;

struct Ciba : FurtherGrants {
  bool says(const http::Response& page, std::string_view text) {
    return test_pages::read_text(page.body).find(text) != std::string::npos;
  }
  void expect_refused(http::FormPairs form, std::string_view error, int status = 400) {
    EXPECT_TRUE(is_json_refusal(ask_backchannel(std::move(form)), status, error));
  }
};

// CIBACore-7.3; ciba-01: the answer holds the id, its lifetime and the interval
TEST_F(Ciba, S7_3_TheAnswerIsWhole) {
  const auto response = ask_backchannel();
  ASSERT_EQ(response.status, 200) << response.body;
  const auto body = json_of(response);
  EXPECT_GE(text_in(body, "auth_req_id").size(), 85u);
  EXPECT_EQ(json::integer_member(body, "expires_in"), 300);
  EXPECT_EQ(json::integer_member(body, "interval"), 5);
  EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
}

// CIBACore-7.1; ciba-02: each parameter is judged
TEST_F(Ciba, S7_1_TheRequestIsJudged) {
  const auto scope = std::pair<std::string, std::string>("scope", "openid");
  const auto hint = std::pair<std::string, std::string>("login_hint", "alice");
  expect_refused({scope}, "invalid_request");
  expect_refused({scope, hint, {"id_token_hint", "x"}}, "invalid_request");
  expect_refused({scope, {"login_hint_token", "x"}}, "invalid_request");
  expect_refused({scope, hint, {"login_hint_token", "x"}}, "invalid_request");
  expect_refused({scope, hint, {"request", "x.y.z"}}, "invalid_request");
  expect_refused({scope, {"id_token_hint", "x"}}, "invalid_request");
  expect_refused({hint}, "invalid_scope");
  expect_refused({{"scope", "profile"}, hint}, "invalid_scope");
  expect_refused({{"scope", "openid admin"}, hint}, "invalid_scope");
  expect_refused({scope, hint, {"resource", "https://nowhere.example"}}, "invalid_target");
  for (const auto* expiry : {"0", "-1", "x", "1.5", "99999999999999999999"}) {
    expect_refused({scope, hint, {"requested_expiry", expiry}}, "invalid_request");
  }
  expect_refused({scope, hint, {"binding_message", std::string(121, 'a')}},
                 "invalid_binding_message");
  expect_refused({scope, hint, {"binding_message", "a\nb"}}, "invalid_binding_message");
  expect_refused({scope, {"login_hint", "nobody"}}, "unknown_user_id");
  harness.edit_user("bob", [](UserRecord& user) { user.enabled = false; });
  expect_refused({scope, {"login_hint", "bob"}}, "unknown_user_id");
  EXPECT_TRUE(is_json_refusal(ask_backchannel({scope, hint}, "cB"), 400, "unauthorized_client"));
  EXPECT_TRUE(is_json_refusal(ask_backchannel({scope, hint}, "pN"), 400, "unauthorized_client"));
  EXPECT_EQ(harness.send(harness.get("/bc-authorize")).status, 405);
}

// CIBACore-7.1; ciba-03: the client may ask for less time, not for more
TEST_F(Ciba, S7_1_RequestedExpiry) {
  const auto body = [&](const std::string& seconds) {
    return json_of(ask_backchannel(
        {{"scope", "openid"}, {"login_hint", "alice"}, {"requested_expiry", seconds}}));
  };
  EXPECT_EQ(json::integer_member(body("30"), "expires_in"), 30);
  EXPECT_EQ(json::integer_member(body("100000"), "expires_in"), 300);
}

// CIBACore-7.1; ciba-04: an ID token of this client says who is meant, also when it has expired
TEST_F(Ciba, S7_1_IdTokenHint) {
  const auto tokens = harness.sign_up_tokens();
  const auto foreign = harness.sign_up_tokens({.client = "cB"});
  harness.clock.advance(hours(1));
  EXPECT_EQ(ask_backchannel({{"scope", "openid"}, {"id_token_hint", tokens.id_token}}).status, 200);
  expect_refused({{"scope", "openid"}, {"id_token_hint", foreign.id_token}}, "invalid_request");
  expect_refused({{"scope", "openid"}, {"id_token_hint", tokens.access_token}}, "invalid_request");
}

// CIBACore-8; ciba-05: the person sees who asks, for what and with which message, and answers with
// a live session
TEST_F(Ciba, S8_ThePersonIsAskedOnTheAccountPage) {
  const auto id = asked({{"binding_message", "W4SCT"}});
  EXPECT_EQ(poll_ciba(id).error, "authorization_pending");
  const auto page = enter_account(browser);
  EXPECT_TRUE(says(page, "Waiting for your answer"));
  EXPECT_TRUE(says(page, "Client cA"));
  EXPECT_TRUE(says(page, "W4SCT"));
  EXPECT_TRUE(says(page, "See your profile"));
  EXPECT_TRUE(says(browser.press(page, "allow"), "You have allowed the request"));
  harness.clock.advance(Seconds{5});
  const auto tokens = poll_ciba(id);
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_EQ(tokens.scope, "openid profile");
  EXPECT_EQ(json::string_member(claims_of(tokens.id_token), "sub"),
            harness.user("alice").user_id.value());
  EXPECT_FALSE(says(browser.get("/account"), "Waiting for your answer"));
}

// CIBACore-11; ciba-06: no is final, the id is the client's and gives tokens once
TEST_F(Ciba, S11_DeniedForeignAndUsedIds) {
  harness.edit_client("cB", [](Client& client) { client.grant_types.push_back(GrantType::ciba); });
  const auto denied = asked();
  EXPECT_TRUE(says(browser.press(enter_account(browser), "deny"), "You have denied the request"));
  EXPECT_TRUE(is_json_refusal(poll_ciba(denied).response, 400, "access_denied"));

  const auto id = asked();
  EXPECT_TRUE(is_json_refusal(poll_ciba(id, "cB").response, 400, "invalid_grant"));
  (void)browser.press(enter_account(browser), "allow");
  EXPECT_TRUE(is_json_refusal(poll_ciba(id, "cB").response, 400, "invalid_grant"));
  const auto tokens = poll_ciba(id);
  ASSERT_EQ(tokens.status, 200);
  EXPECT_TRUE(is_json_refusal(poll_ciba(id).response, 400, "invalid_grant"));
  EXPECT_EQ(harness.userinfo(tokens.access_token).status, 401);
  EXPECT_TRUE(is_json_refusal(poll_ciba("x").response, 400, "invalid_grant"));
  EXPECT_TRUE(
      is_json_refusal(harness.send(harness.as_client("cA", "/token", {{"grant_type", ciba_grant}})),
                      400, "invalid_request"));
}

// CIBACore-11; ciba-07: polling too fast slows down, and time ends
TEST_F(Ciba, S11_SlowDownAndExpiry) {
  const auto id = asked();
  EXPECT_EQ(poll_ciba(id).error, "authorization_pending");
  harness.clock.advance(Seconds{1});
  EXPECT_EQ(poll_ciba(id).error, "slow_down");
  harness.clock.advance(Seconds{9});
  EXPECT_EQ(poll_ciba(id).error, "slow_down");
  const auto page = enter_account(browser);
  harness.clock.advance(minutes(5));
  EXPECT_TRUE(is_json_refusal(poll_ciba(id).response, 400, "expired_token"));
  EXPECT_TRUE(says(browser.press(page, "allow"), "That request is over"));
  EXPECT_EQ(poll_ciba(id).error, "expired_token");
}

// ciba-08: nobody answers for another, and nobody without our form
TEST_F(Ciba, S8_OnlyThePersonAskedAnswers) {
  const auto id = asked();
  (void)asked({{"binding_message", "for alice"}});
  Browser bob(harness);
  const auto page = enter_account(bob, "bob");
  EXPECT_FALSE(says(page, "Waiting for your answer"));
  const auto requests = harness.stored(
      harness.store->requests_asking(harness.user("alice").user_id, harness.clock.now()));
  ASSERT_EQ(requests.size(), 2u);
  std::string csrf;
  for (const auto& tag : test_pages::read_tags(page.body)) {
    if (tag.name == "input" && tag.attributes.at("name") == "csrf")
      csrf = tag.attributes.at("value");
  }
  const auto theirs = requests.front().request_id.value();
  const auto answer = bob.follow(
      bob.post("/account/answer", {{"csrf", csrf}, {"request", theirs}, {"action", "allow"}}));
  EXPECT_TRUE(says(answer, "That request is over"));
  EXPECT_TRUE(is_page(
      bob.post("/account/answer", {{"csrf", "x"}, {"request", theirs}, {"action", "allow"}}), 403));
  EXPECT_EQ(poll_ciba(id).error, "authorization_pending");
}

// B04; ciba-09: a device's request cannot be answered on the account page, nor be polled as this
// one
TEST_F(Ciba, S8_ADeviceIsNoBackchannelRequest) {
  const auto asked_device = device();
  EXPECT_EQ(poll_ciba(text_in(asked_device, "device_code")).error, "invalid_grant");
  const auto page = enter_account(browser);
  EXPECT_FALSE(says(page, "Waiting for your answer"));
  EXPECT_EQ(harness.send(poll_request(asked())).status, 400);
  EXPECT_EQ(poll(asked_device).error, "authorization_pending");
}

// 6819-01; ciba-10: one person is not asked without end
TEST_F(Ciba, S7_RequestsAreBounded) {
  harness.settings.polled_requests_per_user_max = 2;
  (void)asked();
  (void)asked();
  const auto third = ask_backchannel();
  EXPECT_TRUE(is_json_refusal(third, 429, "temporarily_unavailable"));
  EXPECT_TRUE(third.headers.contains("Retry-After"));
  EXPECT_EQ(ask_backchannel({{"scope", "openid"}, {"login_hint", "bob"}}).status, 200);
}

// Q19; ciba-11: who may not use the client is not asked
TEST_F(Ciba, S13_EntitlementIsJudgedFirst) {
  harness.edit_client("cA", [](Client& client) { client.allowed_groups = {"admins"}; });
  expect_refused({{"scope", "openid"}, {"login_hint", "alice"}}, "access_denied", 403);
}

// CIBACore-4; ciba-12: discovery says what works and nothing else
TEST_F(Ciba, S4_Discovery) {
  const auto body = json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  EXPECT_EQ(json::string_member(body, "backchannel_authentication_endpoint"),
            "https://id.example/bc-authorize");
  EXPECT_EQ(json::strings_member(body, "backchannel_token_delivery_modes_supported"),
            (std::vector<std::string>{"poll", "ping"}));
  EXPECT_EQ(json::bool_member(body, "backchannel_user_code_parameter_supported"), false);
  EXPECT_EQ(
      json::strings_member(body, "backchannel_authentication_request_signing_alg_values_supported"),
      (std::vector<std::string>{"RS256", "PS256", "ES256", "ES384", "EdDSA"}));
}

// Q14; ciba-13: with offline_access the tokens outlive the session of the approval
TEST_F(Ciba, S10_TokensEndWithTheSessionUnlessOffline) {
  const auto bound = asked();
  const auto offline = asked({{"binding_message", "two"}});
  (void)offline;
  for (int i = 0; i < 2; ++i) (void)browser.press(enter_account(browser), "allow");
  const auto tokens = poll_ciba(bound);
  ASSERT_EQ(tokens.status, 200);
  (void)browser.press(enter_account(browser), "sign-out");
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token).error, "invalid_grant");
  EXPECT_EQ(poll_ciba(offline).error, "invalid_grant");
}

// OIDCRegistration-2; 0012; ciba-07: what a client asks of a sign-in holds for the session that
// answers it, as for one that comes through the browser
TEST_F(Ciba, S8_TheSessionThatAnswersIsGoodEnough) {
  const auto id = asked();
  const auto answered = [&](const std::string& notice) {
    const auto page = browser.press(enter_account(browser), "allow");
    EXPECT_TRUE(says(page, notice)) << test_pages::read_text(page.body);
    return poll_ciba(id).error;
  };
  harness.edit_client("cA", [](Client& client) { client.require_second_factor = true; });
  EXPECT_EQ(answered("needs a second step at sign-in"), "authorization_pending");
  harness.edit_client("cA", [](Client& client) {
    client.require_second_factor = false;
    client.default_max_age = Seconds{60};
  });
  (void)enter_account(browser);
  harness.clock.advance(Seconds{61});
  EXPECT_EQ(answered("a fresh sign-in"), "authorization_pending");
  harness.edit_client("cA", [](Client& client) { client.default_max_age.reset(); });
  harness.clock.advance(Seconds{30});  // between two polls
  EXPECT_EQ(answered("allowed"), "");
}

}  // namespace cardea::ciba_test
