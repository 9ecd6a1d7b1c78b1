// Signing in, with everything that can go wrong: wrong passwords, throttling, tabs, other browsers,
// renewal, ends, and what is withdrawn while a page is open.
#include <gtest/gtest.h>

#include "server/authorize/park.h"
#include "support/authorize_answers.h"

namespace cardea::sign_in_flow_test {

using test::ask;
using test::has_code;
using test::is_page;
using test::is_told;
using test::offers;
using test::visit;

// Of the interaction whose form the page holds.
std::string handle_in(const http::Response& page) {
  const std::string before = "action=\"/interaction/";
  return page.body.substr(page.body.find(before) + before.size(), 22);
}

struct SignInFlow : testing::Test {
  test::Harness harness;
  test::Browser browser{harness};

  http::Response try_password(const std::string& login, const std::string& password) {
    return browser.press(visit(harness, browser), "sign-in",
                         {{"login", login}, {"password", password}});
  }
  // A page without what differs from one showing to the next.
  static std::string masked(const http::Response& response) {
    std::string body = response.body;
    for (const auto& tag : test_pages::read_tags(response.body)) {
      for (const auto& [name, value] : tag.attributes) {
        const bool varies = value.size() > 20 || name == "value";
        for (auto at = body.find(value); varies && !value.empty() && at != body.npos;
             at = body.find(value, at)) {
          body.replace(at, value.size(), "*");
        }
      }
    }
    return body;
  }
};

// 6819-04; oidc-05: the whole way, with the budget of decision Q6: one write for the first page,
// one for the sign-in, one for the approval, none afterwards
TEST_F(SignInFlow, StaysWithinTheBudgetOfWrites) {
  const auto start = harness.writes();
  const auto page = visit(harness, browser);
  EXPECT_EQ(harness.writes(), start + 1);
  ASSERT_TRUE(offers(page, "sign-in"));
  browser.follow(browser.get("/authorize?client_id=nobody"));
  EXPECT_EQ(harness.writes(), start + 1);
  const auto consent = browser.press(page, "sign-in", test::credentials());
  harness.executor.run_until([&] { return harness.background.idle(); });
  ASSERT_TRUE(offers(consent, "allow"));
  // One is awaited; the other clears the failure counter behind the reply.
  EXPECT_LE(harness.writes(), start + 3);
  const auto before_approval = harness.writes();
  EXPECT_TRUE(has_code(harness, browser.press(consent, "allow")));
  EXPECT_EQ(harness.writes(), before_approval + 1);
  EXPECT_TRUE(has_code(harness, ask(harness, browser)));
  EXPECT_EQ(harness.writes(), before_approval + 1);
}

// asvs-6.3.8; H05: unknown user, wrong password, no password yet and disabled user look alike and
// cost one hash call each
TEST_F(SignInFlow, AllFailuresLookAlikeAndCostTheSame) {
  harness.edit_user("bob", [](UserRecord& user) { user.enabled = false; });
  std::vector<std::string> pages;
  for (const auto& [login, password] : http::FormPairs{{"alice", "wrong"},
                                                       {"nobody-of-that-name", "wrong"},
                                                       {"bob", std::string(test::user_password)}}) {
    const auto calls = harness.passwords->hash_calls();
    const auto response = try_password(login, password);
    EXPECT_EQ(response.status, 200);
    ASSERT_TRUE(offers(response, "sign-in"));
    EXPECT_EQ(harness.passwords->hash_calls(), calls + 1) << login;
    pages.push_back(masked(response));
  }
  EXPECT_EQ(pages[0], pages[1]);
  EXPECT_EQ(pages[0], pages[2]);
  EXPECT_FALSE(browser.cookies.empty());
  EXPECT_EQ(browser.cookies.size(), 1u);  // the binding alone: nobody is signed in
}

// asvs-6.2.8: a password counts exactly as it was typed
TEST_F(SignInFlow, APasswordCountsExactly) {
  const std::string right(test::user_password);
  for (const std::string& wrong : {right + " ", " " + right, right.substr(1), std::string(),
                                   std::string("Correct horse battery staple")}) {
    EXPECT_TRUE(offers(try_password("alice", wrong), "sign-in"));
  }
  EXPECT_TRUE(offers(try_password(" ALICE ", right), "allow"));
}

// J09: a password above the cap is refused without hashing it
TEST_F(SignInFlow, AnOverlongPasswordIsNotHashed) {
  const auto calls = harness.passwords->hash_calls();
  EXPECT_TRUE(offers(try_password("alice", std::string(1025, 'p')), "sign-in"));
  EXPECT_EQ(harness.passwords->hash_calls(), calls);
}

// asvs-6.1.1; asvs-6.3.1; H04: guessing makes the guesser's address wait and nobody else's
TEST_F(SignInFlow, ThrottlingIsNoLockOutWeapon) {
  http::Response last;
  for (int i = 0; i < 15; ++i) last = try_password("alice", "wrong");
  EXPECT_EQ(last.status, 429);
  EXPECT_TRUE(last.headers.contains("Retry-After"));
  // Not even the right password passes from there, and no hash is computed.
  const auto calls = harness.passwords->hash_calls();
  EXPECT_EQ(try_password("alice", std::string(test::user_password)).status, 429);
  EXPECT_EQ(harness.passwords->hash_calls(), calls);
  // Another user from the same address, and alice from hers, do pass.
  EXPECT_TRUE(offers(try_password("bob", std::string(test::user_password)), "allow"));
  auto request = harness.get(test::authorize_target(harness, "cA"));
  request.peer_address = "198.51.100.7";
  const auto parked = harness.send(request);
  http::Request page = harness.get("");
  page.target = test::location_of(parked).substr(std::string("https://id.example").size());
  const std::string cookie(parked.headers.first("Set-Cookie"));
  page.headers.add("Cookie", cookie.substr(0, cookie.find(';')));
  page.peer_address = "198.51.100.7";
  const auto shown = harness.send(page);
  http::FormPairs form = test::credentials();
  for (const auto& tag : test_pages::read_tags(shown.body)) {
    if (tag.name != "input" || tag.attributes.at("name") != "csrf") continue;
    form.emplace_back("csrf", tag.attributes.at("value"));
  }
  form.emplace_back("action", "sign-in");
  auto submit = harness.post(page.target, form);
  submit.headers.add("Cookie", cookie.substr(0, cookie.find(';')));
  submit.peer_address = "198.51.100.7";
  EXPECT_EQ(harness.send(submit).status, 303);
}

// H03: two hundred parallel guesses are not evaluated beyond the limit
TEST_F(SignInFlow, ParallelGuessesCannotOutrunTheCounter) {
  const auto page = visit(harness, browser);
  http::FormPairs form{{"login", "alice"}, {"password", "wrong"}, {"action", "sign-in"}};
  std::string action;
  for (const auto& tag : test_pages::read_tags(page.body)) {
    if (tag.name == "form") action = tag.attributes.at("action");
    if (tag.name == "input" && tag.attributes.at("name") == "csrf") {
      form.emplace_back("csrf", tag.attributes.at("value"));
    }
  }
  std::string cookie;
  for (const auto& [name, value] : browser.cookies) cookie += name + "=" + value;
  std::vector<http::Request> requests;
  for (int i = 0; i < 200; ++i)
    requests.push_back(harness.post(action, form, {{"Cookie", cookie}}));
  const auto calls = harness.passwords->hash_calls();
  for (const auto& response : harness.send_all(std::move(requests))) {
    EXPECT_TRUE(response.status == 200 || response.status == 429 || response.status == 503)
        << response.status;
  }
  EXPECT_LE(harness.passwords->hash_calls() - calls,
            static_cast<std::uint64_t>(harness.settings.throttle.per_account_and_address));
}

// asvs-7.2.4; asvs-7.2.2: a sign-in gives a new handle, the old one is dead, a planted one is not
// adopted
TEST_F(SignInFlow, ASignInRenewsTheHandle) {
  auto person = test::signed_in(harness);
  const auto before = person.cookies;
  const auto page = visit(harness, person, {{"prompt", "login"}});
  EXPECT_TRUE(has_code(harness, person.press(page, "sign-in", test::credentials())));
  EXPECT_NE(person.cookies, before);
  auto old = person;
  old.cookies = before;
  EXPECT_TRUE(test::is_told(harness, ask(harness, old, {{"prompt", "none"}}), "login_required"));
  EXPECT_TRUE(has_code(harness, ask(harness, person, {{"prompt", "none"}})));
  EXPECT_EQ(harness.stored(harness.store->sessions_of(harness.user("alice").user_id)).size(), 1u);
}

// asvs-7.2.4: a renewal keeps the session's identity, so that what is bound to it lives on
TEST_F(SignInFlow, ARenewalKeepsBoundTokens) {
  auto person = test::signed_in(harness);
  const auto tokens = test::redeem_reply(harness, ask(harness, person));
  person.press(visit(harness, person, {{"prompt", "login"}}), "sign-in", test::credentials());
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token).status, 200);
}

