// RFC 8628: device authorization. Ids of the security corpus; BDS as in its section 0.
#include <set>

#include "server/device/user_code.h"
#include "support/further_grants.h"
#include "support/html_reader.h"

namespace cardea::rfc8628_test {

using namespace test;

struct Rfc8628 : FurtherGrants {};

bool says(const http::Response& page, std::string_view text) {
  return test_pages::read_text(page.body).find(text) != std::string::npos;
}

// RFC8628-3.2; 8628-07: the answer holds both codes, where to type one, and how often to ask
TEST_F(Rfc8628, S3_2_TheAnswerIsWhole) {
  const auto response = ask_for_device();
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
  const auto body = json_of(response);
  const auto user_code = text_in(body, "user_code");
  EXPECT_EQ(text_in(body, "verification_uri"), "https://id.example/device");
  EXPECT_EQ(text_in(body, "verification_uri_complete"),
            "https://id.example/device?user_code=" + user_code);
  EXPECT_EQ(json::integer_member(body, "expires_in"), 600);
  EXPECT_EQ(json::integer_member(body, "interval"), 5);
}

// RFC8628-3.1; 8628-08: the endpoint authenticates clients as the token endpoint does
// (asvs-10.4.10)
TEST_F(Rfc8628, S3_1_ClientsAreAuthenticated) {
  const auto wrong = harness.send(harness.post("/device_authorization", {{"scope", "openid"}},
                                               {{"Authorization", basic("cA", "wrong")}}));
  EXPECT_TRUE(is_json_refusal(wrong, 401, "invalid_client"));
  const auto nobody = harness.send(harness.post("/device_authorization", {{"client_id", "cA"}}));
  EXPECT_TRUE(is_json_refusal(nobody, 401, "invalid_client"));
  EXPECT_EQ(ask_for_device("pN").status, 200);
}

// RFC8628-3.1; 8628-09: client, scope and resource are judged as for an authorization request
TEST_F(Rfc8628, S3_1_TheRequestIsJudged) {
  EXPECT_TRUE(is_json_refusal(ask_for_device("cB"), 400, "unauthorized_client"));
  EXPECT_TRUE(
      is_json_refusal(ask_for_device("cA", {{"scope", "openid admin"}}), 400, "invalid_scope"));
  EXPECT_TRUE(is_json_refusal(ask_for_device("cA", {{"scope", "a\"b"}}), 400, "invalid_scope"));
  EXPECT_TRUE(is_json_refusal(ask_for_device("cA", {{"resource", "https://nowhere.example"}}), 400,
                              "invalid_target"));
  EXPECT_TRUE(
      is_json_refusal(ask_for_device("cA", {{"scope", "calendar.read"}, {"resource", notes}}), 400,
                      "invalid_target"));
  EXPECT_TRUE(is_json_refusal(ask_for_device("cA", {{"scope", "openid"}, {"scope", "openid"}}), 400,
                              "invalid_request"));
}

// RFC8707-2; 8628-09: an API that claims a scope of the issuer's own ends no server
TEST_F(Rfc8628, S3_1_AScopeOfTwoKindsIsRefused) {
  harness.settings.resources.front().scopes.push_back("offline_access");
  EXPECT_TRUE(is_json_refusal(
      ask_for_device("pN", {{"scope", "offline_access notes.read"}, {"resource", notes}}), 400,
      "invalid_target"));
}

// B12; Q14: offline_access that the client lost since makes the grant its session's, which must be
// there
TEST_F(Rfc8628, S3_5_ALostOfflineAccessEndsWithTheSession) {
  const auto asked = device("openid offline_access calendar.read");
  allow(browser, asked);
  harness.edit_client("cA", [](Client& client) { std::erase(client.scope, "offline_access"); });
  for (const auto& session :
       harness.stored(harness.store->sessions_of(harness.user("alice").user_id))) {
    harness.stored(harness.store->perform(store::EndSessions{.session_ids = {session.session_id}}));
  }
  EXPECT_EQ(poll(asked).error, "invalid_grant");
}

// RFC8628-3.1; 8628-10: wrong methods and floods get their own status
TEST_F(Rfc8628, S3_1_MethodsAndQuotas) {
  const auto get = harness.send(harness.get("/device_authorization"));
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.headers.first("Allow"), "POST");
  EXPECT_EQ(harness.send(harness.post("/device/approved", {})).status, 405);
  harness.settings.polled_requests_per_address_max = 2;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask_for_device("pN").status, 200);
  // 6819-01: unfinished requests cannot exhaust the server
  const auto third = ask_for_device("pN");
  EXPECT_TRUE(is_json_refusal(third, 429, "temporarily_unavailable"));
  EXPECT_TRUE(third.headers.contains("Retry-After"));
  // A confidential client is known by more than its address.
  EXPECT_EQ(ask_for_device("cA").status, 200);
  harness.settings.polled_requests_per_client_max = 1;
  EXPECT_TRUE(is_json_refusal(ask_for_device("cA"), 429, "temporarily_unavailable"));
  // Room comes with time.
  harness.clock.advance(minutes(10));
  EXPECT_EQ(ask_for_device("pN").status, 200);
}

