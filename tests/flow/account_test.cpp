// The account page as its owner uses it, and as others try to: connected apps, sessions, password.
#include "support/authorize_answers.h"
#include "support/harness.h"
#include "support/html_reader.h"

namespace cardea::account_flow_test {

using test::Browser;
using test::Harness;
using test::user_password;
using test_pages::read_tags;
using test_pages::read_text;

const std::string new_password = "a lighthouse eats purple gravel";

http::FormPairs passwords(std::string_view current, std::string_view chosen,
                          std::string_view repeated) {
  return {{"current", std::string(current)},
          {"password", std::string(chosen)},
          {"repeat", std::string(repeated)}};
}

bool says(const http::Response& page, std::string_view text) {
  return read_text(page.body).find(text) != std::string::npos;
}

struct AccountFlow : testing::Test {
  Harness harness;
  Browser browser{harness};

  // The account page of `login`, signed in there.
  http::Response enter(Browser& own, const std::string& login = "alice",
                       std::string_view password = user_password) {
    const auto page = own.follow(own.get("/account"));
    return own.press(page, "sign-in", {{"login", login}, {"password", std::string(password)}});
  }
  std::string csrf_of(const http::Response& page) {
    for (const auto& tag : read_tags(page.body)) {
      if (tag.name == "input" && tag.attributes.at("name") == "csrf") {
        return tag.attributes.at("value");
      }
    }
    return "";
  }
  std::size_t live_sessions(const std::string& login = "alice") {
    std::size_t live = 0;
    for (const auto& session :
         harness.stored(harness.store->sessions_of(harness.user(login).user_id))) {
      live += is_alive(session, harness.clock.now()) ? 1 : 0;
    }
    return live;
  }
};

TEST_F(AccountFlow, AsksToSignInAndShowsTheAccount) {
  const auto first = browser.get("/account");
  EXPECT_EQ(first.status, 303);
  EXPECT_EQ(first.headers.single("Location"), harness.settings.issuer + "/account/sign-in");
  const auto page = browser.follow(first);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(says(page, "Sign in"));
  const auto account = enter(browser);
  EXPECT_EQ(account.status, 200);
  EXPECT_TRUE(says(account, "Your account"));
  EXPECT_TRUE(says(account, "alice"));
  EXPECT_TRUE(says(account, "This browser"));
  EXPECT_TRUE(says(account, "No app has access"));
  EXPECT_EQ(harness.log.count("login.succeeded"), 1);
  // A session is there now, so the sign-in page leads on.
  EXPECT_EQ(browser.get("/account/sign-in").status, 303);
}

TEST_F(AccountFlow, AWrongPasswordSignsNobodyIn) {
  const auto page = enter(browser, "alice", "wrong");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(says(page, "The user name or the password is wrong"));
  EXPECT_EQ(live_sessions(), 0u);
  EXPECT_EQ(browser.get("/account").status, 303);
}

// 9700-03: after a form with credentials the browser is sent on by 303, and by nothing else.
TEST_F(AccountFlow, FormsWithCredentialsAreAnsweredBy303) {
  const auto sign_in = browser.follow(browser.get("/account"));
  const auto answer = browser.post(
      "/account/sign-in",
      {{"csrf", csrf_of(sign_in)}, {"login", "alice"}, {"password", std::string(user_password)}});
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.body, "");
  const auto account = browser.get("/account");
  auto form = passwords(user_password, new_password, new_password);
  form.emplace_back("csrf", csrf_of(account));
  EXPECT_EQ(browser.post("/account/password", form).status, 303);
}