// asvs-7.4.1: a session that ended while somebody signed in again is not revived by its id
TEST_F(SignInFlow, AnEndedSessionIsNotRevived) {
  test::signed_in(harness);
  const auto alice = harness.user("alice").user_id;
  const auto session = harness.stored(harness.store->sessions_of(alice)).front();
  harness.stored(harness.store->perform(
      store::EndSessions{.session_ids = {session.session_id}, .user_id = {}}));
  auto renewed = session;
  renewed.handle = SessionDigest(std::string(32, 'h'));
  EXPECT_EQ(harness.stored(harness.store->perform(store::SignIn{
                .session = renewed, .replaces = session.session_id, .now = harness.clock.now()})),
            store::SignIn::Outcome::user_changed);
  EXPECT_TRUE(harness.stored(harness.store->sessions_of(alice)).empty());
}

// asvs-7.2.4: a planted handle is not adopted
TEST_F(SignInFlow, APlantedHandleIsNotAdopted) {
  auto person = test::signed_in(harness);
  for (auto& [name, value] : person.cookies) {
    if (name.find("session") != name.npos) value = std::string(43, 'A');
  }
  const auto planted = person.cookies;
  EXPECT_TRUE(has_code(harness, person.authorize("cA")));
  EXPECT_NE(person.cookies, planted);
  for (const auto& [name, value] : person.cookies) {
    EXPECT_EQ(value.find(std::string(43, 'A')), std::string::npos);
  }
}

