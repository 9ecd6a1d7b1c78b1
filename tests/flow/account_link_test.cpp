// One-time links by which people set a password.
#include "server/account/password_link.h"
#include "support/harness.h"
#include "support/html_reader.h"

namespace cardea::account_link_test {

using test::Browser;
using test::Harness;
using test_pages::read_text;

const std::string new_password = "a lighthouse eats purple gravel";

bool says(const http::Response& page, std::string_view text) {
  return read_text(page.body).find(text) != std::string::npos;
}

struct PasswordLink : testing::Test {
  Harness harness;
  Browser browser{harness};

  // A link for `login`: its target.
  std::string make_link(const std::string& login = "alice") {
    const auto link = new_password_link(harness.settings, harness.random,
                                        harness.user(login).user_id, harness.clock.now());
    EXPECT_EQ(harness.stored(harness.store->perform(link.operation)),
              store::PutPasswordLink::Outcome::stored);
    const auto address = address_of(harness.settings, link.token);
    return std::string(address.reveal().substr(harness.settings.issuer_origin.size()));
  }
  http::Response set_password(const http::Response& page, const std::string& password) {
    return browser.press(page, "set-password", {{"password", password}, {"repeat", password}});
  }
  bool signs_in(const std::string& password) {
    Browser own(harness);
    const auto page = own.follow(own.get("/account"));
    const auto after = own.press(page, "sign-in", {{"login", "alice"}, {"password", password}});
    return says(after, "Your account");
  }
};

// asvs-6.4.1; 9700-10: a link sets the password once, and ends what was issued before.
TEST_F(PasswordLink, SetsThePasswordOnce) {
  const auto tokens = harness.sign_up_tokens({.client = "cA"});
  const auto link = make_link();
  // Opening it, as a mail scanner would, spends nothing.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(browser.get(link).status, 200);
  const auto page = browser.get(link);
  EXPECT_TRUE(says(page, "Set your password"));
  EXPECT_NE(page.body.find("value=\"alice\""), std::string::npos);
  const auto done = set_password(page, new_password);
  EXPECT_EQ(done.status, 200);
  EXPECT_TRUE(says(done, "Your password is set"));
  EXPECT_TRUE(signs_in(new_password));
  EXPECT_FALSE(signs_in(std::string(test::user_password)));
  EXPECT_EQ(harness.refresh("cA", tokens.refresh_token).error, "invalid_grant");
  EXPECT_EQ(harness.log.count("password.changed"), 1);
  EXPECT_EQ(browser.get(link).status, 410);
  EXPECT_EQ(set_password(page, "another good password, truly").status, 410);
  EXPECT_TRUE(signs_in(new_password));
}

// asvs-6.4.1; asvs-6.5.1: of sixty-four who send a link at once, one sets the password
TEST_F(PasswordLink, OfSixtyFourAtOnceOneSetsThePassword) {
  const auto page = browser.get(make_link());
  int set = 0;
  // In eights, for that many wait their turn for a hash.
  for (int round = 0; round < 8; ++round) {
    std::vector<http::Request> requests;
    for (int i = 0; i < 8; ++i) {
      const auto password = new_password + std::to_string(round * 8 + i);
      requests.push_back(
          browser.request_of(page, "set-password", {{"password", password}, {"repeat", password}}));
    }
    for (const auto& response : harness.send_all(std::move(requests))) {
      set += response.status == 303 ? 1 : 0;
      if (response.status != 303) EXPECT_EQ(response.status, 410);
    }
  }
  EXPECT_EQ(set, 1);
  EXPECT_EQ(harness.log.count("password.changed"), 1);
}

// asvs-6.5.5: links that are unknown, too old, or of a disabled person are gone.
TEST_F(PasswordLink, EndsWithItsLifetimeAndItsPerson) {
  const auto bobs = make_link("bob");
  EXPECT_EQ(browser.get(bobs).status, 200);
  harness.edit_user("bob", [](UserRecord& user) { user.enabled = false; });
  EXPECT_EQ(browser.get(bobs).status, 410);
  const auto link = make_link();
  const auto page = browser.get(link);
  EXPECT_EQ(page.status, 200);
  harness.clock.advance({harness.settings.lifetimes.password_link.count + 1});
  EXPECT_EQ(browser.get(link).status, 410);
  EXPECT_EQ(set_password(page, new_password).status, 410);
  for (const std::string token :
       {"x", "done2", "%00", "../account", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    const auto answer = browser.get("/link/" + token);
    EXPECT_EQ(answer.status, 410) << token;
    EXPECT_TRUE(says(answer, "This link no longer works"));
  }
  EXPECT_EQ(harness.log.count("password.changed"), 0);
}

// 6749-26; asvs-6.2.4: refusals change nothing and do not spend the link.
TEST_F(PasswordLink, RefusalsDoNotSpendIt) {
  const auto link = make_link();
  const auto page = browser.get(link);
  EXPECT_EQ(set_password(page, "short").status, 422);
  EXPECT_EQ(set_password(page, "password1").status, 422);
  EXPECT_EQ(set_password(page, std::string(1025, 'x')).status, 422);
  EXPECT_EQ(
      browser.press(page, "set-password", {{"password", new_password}, {"repeat", "x"}}).status,
      422);
  const auto forged =
      browser.post(link, {{"password", new_password}, {"repeat", new_password}, {"csrf", "x"}});
  EXPECT_EQ(forged.status, 403);
  Browser other(harness);
  other.get(make_link("bob"));
  EXPECT_EQ(
      other.press(page, "set-password", {{"password", new_password}, {"repeat", new_password}})
          .status,
      403);
  EXPECT_EQ(harness.log.count("password.changed"), 0);
  EXPECT_TRUE(says(set_password(browser.get(link), new_password), "Your password is set"));
}

// 6819-02; 6819-03; I01: the token is in no log, and the address is of the issuer whatever the
// request says.
TEST_F(PasswordLink, IsNeitherLoggedNorBuiltFromTheRequest) {
  const auto link = make_link();
  auto request = harness.get(link, {{"X-Forwarded-Host", "evil.example"}});
  const auto page = harness.send(request);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("evil.example"), std::string::npos);
  set_password(browser.get(link), new_password);
  const auto token = link.substr(link.rfind('/') + 1);
  ASSERT_EQ(token.size(), 43u);
  EXPECT_EQ(harness.log.text().find(token), std::string::npos);
  EXPECT_EQ(harness.log.text().find(new_password), std::string::npos);
}

}  // namespace cardea::account_link_test