// 6749-26: no form of another site, or of another account, changes anything.
TEST_F(AccountFlow, FormsWithoutOurValueChangeNothing) {
  enter(browser);
  Browser other(harness);
  const auto foreign = csrf_of(enter(other, "bob"));
  harness.executor.run_until([&] { return harness.background.idle(); });
  const auto writes = harness.writes();
  for (const auto* step : {"withdraw", "end-session", "end-all", "password", "sign-out"}) {
    for (const auto& csrf : {std::string(), std::string("x"), foreign}) {
      auto form = passwords(user_password, new_password, new_password);
      form.emplace_back("csrf", csrf);
      form.emplace_back("client_id", "cA");
      const auto answer = browser.post(std::string("/account/") + step, form);
      EXPECT_EQ(answer.status, 403) << step;
      EXPECT_TRUE(says(answer, "CARDEA-ACCOUNT-001"));
      EXPECT_TRUE(says(answer, "invalid_request"));
    }
  }
  EXPECT_EQ(harness.writes(), writes);
  EXPECT_EQ(live_sessions(), 1u);
  // The sign-in form too: an attacker's credentials are not posted from elsewhere (asvs-7.6.2).
  Browser fresh(harness);
  fresh.get("/account/sign-in");
  const auto planted =
      fresh.post("/account/sign-in", {{"login", "bob"}, {"password", std::string(user_password)}});
  EXPECT_EQ(planted.status, 403);
  EXPECT_EQ(live_sessions("bob"), 1u);
}

// asvs-3.5.3: nothing changes by GET.
TEST_F(AccountFlow, NothingChangesByGet) {
  enter(browser);
  harness.executor.run_until([&] { return harness.background.idle(); });
  const auto writes = harness.writes();
  for (const auto* step : {"withdraw", "end-session", "end-all", "password", "sign-out"}) {
    EXPECT_EQ(browser.get(std::string("/account/") + step + "?client_id=cA").status, 303);
  }
  EXPECT_EQ(browser.get("/account/elsewhere").status, 404);
  EXPECT_EQ(harness.writes(), writes);
}

// 6819-05; asvs-10.4.9; asvs-10.7.3: what was granted is listed, and withdrawing it ends every
// token.
TEST_F(AccountFlow, WithdrawingEndsEverythingTheAppHas) {
  const auto tokens = harness.sign_up_tokens({.client = "cA"});
  const auto account = enter(browser);
  const auto name = std::string(harness.client("cA").display_name());
  ASSERT_TRUE(says(account, name));
  EXPECT_TRUE(says(account, "See your e-mail address"));
  const auto after = browser.press(account, "cA");
  EXPECT_TRUE(says(after, "Access was withdrawn"));
  EXPECT_TRUE(says(after, "No app has access"));
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token).error, "invalid_grant");
  EXPECT_EQ(harness.userinfo(tokens.access_token).status, 401);
  EXPECT_EQ(harness.log.count("consent.withdrawn"), 1);
  // Again, from another tab: nothing is left to withdraw.
  const auto again = browser.press(account, "cA");
  EXPECT_EQ(again.status, 200);
  EXPECT_FALSE(says(again, "Access was withdrawn"));
  EXPECT_EQ(harness.log.count("consent.withdrawn"), 1);
}

// asvs-7.5.2: people see where they are signed in, and end one or all of it.
TEST_F(AccountFlow, SessionsAreListedAndEnded) {
  enter(browser);
  Browser second(harness), third(harness);
  enter(second);
  enter(third);
  ASSERT_EQ(live_sessions(), 3u);
  const auto account = browser.get("/account");
  std::vector<std::string> others;
  for (const auto& tag : read_tags(account.body)) {
    if (tag.name == "button" && tag.attributes.at("name") == "session") {
      others.push_back(tag.attributes.at("value"));
    }
  }
  ASSERT_EQ(others.size(), 3u);  // the own one first
  const auto after_one = browser.press(account, others[1]);
  EXPECT_TRUE(says(after_one, "That session was ended"));
  EXPECT_EQ(live_sessions(), 2u);
  const auto after_all = browser.press(after_one, "end-all");
  EXPECT_TRUE(says(after_all, "signed out everywhere else"));
  EXPECT_EQ(live_sessions(), 1u);
  EXPECT_EQ(second.get("/account").status, 303);
  EXPECT_EQ(third.get("/account").status, 303);
  EXPECT_EQ(browser.get("/account").status, 200);
  EXPECT_EQ(harness.log.count("session.ended"), 2);
}

// asvs-7.5.2: a person ends their own sessions only
TEST_F(AccountFlow, NobodyEndsTheSessionOfAnother) {
  Browser bobs(harness);
  enter(bobs, "bob");
  const auto account = enter(browser);
  const auto sessions = harness.stored(harness.store->sessions_of(harness.user("bob").user_id));
  ASSERT_EQ(sessions.size(), 1u);
  const auto answer =
      browser.post("/account/end-session",
                   {{"csrf", csrf_of(account)}, {"session", sessions.front().session_id.value()}});
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(live_sessions("bob"), 1u);
  EXPECT_EQ(bobs.get("/account").status, 200);
}

