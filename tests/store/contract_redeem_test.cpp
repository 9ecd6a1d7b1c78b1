// The contract of code redemption, on every engine. Decision Q7; RFC 6749 4.1.2, 4.1.3.
#include <gtest/gtest.h>

#include <thread>

#include "engines.h"

namespace cardea::contract_redeem_test {

using namespace store_test;
using namespace store;

class RedeemContract : public EveryEngine {
 protected:
  RedeemContract() { furnish(store()); }
  BeginGrant code(const std::string& name = "g1") { return redemption(store(), name); }
  std::shared_ptr<const GrantView> grant(const std::string& name = "g1") {
    return value(store().find_grant(GrantId(name), TokenId()));
  }
  void expect_refused(BeginGrant op, BeginGrant::Outcome with) {
    const std::string name = op.grant.grant_id.value();
    EXPECT_EQ(perform(std::move(op)), with);
    EXPECT_EQ(grant(name), nullptr);
    const GrantId grant_id(name);
    EXPECT_FALSE(value(store().find_refresh(grant_id)).has_value());
  }
};

TEST_P(RedeemContract, TheGrantIsKeptAsItWasGiven) {
  ASSERT_EQ(perform(code()), BeginGrant::Outcome::begun);
  const auto view = grant();
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(judge_liveness(*view, clock.now()), Liveness::live);
  const Grant expected = a_grant();
  EXPECT_EQ(view->grant.user_id, expected.user_id);
  EXPECT_EQ(view->grant.client_id, expected.client_id);
  EXPECT_EQ(view->grant.session_id, expected.session_id);
  EXPECT_EQ(view->grant.consent_id, expected.consent_id);
  EXPECT_EQ(view->grant.session_binding, expected.session_binding);
  EXPECT_EQ(view->grant.scopes, expected.scopes);
  EXPECT_EQ(view->grant.resources, expected.resources);
  EXPECT_EQ(view->grant.authentication, expected.authentication);
  EXPECT_EQ(view->grant.claims_request, expected.claims_request);
  EXPECT_EQ(view->grant.created_at, expected.created_at);
  EXPECT_EQ(view->grant.code_expires_at, expected.code_expires_at);
}

// 6749-12; INV1: a code is used once
TEST_P(RedeemContract, ASecondRedemptionIsAReplayAndRevokesWhatTheFirstIssued) {
  ASSERT_EQ(perform(code()), BeginGrant::Outcome::begun);
  EXPECT_EQ(perform(code()), BeginGrant::Outcome::replayed);
  const auto view = grant();
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(judge_liveness(*view, clock.now()), Liveness::grant_revoked);
  EXPECT_EQ(view->grant.revoked_reason, "replayed");
  EXPECT_EQ(perform(code()), BeginGrant::Outcome::replayed);
}

// 6749-12; INV1: of many at once exactly one succeeds
TEST_P(RedeemContract, OfSixtyFourTasksOnTwoThreadsExactlyOneRedeems) {
  std::atomic<int> redeemed = 0;
  std::atomic<int> replayed = 0;
  const BeginGrant op = code();
  const auto race = [&] {
    ManualExecutor executor;
    int done = 0;
    for (int i = 0; i < 32; ++i) {
      spawn(
          executor, store().perform(op),
          [&](Answer<BeginGrant::Outcome> answer) {
            ASSERT_TRUE(answer.ok());
            ++(*answer == BeginGrant::Outcome::begun ? redeemed : replayed);
            ++done;
          },
          [&](std::exception_ptr) { ADD_FAILURE(); });
    }
    executor.run_until([&] { return done == 32; });
  };
  std::thread other(race);
  race();
  other.join();
  EXPECT_EQ(redeemed, 1);
  EXPECT_EQ(replayed, 63);
  EXPECT_EQ(judge_liveness(*grant(), clock.now()), Liveness::grant_revoked);
}

TEST_P(RedeemContract, ADisabledOrChangedUserIsRefused) {
  BeginGrant stale = code();
  stale.grant.security_version = 7;
  expect_refused(stale, BeginGrant::Outcome::user_changed);
  BeginGrant nobody = code();
  nobody.grant.user_id = UserId("nobody");
  expect_refused(nobody, BeginGrant::Outcome::user_changed);
  UserRecord disabled = a_user();
  disabled.enabled = false;
  perform(PutUser{.user = disabled});
  expect_refused(code(), BeginGrant::Outcome::user_changed);
}

// X12; 6749-13: the client is looked at again inside the transaction
TEST_P(RedeemContract, ADisabledClientIsRefused) {
  Client client = a_client();
  client.enabled = false;
  perform(PutClient{.client = client});
  expect_refused(code(), BeginGrant::Outcome::client_disabled);
  perform(RemoveClient{client.client_id});
  expect_refused(code(), BeginGrant::Outcome::client_disabled);
}

// X24: a redirect URI removed between authorization and token request
TEST_P(RedeemContract, ARemovedRedirectUriIsRefused) {
  Client client = a_client();
  client.redirect_uris = {"https://app.example/other"};
  perform(PutClient{.client = client});
  expect_refused(code(), BeginGrant::Outcome::redirect_uri_removed);
}

// Q7: the session is looked at again inside the transaction
TEST_P(RedeemContract, AnEndedSessionIsRefused) {
  BeginGrant late = code();
  late.now = start + hours(13);
  late.grant.code_expires_at = late.now + Seconds{60};
  expect_refused(late, BeginGrant::Outcome::session_ended);
  perform(EndSessions{.session_ids = {SessionId("s1")}, .user_id = {}});
  expect_refused(code(), BeginGrant::Outcome::session_ended);
}

// Q7: the code rests on one consent row
TEST_P(RedeemContract, AWithdrawnConsentIsRefusedAndANewOneDoesNotReviveTheCode) {
  perform(WithdrawConsent{.user_id = a_user().user_id, .client_id = a_client().client_id});
  expect_refused(code(), BeginGrant::Outcome::consent_withdrawn);
  perform(PutInteraction{.interaction = an_interaction("again"), .now = start});
  perform(Approve{.consent = a_consent("c2"),
                  .interaction = {.handle = an_interaction("again").handle,
                                  .after = AfterStep::finished,
                                  .session_id = {}},
                  .now = start});
  expect_refused(code(), BeginGrant::Outcome::consent_withdrawn);
  BeginGrant fresh = code();
  fresh.grant.consent_id = ConsentId("c2");
  EXPECT_EQ(perform(fresh), BeginGrant::Outcome::begun);
}

TEST_P(RedeemContract, AGrantWithoutConsentRowNeedsNone) {
  BeginGrant op = code();
  op.grant.consent_id = ConsentId();
  EXPECT_EQ(perform(op), BeginGrant::Outcome::begun);
  EXPECT_TRUE(grant()->consent_present);
}

// Q7: what was sealed before a restore is void
TEST_P(RedeemContract, ACodeOfAnotherEpochIsRefused) {
  const BeginGrant op = code();
  perform(RenewEpoch{.epoch = "another 16 bytes"});
  expect_refused(op, BeginGrant::Outcome::other_epoch);
}

// FX28; Q7: no step of the clock revives a code whose row was swept
TEST_P(RedeemContract, ACodeFromBeforeTheSweepBoundaryIsRefusedWhateverTheClockSays) {
  const BeginGrant op = code();
  ASSERT_EQ(perform(op), BeginGrant::Outcome::begun);
  clock.advance(days(120));
  for (int i = 0; i < 32; ++i) perform(RevokeGrant{.grant_id = GrantId("none"), .reason = "x"});
  ASSERT_EQ(grant(), nullptr);
  EXPECT_GT(value(store().meta()).swept_before, op.grant.code_expires_at);
  clock.set(start);
  EXPECT_EQ(perform(op), BeginGrant::Outcome::swept);
}

// Q7: rows outlive what was issued under them
TEST_P(RedeemContract, NeitherRemovalNorRevocationDeletesAGrantEarly) {
  ASSERT_EQ(perform(code()), BeginGrant::Outcome::begun);
  perform(RemoveUser{a_user().user_id});
  perform(RemoveClient{a_client().client_id});
  clock.advance(hours(24));
  for (int i = 0; i < 32; ++i) perform(RevokeGrant{.grant_id = GrantId("none"), .reason = "x"});
  ASSERT_NE(grant(), nullptr);
  EXPECT_EQ(grant()->grant.revoked_reason, "user_removed");
  EXPECT_EQ(perform(code()), BeginGrant::Outcome::replayed);
}

INSTANTIATE_TEST_SUITE_P(Store, RedeemContract, every_engine(),
                         [](const auto& engine) { return store_test::name_of(engine.param); });

}  // namespace cardea::contract_redeem_test