// 6819-04; asvs-10.7.2: the consent page says who asks, from where, for what, and shows the values
TEST_F(SignInFlow, ConsentNamesWhoAndWhat) {
  const auto page = browser.press(
      visit(harness, browser, {{"scope", "openid email offline_access calendar.read"}}), "sign-in",
      test::credentials());
  ASSERT_TRUE(offers(page, "allow"));
  ASSERT_TRUE(offers(page, "deny"));
  const std::string text = test_pages::read_text(page.body);
  for (const char* said : {"Client cA", "app.example", "alice@example.com", "Alice Adams",
                           "calendar.read", "https://api.example"}) {
    EXPECT_NE(text.find(said), std::string::npos) << said;
  }
}

// asvs-7.3.1; asvs-7.3.2: idle and absolute ends
TEST_F(SignInFlow, SessionsEnd) {
  auto person = test::signed_in(harness);
  harness.clock.advance(hours(11));
  EXPECT_TRUE(has_code(harness, ask(harness, person, {{"prompt", "none"}})));
  harness.executor.run_until([&] { return harness.background.idle(); });
  // The touch moved the idle end.
  harness.clock.advance(hours(11));
  EXPECT_TRUE(has_code(harness, ask(harness, person, {{"prompt", "none"}})));
  harness.executor.run_until([&] { return harness.background.idle(); });
  harness.clock.advance(hours(13));
  EXPECT_TRUE(test::is_told(harness, ask(harness, person, {{"prompt", "none"}}), "login_required"));
  auto busy = test::signed_in(harness);
  for (int hour = 0; hour < 30 * 24; hour += 10) {
    harness.clock.advance(hours(10));
    ask(harness, busy, {{"prompt", "none"}});
    harness.executor.run_until([&] { return harness.background.idle(); });
  }
  harness.clock.advance(hours(1));
  EXPECT_TRUE(test::is_told(harness, ask(harness, busy, {{"prompt", "none"}}), "login_required"));
}

