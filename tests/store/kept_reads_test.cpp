// What a store remembers of tokens and people: read once, and never older than the last change that
// was acknowledged, on whichever node. Decisions 0021, 0022; Q6.
#include <gtest/gtest.h>

#include "kept_reads.h"
#include "store/postgres/changes_seen.h"

namespace cardea::kept_reads_test {

using namespace store_test;
using namespace store;

class KeptReads : public EveryEngine {
 protected:
  KeptReads() { furnish_with_grant(*this, store()); }
  void renew() {
    EveryEngine::renew();
    furnish_with_grant(*this, store());
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

INSTANTIATE_TEST_SUITE_P(Engines, KeptReads, every_engine(),
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
  for (const auto& [expected, end] : ways()) {
    renew();
    ASSERT_EQ(liveness(), Liveness::live);
    end(store());
    EXPECT_EQ(liveness(), expected) << name_of(expected);
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
    const int wrong = wrong_looks(
        [&](StoreTest& test) { return test.value(store().find_grant(grant_id, token_id)); },
        [&] { perform(RevokeGrant{.grant_id = grant_id, .reason = "revoked"}); });
    ASSERT_EQ(wrong, 0) << name;
  }
}

// FX01: what was asked before a connection broke may have been asked of another database
TEST(ChangesSeen, AnAnswerThatWasAskedOfAnotherDatabaseDoesNotCount) {
  postgres::ChangesSeen seen;
  EXPECT_FALSE(seen.is_up_to_date());
  ASSERT_TRUE(seen.answered(seen.ask(), {.live_changes = 5}));
  EXPECT_TRUE(seen.is_up_to_date());
  const auto asked = seen.ask();
  seen.note_connection();
  EXPECT_FALSE(seen.answered(asked, {.live_changes = 5}));
  EXPECT_FALSE(seen.is_up_to_date());
  EXPECT_TRUE(seen.answered(seen.ask(), {.live_changes = 5}));
  EXPECT_TRUE(seen.is_up_to_date());
}

// Q6: what was asked before this node wrote does not tell what it wrote
TEST(ChangesSeen, AnAnswerThatWasAskedBeforeAWriteDoesNotTellOfIt) {
  postgres::ChangesSeen seen;
  const auto asked = seen.ask();
  seen.note_write();
  ASSERT_TRUE(seen.answered(asked, {.live_changes = 5}));
  EXPECT_FALSE(seen.is_up_to_date());
  ASSERT_TRUE(seen.answered(seen.ask(), {.live_changes = 5}));
  EXPECT_TRUE(seen.is_up_to_date());
}

// Q6: an unchanged count lets what is remembered stay, any other does not
TEST(ChangesSeen, WhatIsRememberedStaysWhileTheCountDoes) {
  postgres::ChangesSeen seen;
  seen.answered(seen.ask(), {.live_changes = 5});
  const auto keep = [&] {
    seen.memory().users.keep("a", std::make_shared<const User>(),
                             seen.memory().users.look("a").version);
  };
  keep();
  seen.answered(seen.ask(), {.live_changes = 5});
  EXPECT_NE(seen.memory().users.look("a").found, nullptr);
  for (const std::int64_t other : {6, 4}) {
    seen.answered(seen.ask(), {.live_changes = other});
    EXPECT_EQ(seen.memory().users.look("a").found, nullptr) << other;
    keep();
  }
}

}  // namespace cardea::kept_reads_test