// RFC8628-6.1; 8628-01: user codes are drawn evenly from twenty letters, eight of them, and device
// codes hold over 128 random bits
TEST_F(Rfc8628, S6_1_CodesAreHardToGuess) {
  std::set<std::string> seen;
  std::map<char, int> letters;
  for (int i = 0; i < 2000; ++i) {
    const auto code = new_user_code(harness.random);
    ASSERT_EQ(code.size(), 8u);
    EXPECT_TRUE(seen.insert(code).second);
    for (const char c : code) ++letters[c];
  }
  EXPECT_EQ(letters.size(), 20u);
  for (const auto& [letter, count] : letters) {
    EXPECT_EQ(std::string_view("AEIOUY0123456789").find(letter), std::string_view::npos);
    EXPECT_GT(count, 600);  // 800 expected; five standard deviations are 138
    EXPECT_LT(count, 1000);
  }
  const auto one = text_in(device(), "device_code");
  const auto other = text_in(device(), "device_code");
  EXPECT_GE(one.size(), 85u);  // key id, nonce of 192 bits, id of 128 bits, tag
  EXPECT_NE(one.substr(5), other.substr(5));
}

// RFC8628-6.1; 8628-11: a person may type the code in any case, with or without the hyphen
TEST_F(Rfc8628, S6_1_TypingIsForgiving) {
  EXPECT_EQ(read_user_code("wdjb mjht"), "WDJBMJHT");
  EXPECT_EQ(read_user_code(" WDJB-MJHT "), "WDJBMJHT");
  EXPECT_EQ(read_user_code("w d j b m j h t"), "WDJBMJHT");
  EXPECT_EQ(read_user_code("WDJB-MJH"), std::nullopt);
  EXPECT_EQ(read_user_code("WDJB-MJHA"), std::nullopt);
  EXPECT_EQ(read_user_code("WDJB-MJHTT"), std::nullopt);
  EXPECT_EQ(read_user_code(""), std::nullopt);
  EXPECT_EQ(read_user_code(std::string(65, ' ')), std::nullopt);
  EXPECT_EQ(shown_user_code("WDJBMJHT"), "WDJB-MJHT");
  const auto asked = device();
  auto typed = ascii::lower(text_in(asked, "user_code"));
  typed[4] = ' ';
  EXPECT_TRUE(offers(type_code(browser, typed), "sign-in"));
}

// RFC8628-3.3; 8628-04: the page names client and scopes, where the request came from, warns, and
// asks; nothing is given without the person's yes
TEST_F(Rfc8628, S3_3_ThePageShowsAndAsks) {
  const auto asked = device("openid profile calendar.read");
  EXPECT_EQ(poll(asked).error, "authorization_pending");
  const auto page = reach_consent(browser, asked);
  EXPECT_TRUE(says(page, "Client cA"));
  EXPECT_TRUE(says(page, "See your profile"));
  EXPECT_TRUE(says(page, api));
  EXPECT_TRUE(says(page, text_in(asked, "user_code")));
  EXPECT_TRUE(says(page, "192.0.2.1"));
  EXPECT_TRUE(says(page, "Only go on if you started this yourself"));
  EXPECT_FALSE(says(page, "You will return to"));
  harness.clock.advance(Seconds{5});
  EXPECT_EQ(poll(asked).error, "authorization_pending");
  EXPECT_TRUE(says(browser.press(page, "allow"), "You have allowed it"));
  harness.clock.advance(Seconds{5});
  const auto tokens = poll(asked);
  EXPECT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_EQ(tokens.scope, "openid profile calendar.read");
  EXPECT_FALSE(tokens.refresh_token.empty());
  const auto claims = claims_of(tokens.id_token);
  EXPECT_EQ(json::string_member(claims, "sub"), harness.user("alice").user_id.value());
  EXPECT_EQ(json::string_member(claims, "aud"), "cA");
  EXPECT_EQ(harness.userinfo(tokens.access_token).status, 200);
}

