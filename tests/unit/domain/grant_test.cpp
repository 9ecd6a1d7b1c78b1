// Liveness and refresh rotation: each arrow of the rules once. Decisions Q6, Q8; security corpus
// 4.4 and 4.5.
#include "domain/grant.h"

#include <gtest/gtest.h>

#include <set>

#include "domain/consent.h"

namespace cardea::grant_test {

constexpr Instant start{1'800'000'000'000};

GrantView live_view() {
  GrantView view;
  view.grant.grant_id = GrantId("g");
  view.grant.security_version = 3;
  view.user_present = true;
  view.user_enabled = true;
  view.user_security_version = 3;
  view.client_enabled = true;
  view.session_ends_at = start + minutes(1);
  view.consent_present = true;
  return view;
}

// Q6: all that must stand for a token to be live
TEST(JudgeLiveness, EachReasonInItsOrder) {
  GrantView view = live_view();
  EXPECT_EQ(judge_liveness(view, start), Liveness::live);
  view.consent_present = false;
  EXPECT_EQ(judge_liveness(view, start), Liveness::consent_withdrawn);
  view.session_ends_at = start;
  EXPECT_EQ(judge_liveness(view, start), Liveness::session_ended);
  view.client_enabled = false;
  EXPECT_EQ(judge_liveness(view, start), Liveness::client_disabled);
  view.user_security_version = 4;
  EXPECT_EQ(judge_liveness(view, start), Liveness::security_version_changed);
  view.user_enabled = false;
  EXPECT_EQ(judge_liveness(view, start), Liveness::user_disabled);
  view.user_present = false;
  EXPECT_EQ(judge_liveness(view, start), Liveness::user_absent);
  view.token_marked = true;
  EXPECT_EQ(judge_liveness(view, start), Liveness::token_revoked);
  view.grant.state = Grant::State::revoked;
  EXPECT_EQ(judge_liveness(view, start), Liveness::grant_revoked);
  EXPECT_EQ(judge_liveness(GrantView{}, start), Liveness::grant_absent);
}

TEST(JudgeLiveness, ASessionCountsToItsLastMoment) {
  GrantView view = live_view();
  const Instant end = *view.session_ends_at;
  EXPECT_EQ(judge_liveness(view, Instant{end.unix_ms - 1}), Liveness::live);
  EXPECT_EQ(judge_liveness(view, end), Liveness::session_ended);
  view.session_ends_at.reset();
  EXPECT_EQ(judge_liveness(view, start), Liveness::session_ended);
}

// Q14: with offline access the token outlives the browser session
TEST(JudgeLiveness, AnEndedSessionMattersOnlyWhereTheGrantIsBoundToIt) {
  GrantView view = live_view();
  view.session_ends_at = start;
  EXPECT_EQ(judge_liveness(view, start), Liveness::session_ended);
  view.grant.session_binding = SessionBinding::outlives_session;
  EXPECT_EQ(judge_liveness(view, start), Liveness::live);
}

TEST(JudgeLiveness, EveryReasonHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Liveness::consent_withdrawn); ++i) {
    names.insert(name_of(static_cast<Liveness>(i)));
  }
  EXPECT_EQ(names.size(), 10u);
  names.clear();
  for (int i = 0; i <= static_cast<int>(RefreshVerdict::expired_absolute); ++i) {
    names.insert(name_of(static_cast<RefreshVerdict>(i)));
  }
  EXPECT_EQ(names.size(), 7u);
}

// A row in generation 3, rotated at `start`.
RefreshRow a_row() {
  RefreshRow row;
  row.grant_id = GrantId("g");
  row.grant_id = GrantId("g");
  row.generation = 3;
  row.current = RefreshDigest("third");
  row.previous = RefreshDigest("second");
  row.spent_at = start;
  row.sealed_successor = "sealed third";
  row.idle_end = start + days(14);
  row.absolute_end = start + days(90);
  return row;
}

RefreshVerdict judge(std::int64_t generation, const std::string& digest, Instant now = start,
                     const RefreshRow& row = a_row(), const RefreshPolicy& policy = {}) {
  return judge_refresh(
      row, {.grant_id = row.grant_id, .generation = generation, .digest = RefreshDigest(digest)},
      policy, now);
}

TEST(JudgeRefresh, TheCurrentTokenIsCurrent) {
  EXPECT_EQ(judge(3, "third"), RefreshVerdict::current);
}

// RT03; RT05: grace counts from spent_at and ends
TEST(JudgeRefresh, TheParentIsAReplayWithinGraceAndReuseAfter) {
  EXPECT_EQ(judge(2, "second", start + Seconds{5}), RefreshVerdict::replay_in_grace);
  EXPECT_EQ(judge(2, "second", start + Seconds{30}), RefreshVerdict::replay_in_grace);
  EXPECT_EQ(judge(2, "second", start + Seconds{31}), RefreshVerdict::reuse);
}

