// The contract of the browser flow, on every engine: interactions, sign-in, approval, sessions.
// Decisions Q6, Q14, Q20.
#include <gtest/gtest.h>

#include <thread>

#include "engines.h"

namespace cardea::contract_browser_test {

using namespace store_test;
using namespace store;

class BrowserContract : public EveryEngine {
 protected:
  PutInteraction put(const std::string& name, int open_max = 200) {
    return {.interaction = an_interaction(name), .open_max = open_max, .now = clock.now()};
  }
  std::optional<Interaction> interaction(const std::string& name = "i1") {
    return value(store().find_interaction(an_interaction(name).handle));
  }
  InteractionStep step(AfterStep after, const std::string& name = "i1") {
    return {.handle = an_interaction(name).handle, .after = after, .session_id = {}};
  }
  SignIn sign_in(const SessionRecord& session = a_session()) {
    return {
        .session = session, .replaces = {}, .rehashed = {}, .interaction = {}, .now = clock.now()};
  }
  bool has_session(const std::string& name) {
    return value(store().find_session_by_id(SessionId(name))).has_value();
  }
};

TEST_P(BrowserContract, AnInteractionIsKeptAsItWasGiven) {
  PutInteraction op = put("i1");
  op.interaction.kind = Interaction::Kind::logout;
  op.interaction.session_id = SessionId("s9");
  op.interaction.account_selected = true;
  EXPECT_EQ(perform(op), PutInteraction::Outcome::stored);
  const auto found = interaction();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->handle, op.interaction.handle);
  EXPECT_EQ(found->binding, op.interaction.binding);
  EXPECT_EQ(found->kind, Interaction::Kind::logout);
  EXPECT_EQ(found->state, Interaction::State::open);
  EXPECT_EQ(found->sealed_request, op.interaction.sealed_request);
  EXPECT_EQ(found->session_id, SessionId("s9"));
  EXPECT_FALSE(found->authenticated_here);
  EXPECT_TRUE(found->account_selected);
  EXPECT_EQ(found->created_at, start);
  EXPECT_EQ(found->expires_at, start + minutes(30));
  EXPECT_EQ(found->address, "192.0.2.1");
  EXPECT_FALSE(interaction("other").has_value());
}

// 6819-01: parked requests of one source are bounded
TEST_P(BrowserContract, OpenInteractionsOfOneAddressAreBounded) {
  EXPECT_EQ(perform(put("i1", 2)), PutInteraction::Outcome::stored);
  EXPECT_EQ(perform(put("i2", 2)), PutInteraction::Outcome::stored);
  EXPECT_EQ(perform(put("i3", 2)), PutInteraction::Outcome::quota_exceeded);
  EXPECT_FALSE(interaction("i3").has_value());
  PutInteraction elsewhere = put("i4", 2);
  elsewhere.interaction.address = "192.0.2.2";
  EXPECT_EQ(perform(elsewhere), PutInteraction::Outcome::stored);
  // Finished and expired ones do not count.
  perform(StepInteraction{.step = step(AfterStep::finished), .now = clock.now()});
  EXPECT_EQ(perform(put("i3", 2)), PutInteraction::Outcome::stored);
  EXPECT_EQ(perform(put("i5", 2)), PutInteraction::Outcome::quota_exceeded);
  clock.advance(minutes(31));
  EXPECT_EQ(perform(put("i5", 2)), PutInteraction::Outcome::stored);
}

// X27; FX49: a double submit ends an interaction once
TEST_P(BrowserContract, AnInteractionIsFinishedOnce) {
  perform(put("i1"));
  StepInteraction choose{.step = step(AfterStep::stays_open), .now = clock.now()};
  choose.step.session_id = SessionId("s1");
  choose.step.account_selected = true;
  EXPECT_EQ(perform(choose), StepInteraction::Outcome::stepped);
  EXPECT_EQ(interaction()->session_id, SessionId("s1"));
  EXPECT_TRUE(interaction()->account_selected);
  const StepInteraction finish{.step = step(AfterStep::finished), .now = clock.now()};
  EXPECT_EQ(perform(finish), StepInteraction::Outcome::stepped);
  EXPECT_EQ(interaction()->state, Interaction::State::finished);
  EXPECT_EQ(interaction()->session_id, SessionId("s1"));
  EXPECT_TRUE(interaction()->account_selected);
  EXPECT_EQ(perform(finish), StepInteraction::Outcome::not_open);
  EXPECT_EQ(perform(choose), StepInteraction::Outcome::not_open);
  EXPECT_EQ(perform(StepInteraction{.step = step(AfterStep::finished, "none"), .now = start}),
            StepInteraction::Outcome::not_open);
}