// RFC8628-3.3.1; 8628-04: the complete address fills the field and does nothing else, also for who
// is signed in and approved the same client before
TEST_F(Rfc8628, S3_3_1_TheCompleteAddressConfirmsNothing) {
  browser.cookies = signed_in(harness).cookies;
  const auto asked = device("openid");
  const auto complete = text_in(asked, "verification_uri_complete");
  const auto writes = harness.writes();
  const auto page = browser.get(complete);
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("value=\"" + text_in(asked, "user_code") + "\""), std::string::npos);
  EXPECT_EQ(harness.writes(), writes);
  EXPECT_EQ(poll(asked).error, "authorization_pending");
  const auto consent =
      browser.press(page, "continue", {{"user_code", text_in(asked, "user_code")}});
  EXPECT_TRUE(offers(consent, "allow"));
  harness.clock.advance(Seconds{5});
  EXPECT_EQ(poll(asked).error, "authorization_pending");
}

// 8628-12: what the address holds is shown only where it can be a code
TEST_F(Rfc8628, S3_3_1_NothingElseIsEchoed) {
  const auto page = browser.get("/device?user_code=%3Cscript%3Ealert(1)%3C/script%3E");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("alert"), std::string::npos);
  EXPECT_EQ(browser.get("/device?user_code=%").status, 400);
  EXPECT_EQ(browser.get("/device/elsewhere").status, 404);
}

// 6749-26; 8628-12: the form counts from our page alone
TEST_F(Rfc8628, S3_3_AForgedFormIsRefused) {
  const auto asked = device();
  EXPECT_TRUE(is_page(browser.post("/device", {{"user_code", text_in(asked, "user_code")}}), 403));
  (void)browser.get("/device");
  EXPECT_TRUE(is_page(
      browser.post("/device", {{"user_code", text_in(asked, "user_code")}, {"csrf", "x"}}), 403));
}

// RFC8628-3.3; 8628-04; 8628-13: a client that skips consent is asked about all the same
TEST_F(Rfc8628, S3_3_SkippingConsentDoesNotSkipTheQuestion) {
  harness.edit_client("cA", [](Client& client) { client.consent = ConsentPolicy::skip; });
  const auto asked = device();
  allow(browser, asked);
  EXPECT_EQ(poll(asked).status, 200);
}

// RFC8628-3.5; 8628-05: no is final, and so is the end of its time
TEST_F(Rfc8628, S3_5_DeniedAndExpiredAreTerminal) {
  const auto denied = device();
  const auto page = browser.press(reach_consent(browser, denied), "deny");
  EXPECT_TRUE(says(page, "You have denied it"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(is_json_refusal(poll(denied).response, 400, "access_denied"));
  }
  // Neither can it be typed again.
  EXPECT_TRUE(says(type_code(browser, text_in(denied, "user_code")), "wrong or too old"));

  const auto late = device();
  const auto consent = reach_consent(browser, late);
  harness.clock.advance(minutes(10));
  EXPECT_TRUE(is_json_refusal(poll(late).response, 400, "expired_token"));
  EXPECT_EQ(browser.submit(consent, "allow").status, 410);
  EXPECT_TRUE(is_json_refusal(poll(late).response, 400, "expired_token"));

  // Approved, but fetched too late.
  const auto slow = device();
  allow(browser, slow);
  harness.clock.advance(minutes(10));
  EXPECT_TRUE(is_json_refusal(poll(slow).response, 400, "expired_token"));
}

// RFC8628-3.4; 8628-05: a device code is its client's, and gives tokens once; a second use revokes
TEST_F(Rfc8628, S3_4_BoundToItsClientAndOnceOnly) {
  harness.edit_client("cB",
                      [](Client& client) { client.grant_types.push_back(GrantType::device_code); });
  const auto asked = device();
  EXPECT_TRUE(is_json_refusal(poll(asked, "cB").response, 400, "invalid_grant"));
  allow(browser, asked);
  EXPECT_TRUE(is_json_refusal(poll(asked, "cB").response, 400, "invalid_grant"));
  const auto tokens = poll(asked);
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_TRUE(is_json_refusal(poll(asked).response, 400, "invalid_grant"));
  EXPECT_EQ(harness.log.count("grant.replayed"), 1);
  EXPECT_EQ(harness.userinfo(tokens.access_token).status, 401);
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token).error, "invalid_grant");
}

