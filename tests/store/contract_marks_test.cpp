// The contract of marks, one-time values, parked codes, keys, counters and the store's own facts,
// on every engine; and of the sweep that keeps their tables bounded. Decisions Q6, Q7, T4.
#include <gtest/gtest.h>

#include <thread>

#include "engines.h"

namespace cardea::contract_marks_test {

using namespace store_test;
using namespace store;

class MarksContract : public EveryEngine {
 protected:
  // As many commits as the sweep needs to visit every table.
  void let_the_sweep_pass() {
    for (int i = 0; i < 16; ++i) perform(ClearCounters{});
  }
};

// RFC7009-2.1: a mark ends one access token
TEST_P(MarksContract, AMarkEndsOneToken) {
  furnish(store());
  perform(redemption(store()));
  EXPECT_EQ(perform(MarkToken{.token_id = TokenId("t1"), .expires_at = start + minutes(10)}),
            MarkToken::Outcome::marked);
  EXPECT_EQ(perform(MarkToken{.token_id = TokenId("t1"), .expires_at = start}),
            MarkToken::Outcome::marked);
  EXPECT_TRUE(value(store().is_token_marked(TokenId("t1"))));
  EXPECT_FALSE(value(store().is_token_marked(TokenId("t2"))));
  const auto marked = value(store().find_grant(GrantId("g1"), TokenId("t1")));
  EXPECT_EQ(judge_liveness(*marked, start), Liveness::token_revoked);
  const auto other = value(store().find_grant(GrantId("g1"), TokenId("t2")));
  EXPECT_EQ(judge_liveness(*other, start), Liveness::live);
  EXPECT_EQ(value(store().find_grant(GrantId("g9"), TokenId())), nullptr);
}

// RFC7523-3: a jti is used once until it expires
TEST_P(MarksContract, AOneTimeValueIsFirstOnce) {
  UseOnce op{.digest = digest<OnceDigest>("jti"), .expires_at = start + minutes(5), .now = start};
  EXPECT_EQ(perform(op), UseOnce::Outcome::first);
  EXPECT_EQ(perform(op), UseOnce::Outcome::replayed);
  op.now = start + minutes(4);
  EXPECT_EQ(perform(op), UseOnce::Outcome::replayed);
  op.digest = digest<OnceDigest>("other");
  EXPECT_EQ(perform(op), UseOnce::Outcome::first);
}

// INV1: of many at once one is first
TEST_P(MarksContract, OfManyUsesAtOnceOneIsFirst) {
  std::atomic<int> first = 0;
  const auto race = [&] {
    ManualExecutor executor;
    int done = 0;
    for (int i = 0; i < 32; ++i) {
      spawn(
          executor,
          store().perform(UseOnce{
              .digest = digest<OnceDigest>("jti"), .expires_at = start + minutes(5), .now = start}),
          [&](Answer<UseOnce::Outcome> answer) {
            if (answer.ok() && *answer == UseOnce::Outcome::first) ++first;
            ++done;
          },
          [](std::exception_ptr) {});
    }
    executor.run_until([&] { return done == 32; });
  };
  std::thread other(race);
  race();
  other.join();
  EXPECT_EQ(first, 1);
}

TEST_P(MarksContract, AParkedCodeIsFoundUntilItIsSwept) {
  const std::string sealed("sealed\0code", 11);
  EXPECT_EQ(perform(ParkSealed{
                .value_id = ParkedId("g1"), .sealed = sealed, .expires_at = start + Seconds{60}}),
            ParkSealed::Outcome::stored);
  EXPECT_EQ(value(store().find_parked(ParkedId("g1"))), sealed);
  EXPECT_FALSE(value(store().find_parked(ParkedId("g2"))).has_value());
  clock.advance(hours(2));
  let_the_sweep_pass();
  EXPECT_FALSE(value(store().find_parked(ParkedId("g1"))).has_value());
}

ServerKey a_key(const std::string& kid) {
  return {.kid = KeyId(kid),
          .algorithm = crypto::SignatureAlgorithm::EdDSA,
          .state = ServerKey::State::next,
          .sealed_private = std::string("sealed\0key", 10),
          .created_at = start,
          .activated_at = {},
          .remove_at = {}};
}

// FX30: keys change in one step
TEST_P(MarksContract, SigningKeysChangeTogether) {
  EXPECT_EQ(perform(ChangeServerKeys{.put = {a_key("k1"), a_key("k2")}, .remove = {}}),
            ChangeServerKeys::Outcome::changed);
  ServerKey active = a_key("k2");
  active.state = ServerKey::State::active;
  active.activated_at = start + days(1);
  ServerKey retiring = a_key("k3");
  retiring.algorithm = jose::KeyManagement::ECDH_ES;
  retiring.state = ServerKey::State::retiring;
  retiring.remove_at = start + days(2);
  perform(ChangeServerKeys{.put = {active, retiring}, .remove = {KeyId("k1")}});
  const auto keys = value(store().server_keys());
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].kid, KeyId("k2"));
  EXPECT_EQ(keys[0].algorithm, KeyAlgorithm(crypto::SignatureAlgorithm::EdDSA));
  EXPECT_EQ(keys[0].state, ServerKey::State::active);
  EXPECT_EQ(keys[0].sealed_private, active.sealed_private);
  EXPECT_EQ(keys[0].activated_at, active.activated_at);
  EXPECT_FALSE(keys[0].remove_at.has_value());
  EXPECT_EQ(keys[1].algorithm, KeyAlgorithm(jose::KeyManagement::ECDH_ES));
  EXPECT_EQ(keys[1].state, ServerKey::State::retiring);
  EXPECT_EQ(keys[1].remove_at, retiring.remove_at);
}