// Decision Q6: idle touches are coalesced and stay off the reply
TEST_F(SignInFlow, TouchesAreCoalesced) {
  auto person = test::signed_in(harness);
  harness.executor.run_until([&] { return harness.background.idle(); });
  const auto before = harness.writes();
  for (int i = 0; i < 5; ++i) ask(harness, person);
  harness.executor.run_until([&] { return harness.background.idle(); });
  EXPECT_EQ(harness.writes(), before);
  harness.clock.advance(minutes(6));
  ask(harness, person);
  harness.executor.run_until([&] { return harness.background.idle(); });
  EXPECT_EQ(harness.writes(), before + 1);
  ask(harness, person);
  harness.executor.run_until([&] { return harness.background.idle(); });
  EXPECT_EQ(harness.writes(), before + 1);
}

// FX49; decision Q6: two tabs of one interaction give one code, and the other tab a designed page
TEST_F(SignInFlow, TwoTabsGiveOneCode) {
  const auto page = visit(harness, browser);
  const auto one = browser.press(page, "sign-in", test::credentials());
  const auto two = browser.press(page, "sign-in", test::credentials());
  ASSERT_TRUE(offers(one, "allow"));
  ASSERT_TRUE(offers(two, "allow"));
  EXPECT_TRUE(has_code(harness, browser.press(two, "allow")));
  EXPECT_EQ(browser.press(one, "allow").status, 410);
}

// Decision Q6: two requests in two tabs do not disturb each other
TEST_F(SignInFlow, TwoRequestsInTwoTabs) {
  const auto first = visit(harness, browser, {{"state", "one"}});
  const auto second = visit(harness, browser, {{"state", "two"}}, "cB");
  const auto done = browser.complete(browser.press(first, "sign-in", test::credentials()));
  EXPECT_TRUE(has_code(harness, done, "https://app.example/cb", "one"));
  const auto other = browser.complete(browser.press(second, "sign-in", test::credentials()));
  EXPECT_TRUE(has_code(harness, other, "https://b.example/cb", "two"));
}

// A page of a step that is not the next one leads to the right one.
TEST_F(SignInFlow, TheWrongStepLeadsToTheRightOne) {
  const auto parked = ask(harness, browser);
  const std::string sign_in = test::location_of(parked);
  const std::string base = sign_in.substr(0, sign_in.rfind('/'));
  for (const char* step : {"/consent", "/choose", "/logout", "/nonsense"}) {
    EXPECT_EQ(test::location_of(browser.get(base + step)), sign_in) << step;
  }
  browser.press(browser.get(sign_in), "sign-in", test::credentials());
  EXPECT_EQ(test::location_of(browser.get(sign_in)), base + "/consent");
}

// G05; G06: no step can be skipped by sending its form early
TEST_F(SignInFlow, StepsCannotBeSkipped) {
  const auto page = visit(harness, browser);
  http::FormPairs form{{"action", "allow"}};
  std::string action;
  for (const auto& tag : test_pages::read_tags(page.body)) {
    if (tag.name == "form") action = tag.attributes.at("action");
    if (tag.name == "input" && tag.attributes.at("name") == "csrf") {
      form.emplace_back("csrf", tag.attributes.at("value"));
    }
  }
  const std::string base = action.substr(0, action.rfind('/'));
  const auto before = harness.writes();
  EXPECT_TRUE(offers(browser.follow(browser.post(base + "/consent", form)), "sign-in"));
  EXPECT_TRUE(offers(browser.follow(browser.post(base + "/choose", form)), "sign-in"));
  EXPECT_TRUE(offers(browser.follow(browser.post(base + "/nonsense", form)), "sign-in"));
  EXPECT_TRUE(is_page(browser.post(base + "/sign-in", {}), 403));
  EXPECT_EQ(harness.writes(), before);
}

