// The contract of second factors, on every engine: a step and a recovery code are used once, no
// session is made beside a factor, and changing it ends what was issued. RFC 6238 5.2, asvs-6.3.3,
// asvs-6.5.1, asvs-7.4.3.
#include <gtest/gtest.h>

#include "engines.h"

namespace cardea::contract_factors_test {

using namespace store_test;
using namespace store;

constexpr std::int64_t first_step = 60'000'000;

class FactorsContract : public EveryEngine {
 protected:
  FactorsContract() { perform(PutUser{.user = a_user()}); }
  static SignIn a_sign_in(const std::string& name, std::int64_t version) {
    SignIn op{.session = a_session(name), .now = start};
    op.session.security_version = version;
    return op;
  }
  static SecondFactor a_factor() {
    return {.user_id = a_user().user_id,
            .sealed_secret = std::string("sealed\0secret", 13),
            .last_used_step = first_step,
            .recovery_key_id = "key1",
            .added_at = start};
  }
  static AddFactor adding(const std::string& session, std::int64_t version) {
    return {.factor = a_factor(),
            .recovery_codes = {digest<RecoveryDigest>("r1"), digest<RecoveryDigest>("r2")},
            .sign_in = a_sign_in(session, version)};
  }
  static FactorUse step(std::int64_t number) {
    return {.user_id = a_user().user_id, .step = number, .recovery_code = {}};
  }
  static FactorUse code(const std::string& name) {
    return {.user_id = a_user().user_id, .step = 0, .recovery_code = digest<RecoveryDigest>(name)};
  }
  std::int64_t version() { return value(store().find_user(a_user().user_id))->security_version; }
  std::vector<SessionRecord> sessions() { return value(store().sessions_of(a_user().user_id)); }
  std::optional<KeptSecondFactor> kept() {
    return value(store().find_second_factor(a_user().user_id));
  }
};

TEST_P(FactorsContract, AFactorIsKeptAsGivenAndEndsWhatWasThere) {
  ASSERT_EQ(perform(a_sign_in("before", 1)), SignIn::Outcome::signed_in);
  EXPECT_FALSE(kept().has_value());
  ASSERT_EQ(perform(adding("mine", 1)), AddFactor::Outcome::added);
  const auto found = kept();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->sealed_secret, a_factor().sealed_secret);
  EXPECT_EQ(found->last_used_step, first_step);
  EXPECT_EQ(found->recovery_key_id, "key1");
  EXPECT_EQ(found->added_at, start);
  EXPECT_EQ(found->recovery_codes_left, 2);
  EXPECT_EQ(version(), 2);
  ASSERT_EQ(sessions().size(), 1u);
  EXPECT_EQ(sessions()[0].session_id.value(), "mine");
  EXPECT_EQ(sessions()[0].security_version, 2);
}

TEST_P(FactorsContract, AFactorIsNotAddedTwiceNorForAUserWhoChanged) {
  EXPECT_EQ(perform(adding("s1", 7)), AddFactor::Outcome::user_changed);
  EXPECT_FALSE(kept().has_value());
  EXPECT_TRUE(sessions().empty());
  ASSERT_EQ(perform(adding("s1", 1)), AddFactor::Outcome::added);
  EXPECT_EQ(perform(adding("s2", 2)), AddFactor::Outcome::user_changed);
  EXPECT_EQ(sessions().size(), 1u);
  AddFactor other = adding("s3", 2);
  other.factor.user_id = UserId("somebody else");
  EXPECT_EQ(perform(other), AddFactor::Outcome::user_changed);
  EXPECT_EQ(version(), 2);
}

// asvs-6.3.3: the store itself makes none
TEST_P(FactorsContract, NoSessionIsMadeOfThePasswordAloneBesideAFactor) {
  ASSERT_EQ(perform(adding("s1", 1)), AddFactor::Outcome::added);
  EXPECT_EQ(perform(a_sign_in("s2", 2)), SignIn::Outcome::user_changed);
  EXPECT_EQ(sessions().size(), 1u);
  SignIn with_code = a_sign_in("s2", 2);
  with_code.factor = step(first_step + 1);
  EXPECT_EQ(perform(with_code), SignIn::Outcome::signed_in);
  EXPECT_EQ(sessions().size(), 2u);
}

