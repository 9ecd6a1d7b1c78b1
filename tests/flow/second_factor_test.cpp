// The second factor as its owner uses it and as others try to: added on the account page or on the
// way through a sign-in, asked for on every path to a session, used once, lost, removed.
#include <set>

#include "crypto/hash.h"
#include "server/second_factor/prove_factor.h"
#include "support/authenticator.h"

namespace cardea::second_factor_flow_test {

using test::ask;
using test::Authenticator;
using test::Browser;
using test::credentials;
using test::Enrolled;
using test::Harness;
using test::has_code;
using test::offers;
using test::user_password;
using test::visit;
using test_pages::read_text;

bool says(const http::Response& page, std::string_view text) {
  return read_text(page.body).find(text) != std::string::npos;
}

std::string essential(std::string_view acr) {
  return R"({"id_token":{"acr":{"essential":true,"value":")" + std::string(acr) + R"("}}})";
}

struct SecondFactorFlow : testing::Test {
  Harness harness;
  Browser browser{harness};

  explicit SecondFactorFlow(test::HarnessOptions options = {}) : harness(std::move(options)) {}

  Instant now() const { return harness.clock.now(); }
  std::size_t sessions(const std::string& login = "alice") {
    return harness.stored(harness.store->sessions_of(harness.user(login).user_id)).size();
  }
  // The page that asks for the code, reached by the password in a browser of its own.
  http::Response at_second_factor(Browser& own, const http::FormPairs& changed = {}) {
    return own.press(visit(harness, own, changed), "sign-in", credentials());
  }
  http::Response verify(Browser& own, const http::Response& page, const std::string& code) {
    return own.press(page, "verify", {{"code", code}});
  }
  json::Object claims(const http::Response& reply) {
    return test::claims_of(test::redeem_reply(harness, reply).id_token);
  }
};

// asvs-6.3.3; RFC8176-2: password and code make a session, and both are told of
TEST_F(SecondFactorFlow, APasswordAndACodeSignIn) {
  const Enrolled alice = enrol(harness, browser);
  Browser other(harness);
  const auto page = at_second_factor(other);
  ASSERT_TRUE(offers(page, "verify"));
  EXPECT_TRUE(says(page, "Enter your code"));
  EXPECT_EQ(other.cookies.size(), 1u);  // the binding alone: nobody is signed in
  EXPECT_EQ(sessions(), 1u);            // where the factor was added
  const auto consent = verify(other, page, alice.app.code(now()));
  ASSERT_TRUE(offers(consent, "allow"));
  const auto reply = other.press(consent, "allow");
  ASSERT_TRUE(has_code(harness, reply));
  const auto said = claims(reply);
  EXPECT_EQ(json::string_member(said, "acr"), acr_mfa);
  EXPECT_EQ(json::strings_member(said, "amr"), (std::vector<std::string>{"pwd", "otp", "mfa"}));
  EXPECT_EQ(json::integer_member(said, "auth_time"), now().unix_seconds());
}

TEST_F(SecondFactorFlow, WithoutAFactorThePasswordSaysSo) {
  const auto said = claims(browser.authorize("cA"));
  EXPECT_EQ(json::string_member(said, "acr"), acr_password);
  EXPECT_EQ(json::strings_member(said, "amr"), std::vector<std::string>{"pwd"});
}

// asvs-6.3.4; asvs-6.4.3: no way around: the account page asks too, and a new password by a link
// does not stand in for the code
TEST_F(SecondFactorFlow, EveryPathAsksForTheCode) {
  const Enrolled alice = enrol(harness, browser);
  Browser account(harness);
  const auto page =
      account.press(account.follow(account.get("/account")), "sign-in", credentials());
  ASSERT_TRUE(offers(page, "verify"));
  EXPECT_EQ(account.get("/account").status, 303);
  const auto inside = verify(account, page, alice.app.code(now()));
  EXPECT_TRUE(says(inside, "Your account"));
  EXPECT_TRUE(says(inside, "An authenticator app was added"));

  harness.clock.advance(Seconds{30});
  const std::string token(43, 'k');
  harness.stored(harness.store->perform(store::PutPasswordLink{
      LinkDigest(crypto::sha256(token)), harness.user("alice").user_id, now() + hours(1)}));
  Browser reset(harness);
  const auto chosen = "a lighthouse eats purple gravel";
  const auto set = reset.press(reset.get("/link/" + token), "set-password",
                               {{"password", chosen}, {"repeat", chosen}});
  EXPECT_TRUE(says(set, "Your password is set"));
  EXPECT_EQ(sessions(), 0u);
  const auto asked =
      reset.press(visit(harness, reset), "sign-in", {{"login", "alice"}, {"password", chosen}});
  EXPECT_TRUE(offers(asked, "verify"));
  EXPECT_EQ(sessions(), 0u);
}

// asvs-6.5.1; 6238-04: one code, sixty-four browsers at once, one session
TEST_F(SecondFactorFlow, ACodeIsUsedOnceHoweverManyTry) {
  harness.settings.throttle.second_factor_per_account = 1000;
  const Enrolled alice = enrol(harness, browser);
  const auto before = sessions();
  std::vector<Browser> browsers(8, Browser(harness));
  int signed_in = 0;
  // In eights, for that many wait their turn at one account.
  for (int round = 0; round < 8; ++round) {
    std::vector<http::Request> requests;
    for (auto& each : browsers) {
      each.cookies.clear();
      const auto page = at_second_factor(each);
      ASSERT_TRUE(offers(page, "verify"));
      requests.push_back(each.request_of(page, "verify", {{"code", alice.app.code(now())}}));
    }
    for (const auto& response : harness.send_all(std::move(requests))) {
      signed_in += response.status == 303 ? 1 : 0;
      if (response.status != 303) EXPECT_TRUE(says(response, "This code was used before"));
    }
  }
  EXPECT_EQ(signed_in, 1);
  EXPECT_EQ(sessions(), before + 1);
}

// asvs-6.5.1; 6238-04: nor later in its window, nor the one before it
TEST_F(SecondFactorFlow, AUsedCodeAndOlderOnesAreRefused) {
  const Enrolled alice = enrol(harness, browser);
  const auto older = alice.app.code(now());
  harness.clock.advance(Seconds{30});
  const auto code = alice.app.code(now());
  Browser first(harness);
  ASSERT_TRUE(offers(verify(first, at_second_factor(first), code), "allow"));
  for (const auto& used : {code, older}) {
    Browser second(harness);
    const auto page = verify(second, at_second_factor(second), used);
    EXPECT_TRUE(says(page, "This code was used before"));
    EXPECT_TRUE(offers(page, "verify"));
  }
  harness.clock.advance(Seconds{30});
  Browser third(harness);
  EXPECT_TRUE(offers(verify(third, at_second_factor(third), alice.app.code(now())), "allow"));
}

// asvs-6.5.5; 6238-02: two steps later a code is over
TEST_F(SecondFactorFlow, AnOldCodeIsRefused) {
  const Enrolled alice = enrol(harness, browser);
  const auto code = alice.app.code(now());
  harness.clock.advance(Seconds{60});
  EXPECT_TRUE(says(verify(browser, at_second_factor(browser, {{"prompt", "login"}}), code),
                   "This code is wrong"));
}

// H06: after too many wrong codes, and after a lock, the password is asked for again
TEST_F(SecondFactorFlow, TooManyWrongCodesBeginWithThePasswordAgain) {
  const Enrolled alice = enrol(harness, browser);
  Browser other(harness);
  auto page = at_second_factor(other);
  for (int i = 1; i < factor_failures_max; ++i) {
    page = verify(other, page, alice.app.wrong_code(now()));
    EXPECT_TRUE(says(page, "This code is wrong"));
    ASSERT_TRUE(offers(page, "verify"));
  }
  const auto over = verify(other, page, alice.app.wrong_code(now()));
  EXPECT_EQ(over.status, 429);
  EXPECT_TRUE(says(over, "begin again with your password"));
  EXPECT_FALSE(offers(over, "verify"));
  // The right code in the page that is still there does not help.
  const auto late = verify(other, page, alice.app.code(now()));
  EXPECT_TRUE(offers(late, "sign-in"));
  EXPECT_EQ(sessions(), 1u);
  EXPECT_TRUE(offers(other.press(late, "sign-in", credentials()), "verify"));
}

// H06; H03: the lock counts for the account from everywhere, and its end finds the first factor
TEST_F(SecondFactorFlow, ALockedAccountWaitsAndThenBeginsAnew) {
  const Enrolled alice = enrol(harness, browser);
  int wrong = 0;
  for (; wrong < harness.settings.throttle.second_factor_per_account;) {
    Browser attacker(harness);
    auto page = at_second_factor(attacker);
    for (int i = 0; i < 4 && wrong < harness.settings.throttle.second_factor_per_account; ++i) {
      page = verify(attacker, page, alice.app.wrong_code(now()));
      ++wrong;
    }
  }
  Browser owner(harness);
  const auto page = at_second_factor(owner);
  ASSERT_TRUE(offers(page, "verify"));
  const auto locked = verify(owner, page, alice.app.code(now()));
  EXPECT_EQ(locked.status, 429);
  EXPECT_TRUE(locked.headers.contains("Retry-After"));
  EXPECT_EQ(sessions(), 1u);
  harness.clock.advance(harness.settings.throttle.window);
  EXPECT_TRUE(offers(verify(owner, page, alice.app.code(now())), "sign-in"));
  Browser again(harness);
  EXPECT_TRUE(offers(verify(again, at_second_factor(again), alice.app.code(now())), "allow"));
}

// H06: a proven password waits ten minutes, and dies with a change of it
TEST_F(SecondFactorFlow, AProvenPasswordDoesNotWaitForLong) {
  const Enrolled alice = enrol(harness, browser);
  Browser slow(harness);
  auto page = at_second_factor(slow);
  harness.clock.advance(Seconds{first_factor_lifetime.count - 1});
  EXPECT_TRUE(offers(verify(slow, page, alice.app.wrong_code(now())), "verify"));
  harness.clock.advance(Seconds{1});
  EXPECT_TRUE(offers(verify(slow, page, alice.app.code(now())), "sign-in"));
  Browser overtaken(harness);
  page = at_second_factor(overtaken);
  harness.edit_user("alice", [](UserRecord& user) {
    user.password_hash = PasswordHash(std::string(user.password_hash.reveal()) + "A");
  });
  EXPECT_TRUE(offers(verify(overtaken, page, alice.app.code(now())), "sign-in"));
}

// The page is this browser's and this person's: nobody else can type a code into it.
TEST_F(SecondFactorFlow, ThePageIsOfOneBrowserAndOnePerson) {
  const Enrolled alice = enrol(harness, browser);
  Browser mine(harness);
  const auto page = at_second_factor(mine);
  Browser thief(harness);
  EXPECT_EQ(thief.submit(page, "verify", {{"code", alice.app.code(now())}}).status, 410);
  auto forged = page;
  const auto at = forged.body.find("name=\"csrf\" value=\"") + 19;
  forged.body[at] = forged.body[at] == 'A' ? 'B' : 'A';
  EXPECT_EQ(mine.submit(forged, "verify", {{"code", alice.app.code(now())}}).status, 403);
  EXPECT_EQ(sessions(), 1u);
}

TEST_F(SecondFactorFlow, CancelTellsTheClient) {
  enrol(harness, browser);
  Browser other(harness);
  EXPECT_TRUE(
      test::is_told(harness, other.press(at_second_factor(other), "cancel"), "access_denied"));
}

// asvs-6.5.1: a recovery code signs in once, however it is written
TEST_F(SecondFactorFlow, ARecoveryCodeSignsInOnce) {
  const Enrolled alice = enrol(harness, browser);
  Browser other(harness);
  const auto page = at_second_factor(other);
  EXPECT_NE(page.body.find("?with=recovery-code"), std::string::npos);
  std::string typed = ascii::lower(alice.recovery_codes[3]);
  std::erase(typed, '-');
  for (char& c : typed) c = c == '0' ? 'O' : c == '1' ? 'L' : static_cast<char>(std::toupper(c));
  EXPECT_TRUE(offers(verify(other, page, " " + typed), "allow"));
  Browser again(harness);
  EXPECT_TRUE(
      says(verify(again, at_second_factor(again), alice.recovery_codes[3]), "This code is wrong"));
  EXPECT_TRUE(offers(verify(again, at_second_factor(again), alice.recovery_codes[4]), "allow"));
  EXPECT_TRUE(says(browser.follow(again.get("/account")), "8 recovery codes left"));
}

// asvs-6.5.2; asvs-6.5.3; asvs-6.5.4: ten codes of sixty random bits, none of them in the store
TEST_F(SecondFactorFlow, RecoveryCodesAreRandomAndKeptAsDigests) {
  const Enrolled alice = enrol(harness, browser);
  Browser other(harness);
  const Enrolled bob = enrol(harness, other, "bob");
  std::set<std::string> all(alice.recovery_codes.begin(), alice.recovery_codes.end());
  all.insert(bob.recovery_codes.begin(), bob.recovery_codes.end());
  EXPECT_EQ(all.size(), 20u);
  for (const auto& code : all) {
    EXPECT_EQ(code.size(), 14u);
    std::string kept = code;
    std::erase(kept, '-');
    EXPECT_EQ(kept.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz"), std::string::npos);
    EXPECT_EQ(harness.log.text().find(code), std::string::npos);
    EXPECT_FALSE(harness.stored(harness.store->has_recovery_code(
        harness.user("alice").user_id, RecoveryDigest(crypto::sha256(kept)))));
  }
  const auto row = harness.stored(harness.store->find_second_factor(harness.user("alice").user_id));
  EXPECT_FALSE(harness.seals->open(SealPurpose::interaction, row->sealed_secret).has_value());
  // A row copied to another account opens for nobody.
  auto moved = *row;
  moved.user_id = harness.user("bob").user_id;
  EXPECT_TRUE(open_factor(*harness.seals, *row).has_value());
  EXPECT_FALSE(open_factor(*harness.seals, moved).has_value());
}

// asvs-7.5.1: adding asks for the password; a wrong one, or a wrong code, adds nothing
TEST_F(SecondFactorFlow, AddingAsksForThePasswordAndACode) {
  const auto account =
      browser.press(browser.follow(browser.get("/account")), "sign-in", credentials());
  EXPECT_TRUE(says(account, "protects your account"));
  const auto page = browser.get("/account/factor");
  const Authenticator app(page);
  const auto submit = [&](const std::string& password, const std::string& code) {
    return browser.submit(page, "add-factor", {{"password", password}, {"code", code}});
  };
  const auto wrong_password = submit("wrong", app.code(now()));
  EXPECT_EQ(wrong_password.status, 422);
  EXPECT_TRUE(says(wrong_password, "The current password is wrong"));
  const auto wrong_code = submit(std::string(user_password), app.wrong_code(now()));
  EXPECT_EQ(wrong_code.status, 422);
  EXPECT_TRUE(says(wrong_code, "This code is wrong"));
  // The page that comes back holds the same secret.
  EXPECT_EQ(Authenticator(wrong_code).code(now()), app.code(now()));
  EXPECT_FALSE(
      harness.stored(harness.store->find_second_factor(harness.user("alice").user_id)).has_value());
  EXPECT_EQ(test::recovery_codes_on(submit(std::string(user_password), app.code(now()))).size(),
            10u);
  EXPECT_EQ(harness.log.count("factor.added"), 1);
}

// asvs-7.4.3; 9700-10: adding and removing end the other sessions and what apps hold
TEST_F(SecondFactorFlow, AChangeOfTheFactorEndsWhatWasThere) {
  const auto tokens = harness.sign_up_tokens();
  Browser elsewhere(harness);
  elsewhere.press(elsewhere.follow(elsewhere.get("/account")), "sign-in", credentials());
  const Enrolled alice = enrol(harness, browser);
  EXPECT_EQ(sessions(), 1u);
  EXPECT_EQ(elsewhere.get("/account").status, 303);
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token).error, "invalid_grant");
  EXPECT_EQ(browser.get("/account").status, 200);

