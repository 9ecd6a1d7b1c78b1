// The contract of refresh tokens, on every engine: rotation, grace, reuse, restored stores, and
// what ends them. Decision Q8; security corpus 4.4 and 4.5.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "engines.h"

namespace cardea::contract_refresh_test {

using namespace store_test;
using namespace store;
using Result = UseRefresh::Outcome::Result;

// The digest of the token of one generation of the grant g1.
RefreshDigest generation_digest(std::int64_t generation, const std::string& grant = "g1") {
  return digest<RefreshDigest>(grant + " generation " + std::to_string(generation));
}

class RefreshContract : public EveryEngine {
 protected:
  RefreshContract() {
    furnish(store());
    EXPECT_EQ(perform(redemption(store())), BeginGrant::Outcome::begun);
  }

  UseRefresh use(std::int64_t generation, const std::string& grant = "g1") {
    return {.presented = {.grant_id = GrantId(grant),
                          .generation = generation,
                          .digest = generation_digest(generation, grant)},
            .client_id = a_client().client_id,
            .policy = {},
            .successor = generation_digest(generation + 1, grant),
            .sealed_successor = "sealed " + std::to_string(generation + 1),
            .idle_lifetime = days(14),
            .spender = {},
            .now = clock.now()};
  }
  UseRefresh::Outcome present(std::int64_t generation, const std::string& grant = "g1") {
    return perform(use(generation, grant));
  }
  // The verdict, where one was given: nothing for a token whose row is gone or not live.
  static std::optional<RefreshVerdict> judged(const UseRefresh::Outcome& outcome) {
    const bool given = outcome.result == Result::accepted || outcome.result == Result::refused;
    return given ? std::optional(outcome.verdict) : std::nullopt;
  }
  RefreshView view(const std::string& grant = "g1") {
    auto found = value(store().find_refresh(GrantId(grant)));
    EXPECT_TRUE(found.has_value());
    return found.value_or(RefreshView{});
  }
  void expect_revoked_for(std::string_view reason, const std::string& grant = "g1") {
    EXPECT_EQ(judge_liveness(view(grant).grant, clock.now()), Liveness::grant_revoked);
    EXPECT_EQ(view(grant).grant.grant.revoked_reason, reason);
  }
  // Refused as not live for this reason, with the row as it was.
  void expect_not_live(Liveness reason) {
    const auto outcome = present(1);
    EXPECT_EQ(outcome.result, Result::not_live);
    EXPECT_EQ(outcome.liveness, reason) << name_of(outcome.liveness);
    EXPECT_EQ(view().row.generation, 1);
  }
};

TEST_P(RefreshContract, RotationMovesTheRowOn) {
  clock.advance(Seconds{60});
  const auto outcome = present(1);
  EXPECT_EQ(outcome.result, Result::accepted);
  EXPECT_EQ(outcome.verdict, RefreshVerdict::current);
  EXPECT_EQ(outcome.grant_id, GrantId("g1"));
  const RefreshRow row = view().row;
  EXPECT_EQ(row.generation, 2);
  EXPECT_EQ(row.current, generation_digest(2));
  EXPECT_EQ(row.previous, generation_digest(1));
  EXPECT_EQ(row.spent_at, clock.now());
  EXPECT_EQ(row.sealed_successor, "sealed 2");
  EXPECT_EQ(row.replays, 0);
  EXPECT_EQ(row.idle_end, clock.now() + days(14));
  EXPECT_EQ(row.absolute_end, start + days(90));
}

// RT01: one row whatever the generation
TEST_P(RefreshContract, AThousandRefreshesLeaveOneRow) {
  const int rounds = GetParam() == Engine::memory ? 1000 : 50;
  for (int i = 1; i <= rounds; ++i) {
    ASSERT_EQ(judged(present(i)), RefreshVerdict::current) << i;
  }
  EXPECT_EQ(view().row.generation, rounds + 1);
  EXPECT_EQ(value(store().grants_of(a_user().user_id)).size(), 1u);
}

// RT02; INV2: parallel use gives one successor and revokes nothing
TEST_P(RefreshContract, SixtyFourParallelUsesShareOneSuccessor) {
  std::mutex mutex;
  std::multiset<std::string> results;
  UseRefresh op = use(1);
  op.policy.replays_max = 64;
  const auto race = [&](const std::string& name) {
    ManualExecutor executor;
    int done = 0;
    for (int i = 0; i < 32; ++i) {
      UseRefresh mine = op;
      mine.successor = digest<RefreshDigest>(name + std::to_string(i));
      mine.sealed_successor = name + std::to_string(i);
      spawn(
          executor, store().perform(mine),
          [&](Answer<UseRefresh::Outcome> answer) {
            ++done;
            ASSERT_TRUE(answer.ok());
            ASSERT_EQ(answer->result, Result::accepted);
            const std::lock_guard lock(mutex);
            results.insert(answer->sealed_successor);
          },
          [](std::exception_ptr) { ADD_FAILURE(); });
    }
    executor.run_until([&] { return done == 32; });
  };
  std::thread other([&] { race("b"); });
  race("a");
  other.join();
  EXPECT_EQ(results.count(""), 1u);  // the one that rotated
  EXPECT_EQ(results.size(), 64u);
  EXPECT_EQ(results.count(view().row.sealed_successor), 63u);
  EXPECT_EQ(view().row.generation, 2);
  EXPECT_EQ(view().row.replays, 63);
}

// RT02: past the cap, no successor and no revocation
TEST_P(RefreshContract, ReplaysPastTheCapAreRefusedAndNothingIsRevoked) {
  present(1);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(judged(present(1)), RefreshVerdict::replay_in_grace);
  const auto outcome = present(1);
  EXPECT_EQ(outcome.result, Result::refused);
  EXPECT_EQ(outcome.verdict, RefreshVerdict::too_many_replays);
  EXPECT_EQ(outcome.sealed_successor, "");
  EXPECT_EQ(judge_liveness(view().grant, clock.now()), Liveness::live);
  EXPECT_EQ(judged(present(2)), RefreshVerdict::current);
}

// RT03; RT10: the lost reply is given again
TEST_P(RefreshContract, AReplayWithinGraceGetsTheSameSuccessor) {
  present(1);
  clock.advance(Seconds{5});
  const auto outcome = present(1);
  EXPECT_EQ(outcome.result, Result::accepted);
  EXPECT_EQ(outcome.verdict, RefreshVerdict::replay_in_grace);
  EXPECT_EQ(outcome.sealed_successor, "sealed 2");
  const RefreshRow row = view().row;
  EXPECT_EQ(row.generation, 2);
  EXPECT_EQ(row.replays, 1);
  EXPECT_EQ(row.spent_at, start);  // does not move
  EXPECT_EQ(judged(present(2)), RefreshVerdict::current);
}

// RT04: the successor's first use closes the grace
TEST_P(RefreshContract, AReplayAfterTheSuccessorWasUsedIsReuse) {
  present(1);
  present(2);
  clock.advance(Seconds{5});
  const auto outcome = present(1);
  EXPECT_EQ(outcome.result, Result::refused);
  EXPECT_EQ(outcome.verdict, RefreshVerdict::reuse);
  expect_revoked_for("reuse");
  EXPECT_EQ(present(3).liveness, Liveness::grant_revoked);
}

// RT05: grace ends by the clock
TEST_P(RefreshContract, AReplayAfterTheGraceIsReuse) {
  present(1);
  clock.advance(Seconds{31});
  EXPECT_EQ(judged(present(1)), RefreshVerdict::reuse);
  expect_revoked_for("reuse");
}

// RT06: a grand-parent never qualifies
TEST_P(RefreshContract, AGrandParentIsReuseEvenWithinGrace) {
  present(1);
  present(2);
  present(3);
  EXPECT_EQ(judged(present(2)), RefreshVerdict::reuse);
  expect_revoked_for("reuse");
}

// RT07: a stolen log line logs nobody out
TEST_P(RefreshContract, AnotherClientsUseChangesNothing) {
  UseRefresh op = use(1);
  op.client_id = ClientId("other");
  EXPECT_EQ(perform(op).result, Result::wrong_client);
  present(1);
  EXPECT_EQ(perform(op).result, Result::wrong_client);
  EXPECT_EQ(judge_liveness(view().grant, clock.now()), Liveness::live);
  EXPECT_EQ(judged(present(2)), RefreshVerdict::current);
}

TEST_P(RefreshContract, AnUnknownGrantIsAbsent) {
  EXPECT_EQ(present(1, "g9").result, Result::absent);
}

// A restored store: nothing is revoked
TEST_P(RefreshContract, ATokenAheadOfTheStoreRevokesNothing) {
  for (const std::int64_t generation : {2, 7}) {
    const auto outcome = present(generation);
    EXPECT_EQ(outcome.result, Result::refused);
    EXPECT_EQ(outcome.verdict, RefreshVerdict::ahead_of_store);
  }
  UseRefresh other = use(1);
  other.presented.digest = digest<RefreshDigest>("another first");
  EXPECT_EQ(judged(perform(other)), RefreshVerdict::ahead_of_store);
  EXPECT_EQ(view().row.generation, 1);
  EXPECT_EQ(judged(present(1)), RefreshVerdict::current);
}

TEST_P(RefreshContract, TheIdleEndMovesWithUseAndEndsTheFamily) {
  clock.advance(days(13));
  EXPECT_EQ(judged(present(1)), RefreshVerdict::current);
  clock.advance(days(13));
  EXPECT_EQ(judged(present(2)), RefreshVerdict::current);
  clock.advance(days(14));
  const auto outcome = present(3);
  EXPECT_EQ(outcome.result, Result::refused);
  EXPECT_EQ(outcome.verdict, RefreshVerdict::expired_idle);
}

// RT12: no refresh moves the absolute end
TEST_P(RefreshContract, TheAbsoluteEndStays) {
  std::int64_t generation = 1;
  for (int i = 0; i < 8; ++i) {
    clock.advance(days(11));
    ASSERT_EQ(judged(present(generation++)), RefreshVerdict::current) << i;
  }
  EXPECT_EQ(view().row.idle_end, start + days(90));
  clock.advance(days(2));
  EXPECT_EQ(judged(present(generation)), RefreshVerdict::expired_absolute);
}

TEST_P(RefreshContract, WithoutRotationTheTokenStaysAndOnlyItsIdleEndMoves) {
  clock.advance(days(1));
  UseRefresh op = use(1);
  op.rotation = RefreshRotation::off;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(judged(perform(op)), RefreshVerdict::current);
  }
  EXPECT_EQ(view().row.generation, 1);
  EXPECT_EQ(view().row.current, generation_digest(1));
  EXPECT_EQ(view().row.idle_end, start + days(15));
  EXPECT_FALSE(view().row.spent_at.has_value());
}