TEST_P(MarksContract, AWrappedKeyIsNeverReplaced) {
  const PutWrappedKey op{.purpose = "code", .key_id = "aaaa", .sealed = "one", .created_at = start};
  EXPECT_EQ(perform(op), PutWrappedKey::Outcome::stored);
  PutWrappedKey other = op;
  other.sealed = "two";
  EXPECT_EQ(perform(other), PutWrappedKey::Outcome::already_there);
  other.key_id = "bbbb";
  EXPECT_EQ(perform(other), PutWrappedKey::Outcome::stored);
  const auto keys = value(store().wrapped_keys());
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].sealed, "one");
  EXPECT_EQ(keys[0].purpose, "code");
  EXPECT_EQ(keys[0].key_id, "aaaa");
  EXPECT_EQ(keys[0].created_at, start);
}

TEST_P(MarksContract, CountersAddUpAndStartAnewAfterTheirWindow) {
  const auto a = digest<CounterDigest>("a");
  const auto b = digest<CounterDigest>("b");
  AddToCounters op{
      .additions = {{.key = a, .by = 1}, {.key = b, .by = 5}}, .window = minutes(10), .now = start};
  perform(op);
  op.now = start + minutes(9);
  perform(op);
  auto counters = value(store().counters({a, b, digest<CounterDigest>("c")}));
  ASSERT_EQ(counters.size(), 2u);
  EXPECT_EQ(counters[0].key, a);
  EXPECT_EQ(counters[0].count, 2);
  EXPECT_EQ(counters[0].window_start, start);
  EXPECT_EQ(counters[1].count, 10);
  op.now = start + minutes(10);
  perform(op);
  counters = value(store().counters({a}));
  EXPECT_EQ(counters[0].count, 1);
  EXPECT_EQ(counters[0].window_start, op.now);
  perform(ClearCounters{{{.key = a, .count = 1, .window_start = op.now}}});
  EXPECT_TRUE(value(store().counters({a})).empty());
  EXPECT_EQ(value(store().counters({b})).size(), 1u);
}

// A success clears the failures before it, and none that was counted after somebody looked.
TEST_P(MarksContract, ClearingTakesOffWhatWasSeen) {
  const auto key = digest<CounterDigest>("key");
  AddToCounters op{.additions = {{.key = key, .by = 2}}, .window = minutes(10), .now = start};
  perform(op);
  const ClearCounters::Seen seen{.key = key, .count = 2, .window_start = start};
  op.additions.front().by = 1;
  op.now = start + minutes(9);
  perform(op);
  for (int i = 0; i < 2; ++i) {  // two who saw the same take it off once
    perform(ClearCounters{{seen}});
    const auto counters = value(store().counters({key}));
    ASSERT_EQ(counters.size(), 1u);
    EXPECT_EQ(counters[0].count, 1);
    EXPECT_EQ(counters[0].window_start, start);
  }
  op.additions.front().by = 2;
  op.now = start + minutes(10);
  perform(op);
  perform(ClearCounters{{seen}});
  const auto counters = value(store().counters({key}));
  ASSERT_EQ(counters.size(), 1u);
  EXPECT_EQ(counters[0].count, 2);
  EXPECT_EQ(counters[0].window_start, op.now);
}