  const auto more = test::redeem_reply(harness, browser.authorize("cA"));
  ASSERT_FALSE(more.refresh_token.empty());
  const auto page = browser.get("/account/factor");
  EXPECT_TRUE(says(page, "An authenticator app was added on"));
  const auto wrong = browser.submit(page, "remove-factor",
                                    {{"password", "wrong"}, {"code", alice.app.code(now())}});
  EXPECT_EQ(wrong.status, 422);
  const auto no_code = browser.submit(
      page, "remove-factor",
      {{"password", std::string(user_password)}, {"code", alice.app.wrong_code(now())}});
  EXPECT_EQ(no_code.status, 422);
  const auto removed =
      browser.press(page, "remove-factor",
                    {{"password", std::string(user_password)}, {"code", alice.app.code(now())}});
  EXPECT_TRUE(says(removed, "The authenticator app was removed"));
  EXPECT_EQ(harness.refresh("cA", more.refresh_token).error, "invalid_grant");
  EXPECT_EQ(harness.log.count("factor.removed"), 1);
  Browser fresh(harness);  // the password alone again
  EXPECT_TRUE(has_code(harness, at_second_factor(fresh)));
}

TEST_F(SecondFactorFlow, NewRecoveryCodesVoidTheFormerOnes) {
  const Enrolled alice = enrol(harness, browser);
  const auto page = browser.get("/account/factor");
  EXPECT_EQ(browser.submit(page, "new-codes", {{"code", alice.app.wrong_code(now())}}).status, 422);
  const auto made = test::recovery_codes_on(
      browser.submit(page, "new-codes", {{"code", alice.recovery_codes[0]}}));
  ASSERT_EQ(made.size(), 10u);
  Browser other(harness);
  const auto asked = at_second_factor(other);
  EXPECT_TRUE(says(verify(other, asked, alice.recovery_codes[1]), "This code is wrong"));
  EXPECT_TRUE(offers(verify(other, asked, made[9]), "allow"));
}