// OIDCC-3.1.2.1: a sign-in made for one account says nothing about another
TEST_P(BrowserContract, ChoosingAnotherSessionForgetsTheFormersSignIn) {
  perform(put("i1"));
  StepInteraction first{.step = step(AfterStep::stays_open), .now = clock.now()};
  first.step.session_id = SessionId("s1");
  first.step.authenticated_here = true;
  perform(first);
  EXPECT_TRUE(interaction()->authenticated_here);
  StepInteraction second = first;
  second.step.session_id = SessionId("s2");
  second.step.authenticated_here = false;
  perform(second);
  EXPECT_EQ(interaction()->session_id, SessionId("s2"));
  EXPECT_FALSE(interaction()->authenticated_here);
}

TEST_P(BrowserContract, AnExpiredInteractionTakesNoStep) {
  perform(put("i1"));
  EXPECT_EQ(perform(StepInteraction{.step = step(AfterStep::finished), .now = start + minutes(30)}),
            StepInteraction::Outcome::not_open);
}

// FX49: approve and deny at the same instant
TEST_P(BrowserContract, OfManyEndingStepsAtOnceOneWins) {
  perform(PutUser{.user = a_user()});
  perform(put("i1"));
  std::atomic<int> won = 0;
  const auto race = [&] {
    ManualExecutor executor;
    int done = 0;
    for (int i = 0; i < 16; ++i) {
      spawn(
          executor,
          store().perform(StepInteraction{.step = step(AfterStep::finished), .now = start}),
          [&](Answer<StepInteraction::Outcome> answer) {
            if (answer.ok() && *answer == StepInteraction::Outcome::stepped) ++won;
            ++done;
          },
          [](std::exception_ptr) {});
      spawn(
          executor,
          store().perform(Approve{
              .consent = a_consent(), .interaction = step(AfterStep::finished), .now = start}),
          [&](Answer<Approve::Outcome> answer) {
            if (answer.ok() && answer->result == Approve::Outcome::Result::approved) ++won;
            ++done;
          },
          [](std::exception_ptr) {});
    }
    executor.run_until([&] { return done == 32; });
  };
  std::thread other(race);
  race();
  other.join();
  EXPECT_EQ(won, 1);
}

TEST_P(BrowserContract, ASignInIsKeptWithItsUser) {
  UserRecord user = a_user();
  user.security_version = 7;  // unlike every flag
  perform(PutUser{.user = user});
  const SessionRecord session = a_session("s1", user);
  EXPECT_EQ(perform(sign_in(session)), SignIn::Outcome::signed_in);
  for (const auto& found : {value(store().find_session(session.handle)),
                            value(store().find_session_by_id(session.session_id))}) {
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->session.session_id, session.session_id);
    EXPECT_EQ(found->session.user_id, session.user_id);
    EXPECT_EQ(found->session.security_version, session.security_version);
    EXPECT_EQ(found->session.authentication, session.authentication);
    EXPECT_EQ(found->session.last_seen, session.last_seen);
    EXPECT_EQ(found->session.absolute_end, session.absolute_end);
    EXPECT_EQ(found->session.idle_lifetime, session.idle_lifetime);
    EXPECT_EQ(found->user.user_id, user.user_id);
    EXPECT_EQ(found->user.login, user.login);
    EXPECT_EQ(found->user.claims, user.claims);
    EXPECT_TRUE(found->user.enabled);
    EXPECT_EQ(found->user.security_version, user.security_version);
  }
  EXPECT_FALSE(value(store().find_session(digest<SessionDigest>("other"))).has_value());
  const auto all = value(store().sessions_of(a_user().user_id));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all.front().session_id, session.session_id);
  EXPECT_EQ(all.front().handle, session.handle);
  EXPECT_EQ(all.front().user_id, session.user_id);
  EXPECT_EQ(all.front().security_version, session.security_version);
  EXPECT_EQ(all.front().authentication, session.authentication);
  EXPECT_EQ(all.front().last_seen, session.last_seen);
  EXPECT_EQ(all.front().absolute_end, session.absolute_end);
  EXPECT_EQ(all.front().idle_lifetime, session.idle_lifetime);
  EXPECT_EQ(all.front().created_at, session.created_at);
  EXPECT_EQ(all.front().user_agent, session.user_agent);
  EXPECT_EQ(all.front().address, session.address);
}