// RFC8628-3.4; 8628-14: what is no device code of this server is refused as any bad grant
TEST_F(Rfc8628, S3_4_AnythingElseIsNoDeviceCode) {
  const auto asked = device();
  const auto code = text_in(asked, "device_code");
  EXPECT_TRUE(is_json_refusal(
      harness.send(harness.as_client("cA", "/token", {{"grant_type", device_grant}})), 400,
      "invalid_request"));
  for (std::string bad : {std::string("x"), code + "x", code.substr(1), std::string(2000, 'A')}) {
    EXPECT_TRUE(is_json_refusal(harness.send(poll_request(bad)), 400, "invalid_grant"));
  }
  EXPECT_EQ(poll(asked).error, "authorization_pending");
}

// RFC8628-3.5; 8628-03: who polls too fast is slowed down by five seconds, for good, on every node
TEST_F(Rfc8628, S3_5_SlowDownAddsFiveSeconds) {
  const auto asked = device();
  EXPECT_EQ(poll(asked).error, "authorization_pending");
  harness.clock.advance(Seconds{1});
  EXPECT_TRUE(is_json_refusal(poll(asked).response, 400, "slow_down"));
  // Five seconds are too few now; each mistake counts.
  harness.clock.advance(Seconds{9});
  EXPECT_EQ(poll(asked).error, "slow_down");
  harness.clock.advance(Seconds{15});
  EXPECT_EQ(poll(asked).error, "authorization_pending");
  harness.clock.advance(Seconds{14});
  EXPECT_EQ(poll(asked).error, "slow_down");
  // Another process sees the same row: the interval is nowhere else.
  Server other(*harness.deps);
  harness.clock.advance(Seconds{19});
  EXPECT_EQ(error_of(harness.await(other.handle(poll_request(text_in(asked, "device_code"))))),
            "slow_down");
  // A yes is given at once, however fast the client asks.
  allow(browser, asked);
  EXPECT_EQ(poll(asked).status, 200);
}

// 8628-03; 6819-01: a client that never listens stops costing writes
TEST_F(Rfc8628, S3_5_ADeafClientWritesOnlySoOften) {
  const auto asked = device();
  for (int i = 0; i < 130; ++i) (void)poll(asked);
  const auto writes = harness.writes();
  EXPECT_EQ(poll(asked).error, "slow_down");
  EXPECT_EQ(harness.writes(), writes);
}