// An enrolment is of one person in one browser, and not of yesterday.
TEST_F(SecondFactorFlow, AnEnrolmentIsBoundToPersonBrowserAndTime) {
  browser.press(browser.follow(browser.get("/account")), "sign-in", credentials());
  const auto page = browser.get("/account/factor");
  const auto enrolment = [](const http::Response& from) {
    for (const auto& tag : test_pages::read_tags(from.body)) {
      const auto name = tag.attributes.find("name");
      if (name != tag.attributes.end() && name->second == "enrolment") {
        return tag.attributes.at("value");
      }
    }
    return std::string();
  };
  Browser other(harness);
  other.press(other.follow(other.get("/account")), "sign-in", credentials("bob"));
  auto planted = other.get("/account/factor");
  const auto own = enrolment(planted);
  planted.body.replace(planted.body.find(own), own.size(), enrolment(page));
  const auto submit = [&](Browser& who, const http::Response& at, const Authenticator& app) {
    return who.submit(at, "add-factor",
                      {{"password", std::string(user_password)}, {"code", app.code(now())}});
  };
  const auto refused = submit(other, planted, Authenticator(page));
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(says(refused, "This page was open for too long"));
  harness.clock.advance(harness.settings.lifetimes.interaction);
  EXPECT_TRUE(says(submit(browser, page, Authenticator(page)), "This page was open for too long"));
}

