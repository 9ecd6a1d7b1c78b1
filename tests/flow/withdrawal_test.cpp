// What is withdrawn between the authorization and the token request: user, password, client,
// session, consent.
#include <gtest/gtest.h>

#include "support/authorize_answers.h"

namespace cardea::withdrawal_flow_test {

using test::ask;
using test::offers;
using test::visit;

struct Withdrawal : testing::Test {
  test::Harness harness;
  test::Browser person = test::signed_in(harness);
  http::Response issued = ask(harness, person);

  std::string redeem() { return test::redeem_reply(harness, issued).error; }
};

// Acceptance 4; B11; H01; Q7: what is withdrawn between authorize and token refuses the code
TEST_F(Withdrawal, OfTheUser) {
  harness.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
  EXPECT_EQ(redeem(), "invalid_grant");
  EXPECT_TRUE(test::is_told(harness, ask(harness, person, {{"prompt", "none"}}), "login_required"));
}
// Acceptance 4; asvs-7.4.2: a removed user
TEST_F(Withdrawal, OfTheUserAltogether) {
  harness.stored(harness.store->perform(store::RemoveUser{harness.user("alice").user_id}));
  EXPECT_EQ(redeem(), "invalid_grant");
}
// Acceptance 4; 9700-10: a changed password
TEST_F(Withdrawal, OfThePassword) {
  harness.edit_user("alice", [](UserRecord& user) {
    user.password_hash =
        PasswordHash(crypto::hash_password("another password", {.memory_kib = 8, .passes = 1}));
  });
  EXPECT_EQ(redeem(), "invalid_grant");
}
// Acceptance 4: a disabled client
TEST_F(Withdrawal, OfTheClient) {
  harness.edit_client("cA", [](Client& it) { it.enabled = false; });
  EXPECT_EQ(redeem(), "invalid_client");
}
// Acceptance 4; asvs-7.4.1: an ended session
TEST_F(Withdrawal, OfTheSession) {
  person.press(person.follow(person.get("/logout")), "sign-out");
  EXPECT_EQ(redeem(), "invalid_grant");
}
// Acceptance 4; 6819-05; asvs-10.7.3: a withdrawn consent
TEST_F(Withdrawal, OfTheConsent) {
  harness.stored(harness.store->perform(
      store::WithdrawConsent{harness.user("alice").user_id, ClientId("cA")}));
  EXPECT_EQ(redeem(), "invalid_grant");
  EXPECT_TRUE(offers(visit(harness, person), "allow"));
}

}  // namespace cardea::withdrawal_flow_test