TEST_P(MarksContract, ANewStoreHasAnEpochAndNoOwner) {
  const Meta fresh = value(store().meta());
  EXPECT_EQ(fresh.epoch.size(), 16u);
  EXPECT_EQ(fresh.root_key_check, "");
  EXPECT_EQ(fresh.made_by, "");
  EXPECT_EQ(fresh.swept_before, Instant{});
  EXPECT_EQ(fresh.schema_version,
            static_cast<std::int64_t>(
                store::sql::migrations(store::sql::Dialect::sqlite).back().version));
  perform(PutMeta{.root_key_check = "check", .made_by = {}});
  perform(PutMeta{.root_key_check = {}, .made_by = "serve"});
  const Meta meta = value(store().meta());
  EXPECT_EQ(meta.epoch, fresh.epoch);
  EXPECT_EQ(meta.root_key_check, "check");
  EXPECT_EQ(meta.made_by, "serve");
  perform(RenewEpoch{.epoch = "0123456789abcdef"});
  EXPECT_EQ(value(store().meta()).epoch, "0123456789abcdef");
  EXPECT_EQ(value(store().meta()).made_by, "serve");
}

TEST_P(MarksContract, TheStoresClockIsItsOwn) {
  EXPECT_EQ(value(store().store_now()), start);
  clock.advance(minutes(3));
  EXPECT_EQ(value(store().store_now()), start + minutes(3));
}

// RT18; INV9: every table of rows that expire is bounded by what is alive
TEST_P(MarksContract, EverythingThatExpiresIsSwept) {
  furnish(store());
  perform(MarkToken{.token_id = TokenId("t1"), .expires_at = start});
  perform(UseOnce{.digest = digest<OnceDigest>("j"), .expires_at = start, .now = start});
  perform(PutPasswordLink{
      .digest = digest<LinkDigest>("l"), .user_id = a_user().user_id, .expires_at = start});
  perform(AddToCounters{.additions = {{.key = digest<CounterDigest>("c"), .by = 1}},
                        .window = minutes(1),
                        .now = start});
  perform(PutInteraction{.interaction = an_interaction(), .now = start});
  clock.advance(minutes(30));
  let_the_sweep_pass();
  EXPECT_TRUE(value(store().is_token_marked(TokenId("t1"))));  // within the margin
  const auto before = store().statistics().swept_rows;
  EXPECT_EQ(before, 0);
  clock.advance(days(2));
  let_the_sweep_pass();
  EXPECT_FALSE(value(store().is_token_marked(TokenId("t1"))));
  EXPECT_TRUE(value(store().counters({digest<CounterDigest>("c")})).empty());
  EXPECT_FALSE(value(store().find_interaction(an_interaction().handle)).has_value());
  EXPECT_TRUE(value(store().sessions_of(a_user().user_id)).empty());
  // Two interactions, one session, one mark, one value, one link, one counter.
  EXPECT_EQ(store().statistics().swept_rows, 7);
  EXPECT_EQ(value(store().consents_of(a_user().user_id)).size(), 1u);
}

// RT18: a backlog leaves in bounded bites
TEST_P(MarksContract, ABacklogIsSweptFasterThanRowsCome) {
  constexpr int rows = 300;
  ManualExecutor executor;
  int done = 0;
  for (int i = 0; i < rows; ++i) {
    spawn(
        executor,
        store().perform(UseOnce{
            .digest = digest<OnceDigest>(std::to_string(i)), .expires_at = start, .now = start}),
        [&](Answer<UseOnce::Outcome>) { ++done; }, [](std::exception_ptr) {});
  }
  executor.run_until([&] { return done == rows; });
  clock.advance(days(1));
  // Each write earns the removal of more than one row.
  for (int i = 0; i < 160 && store().statistics().swept_rows < rows; ++i) {
    perform(ClearCounters{});
  }
  EXPECT_EQ(store().statistics().swept_rows, rows);
}

INSTANTIATE_TEST_SUITE_P(Store, MarksContract, every_engine(),
                         [](const auto& engine) { return store_test::name_of(engine.param); });

}  // namespace cardea::contract_marks_test