// 9700-10: what was proven before the password changed proves nothing
TEST_P(BrowserContract, ASignInOfAChangedUserStoresNothing) {
  EXPECT_EQ(perform(sign_in()), SignIn::Outcome::user_changed);
  UserRecord user = a_user();
  perform(PutUser{.user = user});
  perform(put("i1"));
  SignIn stale = sign_in();
  stale.session.security_version = 2;
  stale.interaction = step(AfterStep::finished);
  EXPECT_EQ(perform(stale), SignIn::Outcome::user_changed);
  EXPECT_EQ(interaction()->state, Interaction::State::open);
  user.enabled = false;
  perform(PutUser{.user = user});
  SignIn disabled = sign_in();
  disabled.session.security_version = 2;
  EXPECT_EQ(perform(disabled), SignIn::Outcome::user_changed);
  EXPECT_FALSE(has_session("s1"));
}

TEST_P(BrowserContract, ASignInMovesItsInteractionOrIsRefusedWhole) {
  perform(PutUser{.user = a_user()});
  perform(put("i1"));
  SignIn op = sign_in();
  op.interaction = step(AfterStep::stays_open);
  op.interaction->session_id = op.session.session_id;
  op.interaction->authenticated_here = true;
  EXPECT_EQ(perform(op), SignIn::Outcome::signed_in);
  EXPECT_EQ(interaction()->session_id, op.session.session_id);
  EXPECT_TRUE(interaction()->authenticated_here);
  perform(StepInteraction{.step = step(AfterStep::finished), .now = start});
  SignIn late = sign_in(a_session("s2"));
  late.interaction = step(AfterStep::finished);
  EXPECT_EQ(perform(late), SignIn::Outcome::interaction_not_open);
  EXPECT_FALSE(has_session("s2"));
}

// Session renewal: the browser's former session of the same user goes
TEST_P(BrowserContract, ASignInReplacesTheFormerSessionOfTheSameUserOnly) {
  perform(PutUser{.user = a_user()});
  perform(PutUser{.user = a_user("bob")});
  perform(sign_in());
  perform(sign_in(a_session("s2", a_user("bob"))));
  SignIn op = sign_in(a_session("s3"));
  op.replaces = SessionId("s2");
  EXPECT_EQ(perform(op), SignIn::Outcome::signed_in);
  EXPECT_TRUE(has_session("s2"));
  op = sign_in(a_session("s4"));
  op.replaces = SessionId("s1");
  EXPECT_EQ(perform(op), SignIn::Outcome::signed_in);
  EXPECT_FALSE(has_session("s1"));
}

TEST_P(BrowserContract, ARehashedPasswordIsStoredWithoutEndingAnything) {
  perform(PutUser{.user = a_user()});
  SignIn op = sign_in();
  op.rehashed = PasswordHash("$argon2id$stronger");
  EXPECT_EQ(perform(op), SignIn::Outcome::signed_in);
  const auto user = value(store().find_user_by_login(a_user().login));
  EXPECT_EQ(user->password_hash.reveal(), "$argon2id$stronger");
  EXPECT_EQ(user->security_version, 1);
}