// oidc-20; 9470-02: an essential acr leads an account without a factor through adding one
TEST_F(SecondFactorFlow, AnEssentialAcrAddsAFactorOnTheWay) {
  const auto page = at_second_factor(browser, {{"claims", essential(acr_mfa)}});
  ASSERT_TRUE(offers(page, "add-factor"));
  EXPECT_EQ(page.body.find("not-now"), std::string::npos);
  const Authenticator app(page);
  EXPECT_TRUE(says(browser.submit(page, "add-factor", {{"code", app.wrong_code(now())}}),
                   "This code is wrong"));
  const auto codes = browser.submit(page, "add-factor", {{"code", app.code(now())}});
  EXPECT_EQ(test::recovery_codes_on(codes).size(), 10u);
  std::string next;
  for (const auto& tag : test_pages::read_tags(codes.body)) {
    const auto id = tag.attributes.find("id");
    if (id != tag.attributes.end() && id->second == "continue") next = tag.attributes.at("href");
  }
  const auto consent = browser.follow(browser.get(next));
  ASSERT_TRUE(offers(consent, "allow"));
  const auto reply = browser.press(consent, "allow");
  EXPECT_EQ(json::string_member(claims(reply), "acr"), acr_mfa);
}

// oidc-20: who adds none cannot meet it, and the client is told so
TEST_F(SecondFactorFlow, AnEssentialAcrThatIsNotReachedIsTold) {
  const auto page = at_second_factor(browser, {{"claims", essential(acr_mfa)}});
  EXPECT_TRUE(
      test::is_told(harness, browser.press(page, "cancel"), "unmet_authentication_requirements"));
}

