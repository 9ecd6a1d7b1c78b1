// The contract of registrations, passwords and links, on every engine. Decisions Q6, Q7, Q22.
#include <gtest/gtest.h>

#include "engines.h"

namespace cardea::contract_accounts_test {

using namespace store_test;
using namespace store;

class AccountsContract : public EveryEngine {
 protected:
  std::optional<UserRecord> user(const std::string& login = "alice") {
    return value(store().find_user_by_login(login));
  }
  SignIn sign_in(const std::string& name = "s1") {
    return {.session = a_session(name),
            .replaces = {},
            .rehashed = {},
            .interaction = {},
            .now = start};
  }
  static void expect_same(const User& found, const User& given) {
    EXPECT_EQ(found.user_id, given.user_id);
    EXPECT_EQ(found.login, given.login);
    EXPECT_EQ(found.claims, given.claims);
    EXPECT_EQ(found.enabled, given.enabled);
    EXPECT_EQ(found.security_version, given.security_version);
  }
  std::size_t sessions() { return value(store().sessions_of(a_user().user_id)).size(); }
};

TEST_P(AccountsContract, AUserIsKeptAsGiven) {
  UserRecord given = a_user();
  given.security_version = 7;
  given.owner = {.by = Ownership::By::file, .place = "cardea.toml:7", .configured_digest = "\x01"};
  EXPECT_EQ(perform(PutUser{.user = given}), PutUser::Outcome::stored);
  const auto all = value(store().users_after("", 2));
  ASSERT_EQ(all.size(), 1u);
  for (const std::optional<UserRecord>& found : {user(), std::optional(all.front())}) {
    ASSERT_TRUE(found.has_value());
    expect_same(*found, given);
    EXPECT_EQ(found->password_hash.reveal(), given.password_hash.reveal());
    EXPECT_EQ(found->owner, given.owner);
    EXPECT_EQ(found->created_at, start);
  }
  const auto found = value(store().find_user(given.user_id));
  ASSERT_NE(found, nullptr);
  expect_same(*found, given);
  EXPECT_FALSE(user("nobody").has_value());
}

// Whoever starts with people in its configuration reads those alone
TEST_P(AccountsContract, UsersAreFoundByTheirOwner) {
  UserRecord of_file = a_user("bob");
  of_file.owner.by = Ownership::By::file;
  for (const auto& each : {a_user("alice"), of_file, a_user("carol")}) {
    ASSERT_EQ(perform(PutUser{.user = each}), PutUser::Outcome::stored);
  }
  const auto found = value(store().users_owned_by(Ownership::By::file));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().login, "bob");
  EXPECT_EQ(value(store().users_owned_by(Ownership::By::cli)).size(), 2u);
}

// However many there are: a caller asks on from the last login that it has seen
TEST_P(AccountsContract, UsersAreReadAPageAtATime) {
  for (const char* login : {"dora", "alice", "carol", "bob", "eve"}) {
    ASSERT_EQ(perform(PutUser{.user = a_user(login)}), PutUser::Outcome::stored);
  }
  std::vector<std::string> seen;
  for (std::string last;;) {
    const auto page = value(store().users_after(last, 2));
    ASSERT_LE(page.size(), 2u);
    if (page.empty()) break;
    for (const auto& each : page) seen.push_back(each.login);
    last = page.back().login;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"alice", "bob", "carol", "dora", "eve"}));
  EXPECT_TRUE(value(store().users_after("", 0)).empty());
}

TEST_P(AccountsContract, AUserIsPutOnlyWhereItIsExpected) {
  EXPECT_EQ(perform(PutUser{.user = a_user(), .expect = Expect::present}),
            PutUser::Outcome::absent);
  EXPECT_FALSE(user().has_value());
  EXPECT_EQ(perform(PutUser{.user = a_user(), .expect = Expect::absent}), PutUser::Outcome::stored);
  UserRecord other = a_user();
  other.claims = {{"name", "Somebody else"}};
  EXPECT_EQ(perform(PutUser{.user = other, .expect = Expect::absent}),
            PutUser::Outcome::already_there);
  EXPECT_EQ(user()->display_name(), "Name of alice");
  EXPECT_EQ(perform(PutUser{.user = other, .expect = Expect::present}), PutUser::Outcome::stored);
  EXPECT_EQ(user()->display_name(), "Somebody else");
}