// asvs-7.4.1: signing out ends the session at the server, not only the cookie.
TEST_F(AccountFlow, SigningOutEndsTheSessionAtTheServer) {
  const auto account = enter(browser);
  const auto kept = browser.cookies;
  const auto page = browser.press(account, "sign-out");
  EXPECT_TRUE(says(page, "You are signed out"));
  EXPECT_EQ(live_sessions(), 0u);
  browser.cookies = kept;
  EXPECT_EQ(browser.get("/account").status, 303);
}

// 9700-10; asvs-6.2.3: changing the password needs the current one, and ends what was issued.
TEST_F(AccountFlow, ChangingThePasswordEndsEverythingElse) {
  const auto tokens = harness.sign_up_tokens({.client = "cA"});
  Browser elsewhere(harness);
  enter(elsewhere);
  const auto account = enter(browser);
  const auto after = browser.press(account, "change-password",
                                   passwords(user_password, new_password, new_password));
  EXPECT_EQ(after.status, 200);
  EXPECT_TRUE(says(after, "Your password was changed"));
  EXPECT_EQ(harness.log.count("password.changed"), 1);
  EXPECT_EQ(live_sessions(), 1u);
  EXPECT_EQ(elsewhere.get("/account").status, 303);
  EXPECT_EQ(browser.get("/account").status, 200);
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token).error, "invalid_grant");
  Browser later(harness);
  EXPECT_TRUE(says(enter(later), "is wrong"));
  EXPECT_TRUE(says(enter(later, "alice", new_password), "Your account"));
  for (const std::string_view secret : {std::string_view(new_password), user_password}) {
    EXPECT_EQ(harness.log.text().find(secret), std::string::npos);
  }
}

// asvs-6.2.1; asvs-6.2.3; asvs-6.2.4: what is refused changes nothing and says why.
TEST_F(AccountFlow, RefusedPasswordsChangeNothing) {
  const auto account = enter(browser);
  struct Row {
    http::FormPairs form;
    std::string_view says;
  };
  const Row rows[] = {
      {passwords("", new_password, new_password), "The current password is wrong"},
      {passwords("wrong", new_password, new_password), "The current password is wrong"},
      {passwords(user_password, "kX9#vq2", "kX9#vq2"), "too short"},
      {passwords(user_password, "", ""), "too short"},
      {passwords(user_password, std::string(1025, 'x'), std::string(1025, 'x')), "too long"},
      {passwords(user_password, "password1", "password1"), "easy to guess"},
      {passwords(user_password, new_password, new_password + " "), "not the same"},
  };
  for (const auto& row : rows) {
    const auto page = browser.press(account, "change-password", row.form);
    EXPECT_EQ(page.status, 422) << row.says;
    EXPECT_TRUE(says(page, row.says)) << row.says;
    EXPECT_TRUE(says(page, "Your password was not changed"));
  }
  EXPECT_EQ(harness.log.count("password.changed"), 0);
  Browser later(harness);
  EXPECT_TRUE(says(enter(later), "Your account"));
}

// 6749-10: guessing the current password is throttled like a sign-in.
TEST_F(AccountFlow, GuessingTheCurrentPasswordMustWait) {
  const auto account = enter(browser);
  int status = 422;
  int tries = 0;
  for (; status == 422 && tries < 50; ++tries) {
    status = browser
                 .press(account, "change-password",
                        passwords("guess" + std::to_string(tries), new_password, new_password))
                 .status;
  }
  EXPECT_EQ(status, 429);
  EXPECT_EQ(tries, harness.settings.throttle.per_account_and_address + 1);
  const auto right = browser.press(account, "change-password",
                                   passwords(user_password, new_password, new_password));
  EXPECT_EQ(right.status, 429);
  EXPECT_TRUE(right.headers.contains("Retry-After"));
}

TEST_F(AccountFlow, AnExpiredSessionLeadsToTheSignInPage) {
  const auto account = enter(browser);
  harness.clock.advance({harness.settings.lifetimes.session_idle.count + 60});
  const auto page = browser.press(account, "change-password",
                                  passwords(user_password, new_password, new_password));
  EXPECT_TRUE(says(page, "to see and manage your account"));
  EXPECT_EQ(harness.log.count("password.changed"), 0);
}