// B03; G03; am-A1; 6749-26: an interaction's address is worth nothing in another browser, at any
// time
TEST_F(SignInFlow, AnotherBrowserGetsNothing) {
  test::Browser thief(harness);
  const std::string address = test::location_of(ask(harness, browser));
  EXPECT_EQ(thief.get(address).status, 410);
  const auto consent = browser.press(browser.get(address), "sign-in", test::credentials());
  EXPECT_EQ(thief.get(address).status, 410);
  const std::string next = address.substr(0, address.rfind('/')) + "/consent";
  EXPECT_EQ(thief.get(next).status, 410);
  // Also with a binding of its own.
  visit(harness, thief);
  EXPECT_EQ(thief.get(next).status, 410);
  EXPECT_EQ(thief.press(consent, "allow").status, 410);
  EXPECT_TRUE(has_code(harness, browser.press(consent, "allow")));
  EXPECT_EQ(thief.get(next).status, 410);
}

// B21; 6749-26: a consent page shown for one account cannot approve for another
TEST_F(SignInFlow, AConsentPageIsForItsAccountAlone) {
  auto person = test::signed_in(harness, "alice", "cB");
  const auto shown = visit(harness, person);
  ASSERT_TRUE(offers(shown, "allow"));
  // In another tab alice leaves and bob signs in; then the old page is sent.
  person.press(person.follow(person.get("/logout")), "sign-out");
  ASSERT_TRUE(has_code(harness, person.authorize("cB", {}, "bob"), "https://b.example/cb"));
  EXPECT_TRUE(is_page(person.press(shown, "allow"), 403));
  EXPECT_TRUE(harness.stored(harness.store->grants_of(harness.user("bob").user_id)).empty());
  EXPECT_FALSE(
      harness.stored(harness.store->find_consent(harness.user("bob").user_id, ClientId("cA"))));
}

// An interaction ends by time, with a designed page, and nothing is lost but time.
TEST_F(SignInFlow, AnInteractionExpires) {
  const auto page = visit(harness, browser);
  harness.clock.advance(minutes(31));
  EXPECT_EQ(browser.press(page, "sign-in", test::credentials()).status, 410);
  EXPECT_EQ(browser.get("/interaction/AAAAAAAAAAAAAAAAAAAAAA/sign-in").status, 410);
  EXPECT_EQ(browser.get("/interaction/x/sign-in").status, 410);
}

// 6819-01: one address cannot fill the store with unfinished requests
TEST_F(SignInFlow, UnfinishedRequestsAreBounded) {
  test::Harness small({.settings = [](Settings& it) { it.interactions_per_address_max = 3; }});
  test::Browser many(small);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(small, many).status, 303);
  const auto refused = ask(small, many);
  EXPECT_TRUE(is_page(refused, 429, "temporarily_unavailable"));
  EXPECT_TRUE(refused.headers.contains("Retry-After"));
  small.clock.advance(minutes(31));
  EXPECT_EQ(ask(small, many).status, 303);
}

// 6819-01: neighbours of one IPv6 subscriber count as one
TEST_F(SignInFlow, AddressesOfOneSubscriberCountTogether) {
  test::Harness small({.settings = [](Settings& it) { it.interactions_per_address_max = 3; }});
  const auto from = [&](const std::string& address) {
    auto request = small.get(test::authorize_target(small, "cA"));
    request.peer_address = address;
    return small.send(std::move(request)).status;
  };
  for (const auto* last : {"1", "2", "3"}) {
    EXPECT_EQ(from("2001:db8:1:2::" + std::string(last)), 303);
  }
  EXPECT_EQ(from("2001:db8:1:2::4"), 429);
  EXPECT_EQ(from("2001:db8:1:3::4"), 303);
}

// 6819-01: who leaves leaves nothing behind, however often
TEST_F(SignInFlow, ACancelledRequestLeavesNoRow) {
  const auto page = visit(harness, browser);
  const auto row = digest_of_handle(handle_in(page));
  EXPECT_TRUE(harness.stored(harness.store->find_interaction(row)).has_value());
  EXPECT_TRUE(is_told(harness, browser.press(page, "cancel"), "access_denied"));
  EXPECT_FALSE(harness.stored(harness.store->find_interaction(row)).has_value());
  EXPECT_EQ(browser.press(page, "sign-in", test::credentials()).status, 410);
}