TEST_P(AccountsContract, ALoginBelongsToOneUser) {
  perform(PutUser{.user = a_user()});
  UserRecord bob = a_user("bob");
  bob.login = "alice";
  EXPECT_EQ(perform(PutUser{.user = bob}), PutUser::Outcome::login_taken);
  bob.login = "bob";
  EXPECT_EQ(perform(PutUser{.user = bob}), PutUser::Outcome::stored);
  bob.login = "alice";
  EXPECT_EQ(perform(PutUser{.user = bob}), PutUser::Outcome::login_taken);
  EXPECT_EQ(user("bob")->user_id, bob.user_id);
}

// Q6: the store raises the version itself, whatever the record says
TEST_P(AccountsContract, DisablingOrANewPasswordRaisesTheVersionAndEndsSessions) {
  perform(PutUser{.user = a_user()});
  perform(sign_in());
  UserRecord changed = a_user();
  changed.claims = {{"name", "Alice B."}};
  changed.security_version = 99;
  perform(PutUser{.user = changed});
  EXPECT_EQ(user()->security_version, 1);
  EXPECT_EQ(sessions(), 1u);
  changed.password_hash = PasswordHash("another");
  perform(PutUser{.user = changed});
  EXPECT_EQ(user()->security_version, 2);
  EXPECT_EQ(sessions(), 0u);
  changed.enabled = false;
  perform(PutUser{.user = changed});
  EXPECT_EQ(user()->security_version, 3);
  changed.enabled = true;
  perform(PutUser{.user = changed});
  EXPECT_EQ(user()->security_version, 3);
}

TEST_P(AccountsContract, ARemovedUserTakesSessionsConsentsAndLinksAlong) {
  furnish(store());
  perform(PutPasswordLink{.digest = digest<LinkDigest>("l"),
                          .user_id = a_user().user_id,
                          .expires_at = start + hours(1)});
  EXPECT_EQ(perform(RemoveUser{a_user().user_id}), RemoveUser::Outcome::removed);
  EXPECT_FALSE(user().has_value());
  EXPECT_EQ(sessions(), 0u);
  EXPECT_TRUE(value(store().consents_of(a_user().user_id)).empty());
  EXPECT_FALSE(value(store().find_link(digest<LinkDigest>("l"), start)).has_value());
  EXPECT_EQ(perform(RemoveUser{a_user().user_id}), RemoveUser::Outcome::absent);
}

// 9700-10: the version guards, rises, and the kept session moves along
TEST_P(AccountsContract, AChangedPasswordKeepsOneSessionOnly) {
  perform(PutUser{.user = a_user()});
  perform(sign_in("s1"));
  perform(sign_in("s2"));
  ChangePassword op{.user_id = a_user().user_id,
                    .security_version = 1,
                    .password_hash = PasswordHash("new"),
                    .keep = SessionId("s2")};
  EXPECT_EQ(perform(op), ChangePassword::Outcome::changed);
  EXPECT_EQ(user()->password_hash.reveal(), "new");
  EXPECT_EQ(user()->security_version, 2);
  const auto kept = value(store().sessions_of(a_user().user_id));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept.front().session_id, SessionId("s2"));
  EXPECT_EQ(kept.front().security_version, 2);
  op.password_hash = PasswordHash("stale");
  EXPECT_EQ(perform(op), ChangePassword::Outcome::user_changed);
  EXPECT_EQ(user()->password_hash.reveal(), "new");
  EXPECT_EQ(sessions(), 1u);
}