// OIDCC-3.1.2.4; Q20: approving more widens the row and keeps its id
TEST_P(BrowserContract, AnApprovalIsStoredAndWidened) {
  perform(PutUser{.user = a_user()});
  perform(put("i1"));
  perform(put("i2"));
  Approve op{.consent = a_consent(), .interaction = step(AfterStep::finished), .now = start};
  op.consent.approvals = approvals_of({"openid"}, {"https://api.example/"});
  const auto first = perform(op);
  EXPECT_EQ(first.result, Approve::Outcome::Result::approved);
  EXPECT_EQ(first.consent_id, ConsentId("c1"));
  EXPECT_EQ(interaction()->state, Interaction::State::finished);

  clock.advance(Seconds{60});
  Approve more{.consent = a_consent("c2"),
               .interaction = step(AfterStep::finished, "i2"),
               .now = clock.now()};
  more.consent.scopes = {"openid", "email"};
  const auto second = perform(more);
  EXPECT_EQ(second.result, Approve::Outcome::Result::approved);
  EXPECT_EQ(second.consent_id, ConsentId("c1"));
  const auto row = value(store().find_consent(a_user().user_id, a_client().client_id));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->scopes, (std::vector<std::string>{"openid", "email"}));
  EXPECT_EQ(row->approvals, approvals_of({"openid"}, {"https://api.example/"}));
  EXPECT_EQ(row->created_at, start);
  EXPECT_EQ(row->updated_at, clock.now());
  EXPECT_EQ(value(store().consents_of(a_user().user_id)).size(), 1u);
}

TEST_P(BrowserContract, AnApprovalOfAnEndedInteractionStoresNothing) {
  perform(PutUser{.user = a_user()});
  const Approve op{.consent = a_consent(), .interaction = step(AfterStep::finished), .now = start};
  EXPECT_EQ(perform(op).result, Approve::Outcome::Result::interaction_not_open);
  EXPECT_FALSE(value(store().find_consent(a_user().user_id, a_client().client_id)).has_value());
}

TEST_P(BrowserContract, AnApprovalOfARemovedUserStoresNothing) {
  perform(put("i1"));
  const Approve op{.consent = a_consent(), .interaction = step(AfterStep::finished), .now = start};
  EXPECT_EQ(perform(op).result, Approve::Outcome::Result::interaction_not_open);
  EXPECT_FALSE(value(store().find_consent(a_user().user_id, a_client().client_id)).has_value());
}

TEST_P(BrowserContract, SessionsEndByIdAndOnlyTheUsersOwn) {
  perform(PutUser{.user = a_user()});
  perform(PutUser{.user = a_user("bob")});
  perform(sign_in());
  perform(sign_in(a_session("s2", a_user("bob"))));
  const auto mine = perform(
      EndSessions{.session_ids = {SessionId("s1"), SessionId("s2")}, .user_id = a_user().user_id});
  EXPECT_EQ(mine.ended, 1);
  EXPECT_FALSE(has_session("s1"));
  EXPECT_TRUE(has_session("s2"));
  EXPECT_EQ(perform(EndSessions{.session_ids = {SessionId("s2")}, .user_id = {}}).ended, 1);
  EXPECT_EQ(perform(EndSessions{.session_ids = {SessionId("s2")}, .user_id = {}}).ended, 0);
}

TEST_P(BrowserContract, AllOtherSessionsEnd) {
  perform(PutUser{.user = a_user()});
  for (const std::string name : {"s1", "s2", "s3"}) perform(sign_in(a_session(name)));
  EXPECT_EQ(perform(EndAllSessions{.user_id = a_user().user_id, .keep = SessionId("s2")}).ended, 2);
  EXPECT_TRUE(has_session("s2"));
  EXPECT_EQ(perform(EndAllSessions{.user_id = a_user().user_id, .keep = {}}).ended, 1);
}

// Q6: idle touches are coalesced, and never revive
TEST_P(BrowserContract, ATouchMovesTheIdleEndAtMostOnceInFiveMinutes) {
  perform(PutUser{.user = a_user()});
  perform(sign_in());
  const auto last_seen = [&] {
    return value(store().find_session_by_id(SessionId("s1")))->session.last_seen;
  };
  perform(TouchSession{.session_id = SessionId("s1"), .now = start + minutes(4)});
  EXPECT_EQ(last_seen(), start);
  perform(TouchSession{.session_id = SessionId("s1"), .now = start + minutes(5)});
  EXPECT_EQ(last_seen(), start + minutes(5));
  perform(TouchSession{.session_id = SessionId("s1"), .now = start + hours(13)});
  EXPECT_EQ(last_seen(), start + minutes(5));
}

INSTANTIATE_TEST_SUITE_P(Store, BrowserContract, every_engine(),
                         [](const auto& engine) { return store_test::name_of(engine.param); });

}  // namespace cardea::contract_browser_test