// RFC6749-10.2; 6749-26; G05: a client that changes while its page is read gets what was read, or
// nothing
TEST_F(SignInFlow, ConsentIsForWhatWasShown) {
  const auto shown = [&](const http::FormPairs& changed) {
    test::Browser person(harness);
    const auto page = person.press(visit(harness, person, changed), "sign-in", test::credentials());
    EXPECT_TRUE(offers(page, "allow"));
    return std::pair(std::move(person.cookies), page);
  };
  const auto press_after = [&](const http::FormPairs& asked,
                               const std::function<void(Client&)>& change) {
    const auto [cookies, page] = shown(asked);
    const auto before = harness.client("cA");
    harness.edit_client("cA", change);
    test::Browser person(harness);
    person.cookies = cookies;
    auto answer = person.press(page, "allow");
    harness.put_client(before);
    return answer;
  };
  harness.edit_client("cA", [](Client& client) {
    client.scope = {"openid", "profile"};
    client.redirect_uris = {"https://app.example/cb"};
  });
  const auto refused = [&](const http::Response& answer) {
    return is_page(answer, 403, "invalid_request");
  };
  EXPECT_TRUE(refused(press_after(
      {{"scope", ""}}, [](Client& client) { client.scope = {"openid", "profile", "email"}; })));
  EXPECT_TRUE(refused(press_after({{"scope", "profile"}, {"redirect_uri", ""}}, [](Client& client) {
    client.redirect_uris = {"https://evil.example/cb"};
  })));
  EXPECT_TRUE(refused(press_after({{"scope", "openid"}},
                                  [](Client& client) { client.client_name = "Your bank"; })));
  EXPECT_TRUE(has_code(harness, press_after({{"scope", "openid"}}, [](Client&) {})));
}

// Q16; acceptance 4: two issuers in one browser do not disturb each other
TEST_F(SignInFlow, TwoIssuersInOneBrowser) {
  test::Harness other({.issuer = "https://id.example:8443"});
  auto person = test::signed_in(harness);
  test::Browser there(other);
  there.cookies = person.cookies;  // ports do not separate cookies
  EXPECT_TRUE(has_code(other, there.authorize("cA")));
  EXPECT_EQ(there.cookies.size(), 4u);
  person.cookies = there.cookies;
  EXPECT_TRUE(has_code(harness, ask(harness, person, {{"prompt", "none"}})));
  EXPECT_TRUE(has_code(other, ask(other, there, {{"prompt", "none"}})));
}