// RT15: reuse on one device leaves the other alive
TEST_P(RefreshContract, ReuseOfOneGrantLeavesOthersAlive) {
  EXPECT_EQ(perform(redemption(store(), "g2")), BeginGrant::Outcome::begun);
  present(1);
  present(2);
  EXPECT_EQ(judged(present(1)), RefreshVerdict::reuse);
  EXPECT_EQ(judged(present(1, "g2")), RefreshVerdict::current);
}

// Chronic replay by somebody else: from the third generation in a row on, grace is over
TEST_P(RefreshContract, ALockStepThiefIsCaughtInTheFourthGeneration) {
  for (std::int64_t generation = 1; generation <= 4; ++generation) {
    UseRefresh owner = use(generation);
    owner.spender = "phone";
    ASSERT_EQ(judged(perform(owner)), RefreshVerdict::current) << generation;
    UseRefresh thief = use(generation);
    thief.spender = "elsewhere";
    EXPECT_EQ(judged(perform(thief)),
              generation < 4 ? RefreshVerdict::replay_in_grace : RefreshVerdict::reuse)
        << generation;
  }
  expect_revoked_for("reuse");
}

// RT20: one app's many tabs are no thief
TEST_P(RefreshContract, ReplaysOfTheSameSpenderAreNeverSuspect) {
  for (std::int64_t generation = 1; generation <= 6; ++generation) {
    for (const std::string spender : {"tabs", "tabs", ""}) {
      UseRefresh op = use(generation);
      op.spender = spender;
      EXPECT_EQ(perform(op).result, Result::accepted) << generation;
    }
  }
  EXPECT_EQ(view().row.suspect_generations, 0);
}