// RT06: a grand-parent never qualifies
TEST(JudgeRefresh, AnyOlderGenerationIsReuse) {
  EXPECT_EQ(judge(1, "first"), RefreshVerdict::reuse);
  EXPECT_EQ(judge(2, "not the second"), RefreshVerdict::reuse);
}

TEST(JudgeRefresh, AZeroGraceForgivesNothing) {
  EXPECT_EQ(judge(2, "second", start, a_row(), {.grace = Seconds{0}}), RefreshVerdict::reuse);
}

// RT02: replays are capped without revoking
TEST(JudgeRefresh, TooManyReplaysAreRefusedWithoutReuse) {
  RefreshRow row = a_row();
  row.replays = 7;
  EXPECT_EQ(judge(2, "second", start, row), RefreshVerdict::replay_in_grace);
  row.replays = 8;
  EXPECT_EQ(judge(2, "second", start, row), RefreshVerdict::too_many_replays);
  EXPECT_EQ(judge(2, "second", start, row, {.grace = Seconds{30}, .replays_max = 64}),
            RefreshVerdict::replay_in_grace);
}

// A restored store: the token knows more than the row
// Q8: a restored store is told apart from reuse
TEST(JudgeRefresh, ATokenAheadOfTheStoreRevokesNothing) {
  EXPECT_EQ(judge(4, "fourth"), RefreshVerdict::ahead_of_store);
  EXPECT_EQ(judge(3, "another third"), RefreshVerdict::ahead_of_store);
}

// RT12: both ends are judged before the generation
TEST(JudgeRefresh, EitherEndComesFirst) {
  EXPECT_EQ(judge(3, "third", start + days(14)), RefreshVerdict::expired_idle);
  EXPECT_EQ(judge(1, "first", start + days(14)), RefreshVerdict::expired_idle);
  RefreshRow row = a_row();
  row.idle_end = row.absolute_end;
  EXPECT_EQ(judge(3, "third", start + days(90), row), RefreshVerdict::expired_absolute);
}

// Chronic replay by somebody else: nothing is forgiven any more
TEST(JudgeRefresh, SuspectGenerationsEndTheGrace) {
  RefreshRow row = a_row();
  row.suspect_generations = 2;
  EXPECT_EQ(judge(2, "second", start, row), RefreshVerdict::replay_in_grace);
  row.suspect_generations = 3;
  EXPECT_EQ(judge(2, "second", start, row), RefreshVerdict::reuse);
}

TEST(JudgeRefresh, TheFirstGenerationHasNoParent) {
  RefreshRow row = a_row();
  row.generation = 1;
  row.previous = RefreshDigest();
  EXPECT_EQ(judge(0, "", start, row), RefreshVerdict::reuse);
}

// OIDCC-3.1.2.4; Q20: what was approved before
TEST(Consent, CoversWhatItHolds) {
  Consent consent;
  consent.scopes = {"openid", "email"};
  consent.approvals = approvals_of({"openid", "email"}, {"https://api.example/"});
  EXPECT_TRUE(covers(consent, {}, {}));
  EXPECT_TRUE(covers(consent, {"email", "openid"}, {"https://api.example/"}));
  EXPECT_FALSE(covers(consent, {"openid", "profile"}, {}));
  EXPECT_FALSE(covers(consent, {"openid"}, {"https://other.example/"}));
  // Q20: words and resources were approved together, not each for itself.
  consent.scopes = {"read", "write"};
  consent.approvals = approvals_of({"read"}, {"https://x.example"});
  consent.approvals.push_back(approvals_of({"write"}, {"https://y.example"}).front());
  EXPECT_TRUE(covers(consent, {"read"}, {"https://x.example"}));
  EXPECT_FALSE(covers(consent, {"write"}, {"https://x.example"}));
  EXPECT_FALSE(covers(consent, {"read"}, {"https://x.example", "https://y.example"}));
}

TEST(Session, IsAliveUntilTheEarlierEnd) {
  Session session;
  session.last_seen = start;
  session.idle_lifetime = hours(12);
  session.absolute_end = start + days(30);
  EXPECT_TRUE(is_alive(session, start));
  EXPECT_TRUE(is_alive(session, Instant{(start + hours(12)).unix_ms - 1}));
  EXPECT_FALSE(is_alive(session, start + hours(12)));
  session.absolute_end = start + hours(1);
  EXPECT_FALSE(is_alive(session, start + hours(1)));
}

}  // namespace cardea::grant_test