// 6238-04; asvs-6.5.1: a step is used once, and none before it afterwards
TEST_P(FactorsContract, AStepIsUsedOnceAndNoneBeforeIt) {
  ASSERT_EQ(perform(adding("s1", 1)), AddFactor::Outcome::added);
  const auto attempt = [&](const std::string& name, std::int64_t number) {
    SignIn op = a_sign_in(name, 2);
    op.factor = step(number);
    return perform(op);
  };
  EXPECT_EQ(attempt("s2", first_step), SignIn::Outcome::factor_used);  // by the enrolment
  EXPECT_EQ(attempt("s2", first_step + 2), SignIn::Outcome::signed_in);
  EXPECT_EQ(attempt("s3", first_step + 2), SignIn::Outcome::factor_used);
  EXPECT_EQ(attempt("s3", first_step + 1), SignIn::Outcome::factor_used);
  EXPECT_EQ(attempt("s3", first_step + 3), SignIn::Outcome::signed_in);
  EXPECT_EQ(kept()->last_used_step, first_step + 3);
}

// asvs-6.5.1: so is a recovery code
TEST_P(FactorsContract, ARecoveryCodeIsUsedOnceAndOnlyByItsOwner) {
  ASSERT_EQ(perform(adding("s1", 1)), AddFactor::Outcome::added);
  SignIn op = a_sign_in("s2", 2);
  op.factor = code("r1");
  EXPECT_TRUE(value(store().has_recovery_code(a_user().user_id, digest<RecoveryDigest>("r1"))));
  EXPECT_EQ(perform(op), SignIn::Outcome::signed_in);
  EXPECT_FALSE(value(store().has_recovery_code(a_user().user_id, digest<RecoveryDigest>("r1"))));
  EXPECT_EQ(kept()->recovery_codes_left, 1);
  op.session = a_session("s3");
  op.session.security_version = 2;
  EXPECT_EQ(perform(op), SignIn::Outcome::factor_used);
  op.factor = code("never made");
  EXPECT_EQ(perform(op), SignIn::Outcome::factor_used);
  op.factor = code("r2");
  op.factor->user_id = UserId("user-bob");
  EXPECT_EQ(perform(op), SignIn::Outcome::factor_used);
  EXPECT_EQ(kept()->recovery_codes_left, 1);
}

// What refuses changes nothing: a sign-in whose former session ended spends no code.
TEST_P(FactorsContract, ARefusedSignInSpendsNoCode) {
  ASSERT_EQ(perform(adding("s1", 1)), AddFactor::Outcome::added);
  SignIn op = a_sign_in("gone", 2);
  op.replaces = SessionId("gone");
  op.factor = step(first_step + 1);
  EXPECT_EQ(perform(op), SignIn::Outcome::user_changed);
  op.replaces.reset();
  op.interaction = InteractionStep{.handle = digest<InteractionDigest>("nowhere")};
  EXPECT_EQ(perform(op), SignIn::Outcome::interaction_not_open);
  EXPECT_EQ(kept()->last_used_step, first_step);
}

TEST_P(FactorsContract, RemovingUsesAFactorAndEndsTheOthers) {
  ASSERT_EQ(perform(adding("s1", 1)), AddFactor::Outcome::added);
  SignIn other = a_sign_in("s2", 2);
  other.factor = step(first_step + 1);
  ASSERT_EQ(perform(other), SignIn::Outcome::signed_in);
  RemoveFactor op{.user_id = a_user().user_id,
                  .security_version = 1,
                  .factor = step(first_step + 2),
                  .keep = SessionId("s2")};
  EXPECT_EQ(perform(op), RemoveFactor::Outcome::user_changed);
  op.security_version = 2;
  op.factor = step(first_step + 1);
  EXPECT_EQ(perform(op), RemoveFactor::Outcome::factor_used);
  op.factor = step(first_step + 2);
  EXPECT_EQ(perform(op), RemoveFactor::Outcome::removed);
  EXPECT_FALSE(kept().has_value());
  EXPECT_FALSE(value(store().has_recovery_code(a_user().user_id, digest<RecoveryDigest>("r1"))));
  ASSERT_EQ(sessions().size(), 1u);
  EXPECT_EQ(sessions()[0].session_id.value(), "s2");
  EXPECT_EQ(version(), 3);
  // The operator's reset: nothing is left to remove.
  EXPECT_EQ(perform(RemoveFactor{.user_id = a_user().user_id}), RemoveFactor::Outcome::absent);
  ASSERT_EQ(perform(adding("s3", 3)), AddFactor::Outcome::added);
  EXPECT_EQ(perform(RemoveFactor{.user_id = a_user().user_id}), RemoveFactor::Outcome::removed);
  EXPECT_TRUE(sessions().empty());
}