// Q16; asvs-3.3.1; asvs-3.3.3; asvs-3.3.4: cookies carry their marks
TEST_F(SignInFlow, CookiesCarryTheirMarks) {
  const auto parked = ask(harness, browser);
  const std::string binding(parked.headers.first("Set-Cookie"));
  EXPECT_TRUE(binding.starts_with("__Host-cardea-browser-"));
  for (const char* mark : {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"}) {
    EXPECT_NE(binding.find(mark), std::string::npos) << mark;
  }
  EXPECT_EQ(binding.find("Domain"), std::string::npos);
  test::Harness dev({.issuer = "http://localhost:9443"});
  test::Browser local(dev);
  const std::string plain(ask(dev, local).headers.first("Set-Cookie"));
  EXPECT_TRUE(plain.starts_with("cardea-browser-"));
  EXPECT_EQ(plain.find("Secure"), std::string::npos);
  EXPECT_EQ(plain.find("Max-Age"), std::string::npos);
}

// E3; FX27: when the password pool is full, people are told to come back
TEST_F(SignInFlow, AFullPoolSheds) {
  test::Harness full({.settings = [](Settings& it) { it.password_queue_max = 0; }});
  test::Browser person(full);
  const auto response = person.press(visit(full, person), "sign-in", test::credentials());
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(response.headers.contains("Retry-After"));
}

// 6.1: a password kept at another cost is hashed anew at the next sign-in
TEST_F(SignInFlow, APasswordIsRehashed) {
  harness.edit_user("alice", [](UserRecord& user) {
    user.password_hash =
        PasswordHash(crypto::hash_password(test::user_password, {.memory_kib = 16, .passes = 1}));
  });
  EXPECT_TRUE(offers(try_password("alice", std::string(test::user_password)), "allow"));
  EXPECT_FALSE(crypto::needs_rehash(harness.user("alice").password_hash.reveal(),
                                    harness.settings.password_cost));
  EXPECT_TRUE(harness.log.count("login.succeeded") == 1);
}

// 6819-02: neither the session's handle nor the binding of the browser can be read from the store
TEST_F(SignInFlow, TheStoreHoldsNoCookie) {
  ask(harness, browser);
  ASSERT_TRUE(has_code(harness, browser.authorize("cA")));
  ASSERT_EQ(browser.cookies.size(), 2u);
  const auto sessions = harness.stored(harness.store->sessions_of(harness.user("alice").user_id));
  ASSERT_EQ(sessions.size(), 1u);
  for (const auto& [name, value] : browser.cookies) {
    EXPECT_EQ(sessions[0].handle.value().find(value), std::string::npos) << name;
    EXPECT_EQ(harness.stored(harness.store->find_session(SessionDigest(value))), std::nullopt);
  }
}

// 6819-03; I11: no secret is in the log
TEST_F(SignInFlow, NoSecretIsLogged) {
  const auto response = browser.complete(ask(harness, browser));
  test::Browser other(harness);
  other.press(visit(harness, other), "sign-in",
              {{"login", "alice"}, {"password", "a-wrong-password-to-find"}});
  const std::string log = harness.log.text();
  EXPECT_EQ(log.find(test::user_password), std::string::npos);
  EXPECT_EQ(log.find("a-wrong-password-to-find"), std::string::npos);
  EXPECT_EQ(log.find(test::reply_of(response)["code"]), std::string::npos);
  for (const auto& [name, value] : browser.cookies) EXPECT_EQ(log.find(value), std::string::npos);
}

// Q20: skipped consent sends a first-party client's people straight through
TEST_F(SignInFlow, AFirstPartyClientAsksNothing) {
  harness.edit_client("cA", [](Client& it) { it.consent = ConsentPolicy::skip; });
  const auto page = visit(harness, browser);
  const auto before = harness.writes();
  EXPECT_TRUE(has_code(harness, browser.press(page, "sign-in", test::credentials())));
  harness.executor.run_until([&] { return harness.background.idle(); });
  EXPECT_LE(harness.writes(), before + 2);
}

// Q19: who is in none of the allowed groups is refused, and the client is told
TEST_F(SignInFlow, EntitlementIsChecked) {
  harness.edit_client("cA", [](Client& it) { it.allowed_groups = {"admins"}; });
  EXPECT_TRUE(test::is_told(harness, browser.complete(ask(harness, browser)), "access_denied"));
  EXPECT_EQ(harness.watcher.last().refusal->rule, "CARDEA-STEP-003");
  harness.edit_user("alice", [](UserRecord& user) {
    user.claims.set("groups", std::vector<std::string>{"admins"});
  });
  EXPECT_TRUE(has_code(harness, browser.complete(ask(harness, browser))));
}

// form_post: the answer posts itself to the registered address, escaped
TEST_F(SignInFlow, FormPostAnswers) {
  auto person = test::signed_in(harness);
  const auto page =
      ask(harness, person, {{"response_mode", "form_post"}, {"state", "\"><script>x</script>"}});
  EXPECT_EQ(page.status, 200);
  std::map<std::string, std::string> fields;
  for (const auto& tag : test_pages::read_tags(page.body)) {
    if (tag.name == "form") EXPECT_EQ(tag.attributes.at("action"), "https://app.example/cb");
    if (tag.name == "input") fields[tag.attributes.at("name")] = tag.attributes.at("value");
    if (tag.name == "script") EXPECT_TRUE(tag.attributes.contains("src"));
  }
  EXPECT_EQ(fields["state"], "\"><script>x</script>");
  EXPECT_FALSE(fields["code"].empty());
}

// A client or user withdrawn while a page is open.
TEST_F(SignInFlow, WithdrawalsHoldAtTheNextStep) {
  const auto consent = browser.press(visit(harness, browser), "sign-in", test::credentials());
  ASSERT_TRUE(offers(consent, "allow"));
  harness.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
  EXPECT_TRUE(offers(browser.follow(browser.press(consent, "allow")), "sign-in"));
  const auto page = visit(harness, browser);
  harness.edit_client("cA", [](Client& it) { it.enabled = false; });
  EXPECT_TRUE(is_page(browser.press(page, "sign-in", test::credentials("bob"))));
}

}  // namespace cardea::sign_in_flow_test