// RFC8628-5.1; 8628-02: guesses are counted for the address, the account and everybody
TEST_F(Rfc8628, S5_1_GuessingIsThrottled) {
  harness.settings.throttle.user_code_per_address = 5;
  harness.settings.throttle.user_code_per_account = 7;
  harness.settings.throttle.user_codes = 12;
  const auto asked = device();
  const auto guess = [&](Browser& from, const std::string& address, const std::string& code) {
    const auto page = from.get("/device");
    std::string csrf;
    for (const auto& tag : test_pages::read_tags(page.body)) {
      if (tag.name == "input" && tag.attributes.at("name") == "csrf") {
        csrf = tag.attributes.at("value");
      }
    }
    auto request = harness.post("/device", {{"csrf", csrf}, {"user_code", code}});
    for (const auto& [name, value] : from.cookies) {
      request.headers.add("Cookie", name + "=" + value);
    }
    request.peer_address = address;
    return harness.send(std::move(request));
  };
  const std::string wrong = "BBBB-BBBB";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(guess(browser, "192.0.2.7", wrong).status, 200);
  const auto blocked = guess(browser, "192.0.2.7", wrong);
  EXPECT_EQ(blocked.status, 429);
  EXPECT_TRUE(blocked.headers.contains("Retry-After"));
  // The right code does not help who guesses, and others are not locked out.
  EXPECT_EQ(guess(browser, "192.0.2.7", text_in(asked, "user_code")).status, 429);
  EXPECT_EQ(guess(browser, "192.0.2.8", text_in(asked, "user_code")).status, 303);
  // What cannot be a code is no guess.
  for (int i = 0; i < 9; ++i) EXPECT_EQ(guess(browser, "192.0.2.9", "WRONG").status, 200);
  EXPECT_EQ(guess(browser, "192.0.2.9", text_in(asked, "user_code")).status, 303);
  // An account takes its failures along from address to address.
  Browser mine(harness);
  (void)enter_account(mine);
  const auto from = [](int i) { return "198.51.100." + std::to_string(i + 1); };
  // Twelve failures of everybody: from then on three tries each.
  for (int i = 0; i < 7; ++i) {
    Browser own(harness);
    EXPECT_EQ(guess(own, "203.0.113.1", wrong).status, i < 5 ? 200 : 429);
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(guess(mine, from(i), wrong).status, 200);
  EXPECT_EQ(guess(mine, from(8), wrong).status, 429);
  Browser stranger(harness);
  EXPECT_EQ(guess(stranger, "203.0.113.9", text_in(asked, "user_code")).status, 303);
}

// 8628-02: parallel guesses do not outrun the counter
TEST_F(Rfc8628, S5_1_ParallelGuessesAreCounted) {
  harness.settings.throttle.user_code_per_address = 3;
  const auto page = browser.get("/device");
  std::string csrf;
  for (const auto& tag : test_pages::read_tags(page.body)) {
    if (tag.name == "input" && tag.attributes.at("name") == "csrf")
      csrf = tag.attributes.at("value");
  }
  std::vector<http::Request> guesses;
  for (int i = 0; i < 8; ++i) {
    auto request = harness.post("/device", {{"csrf", csrf}, {"user_code", "BBBB-BBBB"}});
    for (const auto& [name, value] : browser.cookies) {
      request.headers.add("Cookie", name + "=" + value);
    }
    guesses.push_back(std::move(request));
  }
  int taken = 0;
  for (const auto& response : harness.send_all(std::move(guesses))) {
    taken += response.status == 200 ? 1 : 0;
  }
  EXPECT_EQ(taken, 3);
}

// RFC8628-3.3; 8628-06: whoever is locked, changed or not entitled gets nothing when the device
// asks
TEST_F(Rfc8628, S3_3_ALockedOrUnentitledPersonGetsNothing) {
  const auto locked = device();
  allow(browser, locked);
  harness.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
  EXPECT_TRUE(is_json_refusal(poll(locked).response, 400, "invalid_grant"));
  harness.edit_user("alice", [](UserRecord& user) { user.enabled = true; });
  // Its approval is of another security version now.
  EXPECT_TRUE(is_json_refusal(poll(locked).response, 400, "invalid_grant"));

  Browser again(harness);
  const auto unentitled = device();
  allow(again, unentitled);
  harness.edit_client("cA", [](Client& client) { client.allowed_groups = {"admins"}; });
  EXPECT_TRUE(is_json_refusal(poll(unentitled).response, 400, "invalid_grant"));
  // Nor can such a person allow anything.
  const auto third = device();
  const auto page = type_code(again, text_in(third, "user_code"));
  EXPECT_TRUE(is_page(page, 403, "access_denied"));
  EXPECT_EQ(poll(third).error, "authorization_pending");
}

// Q14; 8628-15: with offline_access the tokens outlive the session of the approval, else they end
// with it
TEST_F(Rfc8628, S3_5_TokensEndWithTheSessionUnlessOffline) {
  const auto bound = device("openid");
  const auto offline = device("openid offline_access");
  allow(browser, bound);
  allow(browser, offline);
  const auto bound_tokens = poll(bound);
  ASSERT_EQ(bound_tokens.status, 200);
  const auto late = device("openid");
  allow(browser, late);
  const auto late_offline = device("openid offline_access");
  allow(browser, late_offline);
  (void)browser.press(enter_account(browser), "sign-out");
  // RFC 8628 has no browser at the device: signing out on the phone does not undo what was allowed.
  const auto offline_tokens = poll(offline);
  EXPECT_EQ(offline_tokens.status, 200) << offline_tokens.response.body;
  EXPECT_EQ(poll(late_offline).status, 200);
  EXPECT_EQ(harness.refresh("cA", offline_tokens.refresh_token).status, 200);
  EXPECT_EQ(harness.refresh("cA", bound_tokens.refresh_token).error, "invalid_grant");
  EXPECT_EQ(harness.userinfo(bound_tokens.access_token).status, 401);
  EXPECT_EQ(poll(late).error, "invalid_grant");
}

// Q20; 8628-16: an approval is a consent like any other: shown, withdrawn, and gone at once
TEST_F(Rfc8628, S3_3_TheApprovalIsAConsent) {
  const auto asked = device("openid profile");
  allow(browser, asked);
  const auto account = enter_account(browser);
  EXPECT_TRUE(says(account, "Client cA"));
  const auto consents = harness.stored(harness.store->consents_of(harness.user("alice").user_id));
  ASSERT_EQ(consents.size(), 1u);
  EXPECT_EQ(consents[0].scopes, (std::vector<std::string>{"openid", "profile"}));
  (void)browser.press(account, "cA");
  EXPECT_EQ(poll(asked).error, "invalid_grant");
}

// 8628-17: two tabs give one answer
TEST_F(Rfc8628, S3_3_TwoTabsGiveOneAnswer) {
  const auto asked = device();
  const auto first = reach_consent(browser, asked);
  const auto second = reach_consent(browser, asked);
  EXPECT_TRUE(says(browser.press(first, "allow"), "You have allowed it"));
  EXPECT_EQ(browser.submit(second, "deny").status, 410);
  EXPECT_EQ(poll(asked).status, 200);
  // Nor does the same page twice.
  const auto other = device();
  const auto page = reach_consent(browser, other);
  EXPECT_TRUE(says(browser.press(page, "deny"), "You have denied it"));
  EXPECT_EQ(browser.submit(page, "allow").status, 410);
  EXPECT_EQ(poll(other).error, "access_denied");
}

// 8628-18: what was taken from the client meanwhile is not given
TEST_F(Rfc8628, S3_3_TheClientIsJudgedAgain) {
  const auto asked = device("openid profile");
  const auto page = reach_consent(browser, asked);
  harness.edit_client("cA", [](Client& client) { std::erase(client.scope, "profile"); });
  EXPECT_TRUE(is_page(browser.submit(page, "allow"), 403, "unauthorized_client"));
  EXPECT_EQ(poll(asked).error, "authorization_pending");
  harness.edit_client("cA", [](Client& client) { client.scope.push_back("profile"); });
  const auto after = device("openid profile");
  allow(browser, after);
  harness.edit_client("cA", [](Client& client) { std::erase(client.scope, "profile"); });
  EXPECT_EQ(poll(after).scope, "openid");
}

// Q18; 8628-19: a page may start a device only where the client says so
TEST_F(Rfc8628, S3_1_CrossOriginAnswers) {
  auto request = harness.as_client("cA", "/device_authorization", {{"scope", "openid"}});
  request.headers.add("Origin", "https://app.example");
  EXPECT_EQ(harness.send(request).headers.first("Access-Control-Allow-Origin"),
            "https://app.example");
  request.headers.set("Origin", "https://evil.example");
  EXPECT_FALSE(harness.send(request).headers.contains("Access-Control-Allow-Origin"));
}

// RFC8628-4; 8628-20: the discovery document names the endpoint and the grant
TEST_F(Rfc8628, S4_Discovery) {
  const auto body = json_of(harness.send(harness.get("/.well-known/openid-configuration")));
  EXPECT_EQ(json::string_member(body, "device_authorization_endpoint"),
            "https://id.example/device_authorization");
  const auto grants = json::strings_member(body, "grant_types_supported").value();
  EXPECT_TRUE(std::ranges::find(grants, device_grant) != grants.end());
}

// 6819-02; 8628-21: neither code can be read out of the store's rows
TEST_F(Rfc8628, S5_TheStoreHoldsNoCode) {
  const auto asked = device();
  const auto digest =
      digest_of_user_code(*harness.seals, *read_user_code(text_in(asked, "user_code")));
  const auto row = harness.stored(harness.store->find_request_of_user_code(digest));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(digest.value().size(), 32u);
  EXPECT_EQ(harness.log.text().find(text_in(asked, "user_code")), std::string::npos);
  EXPECT_EQ(harness.log.text().find(text_in(asked, "device_code")), std::string::npos);
}

}  // namespace cardea::rfc8628_test