TEST_P(AccountsContract, APasswordLinkWorksOnce) {
  perform(PutUser{.user = a_user()});
  perform(sign_in());
  const PutPasswordLink put{.digest = digest<LinkDigest>("l1"),
                            .user_id = a_user().user_id,
                            .expires_at = start + hours(1)};
  EXPECT_EQ(perform(put), PutPasswordLink::Outcome::stored);
  PutPasswordLink another = put;
  another.digest = digest<LinkDigest>("l2");
  perform(another);
  EXPECT_EQ(value(store().find_link(put.digest, start)), a_user().user_id);
  const UsePasswordLink use{
      .digest = put.digest, .password_hash = PasswordHash("chosen"), .now = start};
  EXPECT_EQ(perform(use), UsePasswordLink::Outcome::changed);
  EXPECT_EQ(user()->password_hash.reveal(), "chosen");
  EXPECT_EQ(user()->security_version, 2);
  EXPECT_EQ(sessions(), 0u);
  EXPECT_EQ(perform(use), UsePasswordLink::Outcome::not_usable);
  // Others that were sent out end with it.
  EXPECT_FALSE(value(store().find_link(another.digest, start)).has_value());
}

TEST_P(AccountsContract, APasswordLinkOfNobodyOrTooLateIsNotUsable) {
  const PutPasswordLink put{.digest = digest<LinkDigest>("l1"),
                            .user_id = a_user().user_id,
                            .expires_at = start + hours(1)};
  EXPECT_EQ(perform(put), PutPasswordLink::Outcome::user_absent);
  perform(PutUser{.user = a_user()});
  perform(put);
  UsePasswordLink use{
      .digest = put.digest, .password_hash = PasswordHash("x"), .now = start + hours(1)};
  EXPECT_FALSE(value(store().find_link(put.digest, use.now)).has_value());
  EXPECT_EQ(perform(use), UsePasswordLink::Outcome::not_usable);
  use.now = start;
  use.digest = digest<LinkDigest>("guessed");
  EXPECT_EQ(perform(use), UsePasswordLink::Outcome::not_usable);
  UserRecord disabled = a_user();
  disabled.enabled = false;
  perform(PutUser{.user = disabled});
  use.digest = put.digest;
  EXPECT_EQ(perform(use), UsePasswordLink::Outcome::not_usable);
  EXPECT_EQ(user()->password_hash.reveal(), a_user().password_hash.reveal());
}

TEST_P(AccountsContract, AClientIsKeptAsGivenAndPutWhereItIsExpected) {
  const Client given = a_client();
  EXPECT_EQ(perform(PutClient{.client = given, .expect = Expect::present}),
            PutClient::Outcome::absent);
  EXPECT_FALSE(value(store().find_client(given.client_id)).has_value());
  EXPECT_EQ(perform(PutClient{.client = given, .expect = Expect::absent}),
            PutClient::Outcome::stored);
  const auto found = value(store().find_client(given.client_id));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(write_client(*found), write_client(given));
  Client other = given;
  other.client_name = "Other";
  EXPECT_EQ(perform(PutClient{.client = other, .expect = Expect::absent}),
            PutClient::Outcome::already_there);
  EXPECT_EQ(value(store().find_client(given.client_id))->client_name, "App");
  EXPECT_EQ(perform(PutClient{.client = other}), PutClient::Outcome::stored);
  EXPECT_EQ(value(store().find_client(given.client_id))->client_name, "Other");
  perform(PutClient{.client = a_client("another")});
  EXPECT_EQ(value(store().clients()).size(), 2u);
}

TEST_P(AccountsContract, ARemovedClientTakesItsConsentsAlong) {
  furnish(store());
  EXPECT_EQ(perform(RemoveClient{a_client().client_id}), RemoveClient::Outcome::removed);
  EXPECT_FALSE(value(store().find_client(a_client().client_id)).has_value());
  EXPECT_TRUE(value(store().consents_of(a_user().user_id)).empty());
  EXPECT_EQ(perform(RemoveClient{a_client().client_id}), RemoveClient::Outcome::absent);
}

INSTANTIATE_TEST_SUITE_P(Store, AccountsContract, every_engine(),
                         [](const auto& engine) { return store_test::name_of(engine.param); });

}  // namespace cardea::contract_accounts_test