// --- what ends a family, each in one write

TEST_P(RefreshContract, RevocationEndsIt) {
  EXPECT_EQ(perform(RevokeGrant{.grant_id = GrantId("g1"), .reason = "revoked"}),
            RevokeGrant::Outcome::revoked);
  expect_not_live(Liveness::grant_revoked);
  expect_revoked_for("revoked");
  EXPECT_EQ(perform(RevokeGrant{.grant_id = GrantId("g1"), .reason = "again"}),
            RevokeGrant::Outcome::revoked);
  expect_revoked_for("revoked");
  EXPECT_EQ(perform(RevokeGrant{.grant_id = GrantId("none"), .reason = "x"}),
            RevokeGrant::Outcome::absent);
}

// RT17: a user disabled between two refreshes
TEST_P(RefreshContract, ADisabledUserEndsItForGood) {
  UserRecord user = a_user();
  user.enabled = false;
  perform(PutUser{.user = user});
  expect_not_live(Liveness::grant_revoked);
  user.enabled = true;
  perform(PutUser{.user = user});
  expect_not_live(Liveness::grant_revoked);
}

// 9700-10: a changed password ends refresh tokens
TEST_P(RefreshContract, AChangedPasswordEndsIt) {
  EXPECT_EQ(perform(ChangePassword{.user_id = a_user().user_id,
                                   .security_version = 1,
                                   .password_hash = PasswordHash("new"),
                                   .keep = SessionId("s1")}),
            ChangePassword::Outcome::changed);
  expect_not_live(Liveness::grant_revoked);
  expect_revoked_for("password_changed");
}