// 9470-02: acr_values only ask: "not now" goes on with what there is
TEST_F(SecondFactorFlow, AVoluntaryAcrCanBeDeclined) {
  const auto page = at_second_factor(browser, {{"acr_values", std::string(acr_mfa)}});
  ASSERT_TRUE(offers(page, "not-now"));
  const auto consent = browser.press(page, "not-now");
  ASSERT_TRUE(offers(consent, "allow"));
  EXPECT_EQ(json::string_member(claims(browser.press(consent, "allow")), "acr"), acr_password);
}

// 9470-02; oidc-06; oidc-07: prompt=login and max_age ask for both factors anew
TEST_F(SecondFactorFlow, AFreshSignInProvesBothFactors) {
  const Enrolled alice = enrol(harness, browser);
  harness.clock.advance(minutes(5));
  for (const auto& [name, value] : http::FormPairs{{"prompt", "login"}, {"max_age", "60"}}) {
    const auto page = at_second_factor(browser, {{name, value}});
    ASSERT_TRUE(offers(page, "verify")) << name;
    auto reply = verify(browser, page, alice.app.code(now()));
    if (offers(reply, "allow")) reply = browser.press(reply, "allow");
    const auto said = claims(reply);
    EXPECT_EQ(json::integer_member(said, "auth_time"), now().unix_seconds());
    EXPECT_EQ(json::string_member(said, "acr"), acr_mfa);
    harness.clock.advance(minutes(2));
  }
}