TEST_F(AccountFlow, TheConsentPageOffersAnotherAccount) {
  auto page = browser.follow(
      browser.get("/authorize?" + http::write_form(test::authorize_form(harness, "cA"))));
  page = browser.press(page, "sign-in",
                       {{"login", "alice"}, {"password", std::string(user_password)}});
  ASSERT_TRUE(says(page, "Use another account"));
  const auto sign_in = browser.press(page, "other");
  EXPECT_EQ(sign_in.status, 200);
  const auto as_bob = browser.press(sign_in, "sign-in",
                                    {{"login", "bob"}, {"password", std::string(user_password)}});
  EXPECT_TRUE(says(as_bob, "Signed in as " + harness.user("bob").display_name()));
  const auto reply = test::reply_of(browser.press(as_bob, "allow"));
  EXPECT_TRUE(reply.contains("code"));
}

// P5: a browser with several accounts shows the newest, and any other that the person chooses; the
// choice stays, and what is not this browser's cannot be chosen.
TEST_F(AccountFlow, AnyAccountOfTheBrowserCanBeChosen) {
  enter(browser, "alice");
  browser.complete(browser.get(test::authorize_target(harness, "cA", {{"prompt", "login"}})),
                   "bob");
  Browser stranger(harness);
  enter(stranger, "bob");
  const auto bobs = browser.get("/account");
  ASSERT_TRUE(says(bobs, "Other accounts in this browser"));
  EXPECT_TRUE(says(bobs, "Bob Brown"));
  const auto other_of = [](const http::Response& page) {
    for (const auto& tag : read_tags(page.body)) {
      const auto is_choice = [&](const char* name, const char* value) {
        const auto at = tag.attributes.find(name);
        return at != tag.attributes.end() && at->second == value;
      };
      if (is_choice("class", "account") && is_choice("name", "session")) {
        return tag.attributes.at("value");
      }
    }
    return std::string();
  };
  const auto writes = harness.writes();
  const auto choose = [&](const http::Response& page, const std::string& session) {
    const auto answer =
        browser.post("/account/switch", {{"csrf", csrf_of(page)}, {"session", session}});
    EXPECT_EQ(answer.status, 303);
    return browser.follow(answer);
  };
  const auto alices = choose(bobs, other_of(bobs));
  EXPECT_NE(csrf_of(alices), csrf_of(bobs));
  EXPECT_EQ(browser.get("/account").body, alices.body);
  EXPECT_NE(other_of(alices), other_of(bobs));
  // A page of the account shown before changes nothing in this one (6749-26).
  const auto stale =
      browser.post("/account/switch", {{"csrf", csrf_of(bobs)}, {"session", other_of(alices)}});
  EXPECT_EQ(stale.status, 403);
  for (const auto& session :
       harness.stored(harness.store->sessions_of(harness.user("bob").user_id))) {
    const auto& id = session.session_id.value();
    if (id != other_of(alices)) EXPECT_EQ(choose(alices, id).body, alices.body);
  }
  EXPECT_EQ(choose(alices, "").body, alices.body);
  EXPECT_EQ(csrf_of(choose(alices, other_of(alices))), csrf_of(bobs));
  EXPECT_EQ(harness.writes(), writes);
}

// WCAG 2.2, 2.2.1: a step of a sign-in says in words how long it stays open, and afterwards the
// page says what to do; rounded down, so that nobody is promised too much.
TEST_F(AccountFlow, AStepSaysHowLongItStaysOpen) {
  const auto address = test::location_of(browser.get(test::authorize_target(harness, "cA")));
  EXPECT_TRUE(says(browser.get(address), "You have 30 minutes for this."));
  harness.clock.advance({59});
  EXPECT_TRUE(says(browser.get(address), "You have 29 minutes for this."));
  harness.clock.advance({28 * 60 + 30});
  EXPECT_TRUE(says(browser.get(address), "You have 1 minute for this."));
  harness.clock.advance(minutes(2));
  const auto gone = browser.get(address);
  EXPECT_TRUE(says(gone, "go back to the app you came from and start again"));
}

}  // namespace cardea::account_flow_test