TEST_P(RefreshContract, ARemovedUserEndsIt) {
  EXPECT_EQ(perform(RemoveUser{a_user().user_id}), RemoveUser::Outcome::removed);
  expect_not_live(Liveness::grant_revoked);
  EXPECT_EQ(perform(RemoveUser{a_user().user_id}), RemoveUser::Outcome::absent);
}

TEST_P(RefreshContract, ADisabledClientSuspendsItAndARemovedOneEndsIt) {
  Client client = a_client();
  client.enabled = false;
  perform(PutClient{.client = client});
  expect_not_live(Liveness::client_disabled);
  perform(PutClient{.client = a_client()});
  EXPECT_EQ(perform(RemoveClient{client.client_id}), RemoveClient::Outcome::removed);
  perform(PutClient{.client = a_client()});
  expect_not_live(Liveness::grant_revoked);
}

TEST_P(RefreshContract, AWithdrawnConsentEndsIt) {
  const WithdrawConsent op{.user_id = a_user().user_id, .client_id = a_client().client_id};
  EXPECT_EQ(perform(op), WithdrawConsent::Outcome::withdrawn);
  expect_not_live(Liveness::grant_revoked);
  expect_revoked_for("consent_withdrawn");
  EXPECT_EQ(perform(op), WithdrawConsent::Outcome::absent);
}

// Q14: bound to the session or not
TEST_P(RefreshContract, AnEndedSessionEndsWhatIsBoundToItOnly) {
  BeginGrant bound = redemption(store(), "g2");
  bound.grant.session_binding = SessionBinding::ends_with_session;
  EXPECT_EQ(perform(bound), BeginGrant::Outcome::begun);
  EXPECT_EQ(perform(EndSessions{.session_ids = {SessionId("s1")}, .user_id = {}}).ended, 1);
  EXPECT_EQ(present(1, "g2").liveness, Liveness::session_ended);
  EXPECT_EQ(judged(present(1)), RefreshVerdict::current);
}

// RT18: expired families leave, live ones stay
TEST_P(RefreshContract, ExpiredFamiliesAreSweptAndUsedOnesAreNot) {
  EXPECT_EQ(perform(redemption(store(), "g2")), BeginGrant::Outcome::begun);
  clock.advance(days(10));
  present(1);
  clock.advance(days(10));
  for (int i = 0; i < 32; ++i) perform(ClearCounters{});
  EXPECT_FALSE(value(store().find_refresh(GrantId("g2"))).has_value());
  EXPECT_EQ(judged(present(2)), RefreshVerdict::current);
}

INSTANTIATE_TEST_SUITE_P(Store, RefreshContract, every_engine(),
                         [](const auto& engine) { return store_test::name_of(engine.param); });

}  // namespace cardea::contract_refresh_test