TEST_P(FactorsContract, NewRecoveryCodesVoidTheFormerOnes) {
  ASSERT_EQ(perform(adding("s1", 1)), AddFactor::Outcome::added);
  ReplaceRecoveryCodes op{.security_version = 2,
                          .factor = code("r1"),
                          .recovery_key_id = "key2",
                          .recovery_codes = {digest<RecoveryDigest>("n1")}};
  EXPECT_EQ(perform(op), ReplaceRecoveryCodes::Outcome::replaced);
  EXPECT_EQ(kept()->recovery_key_id, "key2");
  EXPECT_EQ(kept()->recovery_codes_left, 1);
  EXPECT_EQ(perform(op), ReplaceRecoveryCodes::Outcome::factor_used);
  op.factor = step(first_step + 1);
  op.security_version = 1;
  EXPECT_EQ(perform(op), ReplaceRecoveryCodes::Outcome::user_changed);
  EXPECT_EQ(version(), 2);
}

TEST_P(FactorsContract, AnInteractionRemembersTheFirstFactorUntilASession) {
  ASSERT_EQ(perform(PutInteraction{.interaction = an_interaction(), .now = start}),
            PutInteraction::Outcome::stored);
  const auto handle = an_interaction().handle;
  const auto row = [&] { return *value(store().find_interaction(handle)); };
  const auto take = [&](InteractionStep step) {
    step.handle = handle;
    return perform(StepInteraction{.step = std::move(step), .now = start});
  };
  EXPECT_FALSE(row().first_factor.has_value());
  take({.first_factor = FirstFactor{a_user().user_id, 1, start}});
  ASSERT_TRUE(row().first_factor.has_value());
  EXPECT_EQ(row().first_factor->user_id, a_user().user_id);
  EXPECT_EQ(row().first_factor->security_version, 1);
  EXPECT_EQ(row().first_factor->proven_at, start);
  take({.factor_failures = 2});
  take({.factor_failures = 1, .enrolment_declined = true});
  EXPECT_EQ(row().factor_failures, 3);
  EXPECT_TRUE(row().enrolment_declined);
  ASSERT_TRUE(row().first_factor.has_value());
  // Proven anew, the count begins again; "not now" stays said.
  take({.first_factor = FirstFactor{a_user().user_id, 1, start + Seconds{1}}});
  EXPECT_EQ(row().factor_failures, 0);
  EXPECT_TRUE(row().enrolment_declined);
  take({.session_id = SessionId("s1"), .authenticated_here = true});
  EXPECT_FALSE(row().first_factor.has_value());
}

TEST_P(FactorsContract, ASignInOfTheAccountPageIsParkedWithItsFirstFactor) {
  auto interaction = an_interaction("account");
  interaction.kind = Interaction::Kind::account;
  interaction.first_factor = FirstFactor{a_user().user_id, 1, start};
  perform(PutInteraction{.interaction = interaction, .now = start});
  const auto found = value(store().find_interaction(interaction.handle));
  ASSERT_TRUE(found && found->first_factor);
  EXPECT_EQ(found->kind, Interaction::Kind::account);
  EXPECT_EQ(found->first_factor->user_id, a_user().user_id);
}

INSTANTIATE_TEST_SUITE_P(Store, FactorsContract, every_engine(),
                         [](const auto& engine) { return store_test::name_of(engine.param); });

}  // namespace cardea::contract_factors_test