struct RequiredFlow : SecondFactorFlow {
  RequiredFlow()
      : SecondFactorFlow({.settings = [](Settings& settings) {
          settings.second_factor = Settings::SecondFactor::required;
        }}) {}
};

// asvs-6.3.3: where a second factor is required, the password alone makes no session
TEST_F(RequiredFlow, NobodyGetsASessionWithThePasswordAlone) {
  const auto page = at_second_factor(browser);
  ASSERT_TRUE(offers(page, "add-factor"));
  EXPECT_EQ(sessions(), 0u);
  EXPECT_EQ(test::recovery_codes_on(
                browser.submit(page, "add-factor", {{"code", Authenticator(page).code(now())}}))
                .size(),
            10u);
  EXPECT_EQ(sessions(), 1u);
  const auto reply = browser.press(visit(harness, browser), "allow");
  EXPECT_EQ(json::string_member(claims(reply), "acr"), acr_mfa);
}

TEST_F(RequiredFlow, TheAccountPageToo) {
  const auto page =
      browser.press(browser.follow(browser.get("/account")), "sign-in", credentials());
  ASSERT_TRUE(offers(page, "add-factor"));
  EXPECT_EQ(sessions(), 0u);
  browser.submit(page, "add-factor", {{"code", Authenticator(page).code(now())}});
  EXPECT_EQ(browser.get("/account").status, 200);
}

// A client that requires it finds sessions that were made without.
TEST_F(SecondFactorFlow, AClientMayRequireIt) {
  ASSERT_TRUE(has_code(harness, browser.authorize("cA")));
  harness.edit_client("cA", [](Client& client) { client.require_second_factor = true; });
  ASSERT_TRUE(offers(visit(harness, browser), "add-factor"));
  harness.clock.advance(fresh_sign_in);
  const auto page = at_second_factor(browser);
  ASSERT_TRUE(offers(page, "add-factor"));
  EXPECT_TRUE(
      test::is_told(harness, ask(harness, browser, {{"prompt", "none"}}), "login_required"));
}

}  // namespace cardea::second_factor_flow_test
