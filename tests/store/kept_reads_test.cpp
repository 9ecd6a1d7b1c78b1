// What a SQLite store remembers of tokens and people: read once, and never older than the last
// change that was acknowledged. Decision 0021; Q6.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "engines.h"

namespace cardea::kept_reads_test {

using namespace store_test;
using namespace store;

class KeptReads : public EveryEngine {
 protected:
  KeptReads() {
    furnish(store());
    BeginGrant op = redemption(store());
    op.grant.session_binding = SessionBinding::ends_with_session;
    perform(std::move(op));
  }
  std::shared_ptr<const GrantView> view(const std::string& token = "t1") {
    return value(store().find_grant(GrantId("g1"), TokenId(token)));
  }
  std::shared_ptr<const User> user() { return value(store().find_user(a_user().user_id)); }
  Liveness liveness() {
    const auto found = view();
    return found ? judge_liveness(*found, clock.now()) : Liveness::grant_absent;
  }
};

INSTANTIATE_TEST_SUITE_P(Sqlite, KeptReads, testing::Values(Engine::memory, Engine::file),
                         [](const auto& it) { return name_of(it.param); });

// Q6: on every way a token stays as live as the store says
TEST_P(KeptReads, NothingIsReadTwiceWhileOtherThingsAreWritten) {
  const auto kept = view();
  const auto person = user();
  EXPECT_EQ(view(), kept);
  EXPECT_NE(view("t2"), kept);
  // Signing in, codes and refreshes of others, counting, one-time values.
  perform(redemption(store(), "g2"));
  perform(SignIn{
      .session = a_session("s2"), .replaces = {}, .rehashed = {}, .interaction = {}, .now = start});
  perform(UseRefresh{
      .presented = {.grant_id = GrantId("g2"), .generation = 1, .digest = a_refresh("g2").current},
      .client_id = a_client().client_id,
      .policy = {},
      .successor = digest<RefreshDigest>("next"),
      .sealed_successor = "sealed",
      .idle_lifetime = days(14),
      .spender = {},
      .now = start});
  perform(
      UseOnce{.digest = digest<OnceDigest>("jti"), .expires_at = start + minutes(5), .now = start});
  perform(AddToCounters{
      .additions = {{digest<CounterDigest>("c"), 1}}, .window = minutes(5), .now = start});
  // Nothing that is there is meant.
  perform(RevokeGrant{.grant_id = GrantId("none"), .reason = "x"});
  perform(EndSessions{.session_ids = {SessionId("none")}, .user_id = {}});
  EXPECT_EQ(view(), kept);
  EXPECT_EQ(user(), person);
}

// Q6: on every way a token stays as live as the store says
TEST_P(KeptReads, AMarkAndAChangedPersonAreSeenAtOnce) {
  ASSERT_EQ(liveness(), Liveness::live);
  perform(MarkToken{.token_id = TokenId("t1"), .expires_at = start + minutes(10)});
  EXPECT_EQ(liveness(), Liveness::token_revoked);
  ASSERT_TRUE(user()->enabled);
  auto person = a_user();
  person.enabled = false;
  perform(PutUser{.user = person});
  EXPECT_FALSE(user()->enabled);
  perform(RemoveUser{a_user().user_id});
  EXPECT_EQ(user(), nullptr);
}

// Q6: one store for each way to end it
TEST_P(KeptReads, EveryWayToEndATokenIsSeenAtOnce) {
  auto disabled_user = a_user();
  disabled_user.enabled = false;
  auto disabled_client = a_client();
  disabled_client.enabled = false;
  const std::vector<std::pair<Liveness, std::function<void(Store&)>>> ways{
      {Liveness::grant_revoked,
       [&](Store& it) { StoreTest::perform(it, RevokeGrant{GrantId("g1"), "revoked"}); }},
      {Liveness::grant_revoked, [&](Store& it) { StoreTest::perform(it, redemption(it)); }},
      {Liveness::session_ended,
       [&](Store& it) {
         StoreTest::perform(it, EndSessions{.session_ids = {SessionId("s1")}, .user_id = {}});
       }},
      {Liveness::session_ended,
       [&](Store& it) {
         StoreTest::perform(it, EndAllSessions{.user_id = a_user().user_id, .keep = {}});
       }},
      {Liveness::grant_revoked,
       [&](Store& it) { StoreTest::perform(it, PutUser{.user = disabled_user}); }},
      {Liveness::client_disabled,
       [&](Store& it) { StoreTest::perform(it, PutClient{.client = disabled_client}); }},
      {Liveness::grant_revoked,
       [&](Store& it) { StoreTest::perform(it, RemoveClient{a_client().client_id}); }},
      {Liveness::grant_revoked, [&](Store& it) {
         StoreTest::perform(it, ChangePassword{.user_id = a_user().user_id,
                                               .security_version = 1,
                                               .password_hash = PasswordHash("$argon2id$new"),
                                               .keep = SessionId("s1")});
       }}};
  for (const auto& [expected, end] : ways) {
    auto opened = sqlite::open({.path = "", .clock = &clock});
    ASSERT_TRUE(opened.ok());
    Store& other = **opened;
    furnish(other);
    BeginGrant op = redemption(other);
    op.grant.session_binding = SessionBinding::ends_with_session;
    StoreTest::perform(other, std::move(op));
    const auto look = [&] {
      const auto found = value(other.find_grant(GrantId("g1"), TokenId("t1")));
      return found ? judge_liveness(*found, clock.now()) : Liveness::grant_absent;
    };
    ASSERT_EQ(look(), Liveness::live);
    end(other);
    EXPECT_EQ(look(), expected) << name_of(expected);
  }
}

// Q14: the end of a session moves while it is used
TEST_P(KeptReads, ASessionThatIsUsedLivesOnAndOneThatIsNotEnds) {
  ASSERT_EQ(liveness(), Liveness::live);
  clock.advance(hours(11));
  perform(TouchSession{.session_id = SessionId("s1"), .now = clock.now()});
  clock.advance(hours(2));
  EXPECT_EQ(liveness(), Liveness::live);
  clock.advance(hours(10));
  EXPECT_EQ(liveness(), Liveness::session_ended);
}

// Q6: an acknowledged end holds for the next look, whoever was looking meanwhile
TEST_P(KeptReads, NobodyWhoLooksMeanwhileMakesAnEndedTokenLive) {
  for (int round = 0; round < 100; ++round) {
    const std::string name = "r" + std::to_string(round);
    const GrantId grant_id(name);
    const TokenId token_id(name + ".t");
    perform(redemption(store(), name));
    std::atomic<bool> is_over = false;
    std::atomic<int> wrong = 0;
    const auto look = [&] {
      StoreTest of_thread;
      for (bool last = false; !last;) {
        last = is_over.load();
        const auto found = of_thread.value(store().find_grant(grant_id, token_id));
        const bool is_live = judge_liveness(*found, start) == Liveness::live;
        if (last && is_live) ++wrong;
      }
    };
    std::thread one(look);
    std::thread two(look);
    perform(RevokeGrant{.grant_id = grant_id, .reason = "revoked"});
    is_over = true;
    one.join();
    two.join();
    ASSERT_EQ(wrong, 0) << name;
  }
}

}  // namespace cardea::kept_reads_test
