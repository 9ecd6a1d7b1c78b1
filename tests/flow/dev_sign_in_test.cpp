// Signing in under `cardea dev`: the picker's one click, and no page at all.
#include <gtest/gtest.h>

#include "support/authorize_answers.h"

namespace cardea::dev_sign_in_flow_test {

using test::ask;
using test::has_code;
using test::offers;
using test::visit;

test::HarnessOptions dev(Settings::Interaction interaction) {
  return {.issuer = "https://localhost:9443", .settings = [interaction](Settings& it) {
            it.is_dev = true;
            it.interaction = interaction;
            it.picker_logins = {"alice", "bob"};
          }};
}

// P5; P2: in dev one click signs in as an offered account
TEST(DevSignIn, ThePickerSignsInByOneClick) {
  test::Harness harness(dev(Settings::Interaction::picker));
  test::Browser browser(harness);
  const auto page = visit(harness, browser);
  ASSERT_TRUE(offers(page, "alice"));
  ASSERT_TRUE(offers(page, "sign-in"));
  const auto consent = browser.press(page, "bob");
  ASSERT_TRUE(offers(consent, "allow"));
  EXPECT_EQ(harness.passwords->hash_calls(), 0u);
  const auto response = browser.press(consent, "allow");
  const auto tokens = test::redeem_reply(harness, response);
  EXPECT_EQ(json::string_member(test::claims_of(tokens.id_token), "sub"),
            harness.user("bob").user_id.value());
}

// Q15: the picker opens nothing for accounts that it does not offer, nor outside of dev
TEST(DevSignIn, ThePickerIsForItsAccountsAndForDevAlone) {
  auto options = dev(Settings::Interaction::picker);
  auto& change = options.settings;
  test::HarnessOptions serve = options;
  serve.settings = [change](Settings& it) {
    change(it);
    it.is_dev = false;
  };
  test::HarnessOptions form = dev(Settings::Interaction::form);
  for (const auto& [how, account] : std::vector<std::pair<test::HarnessOptions, std::string>>{
           {options, "carol"}, {serve, "alice"}, {form, "alice"}}) {
    test::Harness harness(how);
    test::Browser browser(harness);
    const auto page = visit(harness, browser);
    const auto answer = browser.press(page, "sign-in", {{"account", account}});
    EXPECT_TRUE(offers(answer, "sign-in"));
    EXPECT_EQ(harness.log.count("login.succeeded"), 0);
  }
}

// P2: --interaction auto answers without a page, for the first account or the hinted one
TEST(DevSignIn, AutomaticNeedsNoPage) {
  test::Harness harness(dev(Settings::Interaction::automatic));
  test::Browser browser(harness);
  const auto response = ask(harness, browser, {{"login_hint", "bob"}});
  ASSERT_TRUE(has_code(harness, response));
  const auto tokens = test::redeem_reply(harness, response);
  EXPECT_EQ(json::string_member(test::claims_of(tokens.id_token), "sub"),
            harness.user("bob").user_id.value());
  test::Browser other(harness);
  EXPECT_TRUE(has_code(harness, ask(harness, other)));
  test::Browser silent(harness);
  EXPECT_TRUE(test::is_told(harness, ask(harness, silent, {{"prompt", "none"}}), "login_required"));
}

}  // namespace cardea::dev_sign_in_flow_test
