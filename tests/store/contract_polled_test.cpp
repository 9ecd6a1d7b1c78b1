// The contract of requests that a client polls for, on every engine. RFC 8628 3.5, CIBA Core 11.
#include <gtest/gtest.h>

#include "engines.h"

namespace cardea::contract_polled_test {

using namespace store_test;
using namespace store;

using State = PolledRequest::State;

class PolledContract : public EveryEngine {
 protected:
  PolledContract() { furnish(store()); }

  static PolledRequest a_request(const std::string& name = "r1") {
    PolledRequest request;
    request.request_id = GrantId(name);
    request.client_id = a_client().client_id;
    request.user_code = digest<UserCodeDigest>("code " + name);
    request.scopes = {"openid", "profile"};
    request.resources = {ResourceId("https://api.example/"), ResourceId("urn:second")};
    request.address = "192.0.2.1";
    request.created_at = start;
    request.expires_at = start + minutes(10);
    return request;
  }
  static PolledRequest a_question(const std::string& name = "q1") {
    auto request = a_request(name);
    request.kind = PolledRequest::Kind::ciba;
    request.user_code.reset();
    request.asked_user = a_user().user_id;
    request.binding_message = "W4SCT";
    return request;
  }
  void put(const PolledRequest& request) {
    ASSERT_EQ(perform(PutPolledRequest{.request = request, .now = start}),
              PutPolledRequest::Outcome::stored);
  }
  PolledRequest request(const std::string& name = "r1") {
    return value(store().find_polled_request(GrantId(name))).value();
  }
  static AnswerPolledRequest answer(const std::string& name = "r1", Instant now = start) {
    Consent consent = a_consent("c2");
    consent.scopes = {"profile"};
    return {.request_id = GrantId(name),
            .user_id = a_user().user_id,
            .approval = AnswerPolledRequest::Approval{.consent = consent, .session = a_session()},
            .interaction = std::nullopt,
            .now = now};
  }
};

TEST_P(PolledContract, ARequestIsKeptAsItWasGiven) {
  put(a_request());
  put(a_question());
  const auto found = value(store().find_request_of_user_code(digest<UserCodeDigest>("code r1")));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->request_id, GrantId("r1"));
  EXPECT_EQ(found->kind, PolledRequest::Kind::device);
  EXPECT_EQ(found->state, State::pending);
  EXPECT_EQ(found->scopes, a_request().scopes);
  EXPECT_EQ(found->resources, a_request().resources);
  EXPECT_EQ(found->address, "192.0.2.1");
  EXPECT_EQ(found->created_at, start);
  EXPECT_EQ(found->expires_at, start + minutes(10));
  EXPECT_FALSE(found->asked_user.has_value());
  EXPECT_FALSE(found->approval.has_value());
  const auto asking = value(store().requests_asking(a_user().user_id, start));
  ASSERT_EQ(asking.size(), 1u);
  EXPECT_EQ(asking[0].request_id, GrantId("q1"));
  EXPECT_EQ(asking[0].asked_user, a_user().user_id);
  EXPECT_EQ(asking[0].binding_message, "W4SCT");
  EXPECT_TRUE(value(store().requests_asking(a_user().user_id, start + minutes(10))).empty());
}

// 8628-01: a user code belongs to one request
TEST_P(PolledContract, AUserCodeIsTakenOnce) {
  put(a_request());
  auto other = a_request("r2");
  other.user_code = a_request().user_code;
  EXPECT_EQ(perform(PutPolledRequest{.request = other, .now = start}),
            PutPolledRequest::Outcome::user_code_taken);
  EXPECT_FALSE(value(store().find_polled_request(GrantId("r2"))).has_value());
}

// 6819-01; 8628-10; ciba-10: open requests are bounded, and those that are over do not count
TEST_P(PolledContract, OpenRequestsAreBounded) {
  const auto try_put = [&](PolledRequest request, Instant now) {
    std::string source = request.address;
    return perform(PutPolledRequest{.request = std::move(request),
                                    .source = std::move(source),
                                    .per_client_max = 3,
                                    .per_address_max = 2,
                                    .per_user_max = 1,
                                    .now = now});
  };
  using enum PutPolledRequest::Outcome;
  EXPECT_EQ(try_put(a_request(), start), stored);
  EXPECT_EQ(try_put(a_request("r2"), start), stored);
  EXPECT_EQ(try_put(a_request("r3"), start), quota_exceeded);
  auto elsewhere = a_question();
  elsewhere.address = "192.0.2.9";
  EXPECT_EQ(try_put(elsewhere, start), stored);
  auto fourth = a_request("r4");
  fourth.address = "192.0.2.9";
  EXPECT_EQ(try_put(fourth, start), quota_exceeded);
  EXPECT_EQ(try_put(a_request("r5"), start + minutes(10)), stored);
  auto again = a_question("q2");
  again.client_id = ClientId("other");
  again.address = "192.0.2.10";
  EXPECT_EQ(try_put(again, start), quota_exceeded);
  EXPECT_EQ(perform(answer("q1")), AnswerPolledRequest::Outcome::answered);
  EXPECT_EQ(try_put(again, start), stored);
}

// 6819-01: nobody need sign in to deny, so what was denied counts on; what was approved does not
TEST_P(PolledContract, DeniedRequestsCountForTheirSource) {
  using enum PutPolledRequest::Outcome;
  const auto try_put = [&](const std::string& name) {
    return perform(PutPolledRequest{.request = a_request(name),
                                    .source = "192.0.2.0",
                                    .per_address_max = 1,
                                    .per_user_max = std::nullopt,
                                    .now = start});
  };
  EXPECT_EQ(try_put("r1"), stored);
  EXPECT_EQ(perform(AnswerPolledRequest{.request_id = GrantId("r1"),
                                        .user_id = {},
                                        .approval = std::nullopt,
                                        .interaction = std::nullopt,
                                        .now = start}),
            AnswerPolledRequest::Outcome::answered);
  EXPECT_EQ(try_put("r2"), quota_exceeded);
}

// CIBACore-10.2; ciba-23: the notice is written with the request, is due when that is answered, and
// at its end when nobody does
TEST_P(PolledContract, APingIsDueWithTheAnswerOrAtTheEnd) {
  const NoticeLane lane{a_client().client_id, ClientNotice::Kind::ping};
  const auto due = [&](Instant at) { return value(store().due_notices(lane, at, 9)); };
  for (const auto* name : {"q1", "q2", "q3"}) {
    EXPECT_EQ(perform(PutPolledRequest{
                  .request = a_question(name), .sealed_ping = "sealed", .now = start}),
              PutPolledRequest::Outcome::stored);
  }
  put(a_question("q4"));
  EXPECT_TRUE(due(start + Seconds{599}).empty());
  EXPECT_TRUE(value(store().due_notice_lanes(start + Seconds{599}, 9)).empty());
  EXPECT_EQ(perform(answer("q1", start + Seconds{5})), AnswerPolledRequest::Outcome::answered);
  auto denial = answer("q2", start + Seconds{6});
  denial.approval.reset();
  EXPECT_EQ(perform(denial), AnswerPolledRequest::Outcome::answered);
  EXPECT_EQ(due(start + Seconds{5}).size(), 1u);
  const auto notices = due(start + Seconds{6});
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(value(store().due_notice_lanes(start + Seconds{6}, 9)), std::vector{lane});
  for (const auto& notice : notices) {
    EXPECT_EQ(notice.kind, ClientNotice::Kind::ping);
    EXPECT_EQ(notice.client_id, lane.client_id);
    EXPECT_EQ(notice.sealed, "sealed");
    EXPECT_EQ(notice.attempts, 0);
  }
  EXPECT_EQ(due(start + minutes(10)).size(), 3u);
  EXPECT_TRUE(due(start + minutes(20)).empty());  // ping_lifetime is over
  // A refused answer makes nothing due.
  EXPECT_EQ(perform(answer("q3", start + minutes(10))), AnswerPolledRequest::Outcome::not_pending);
  EXPECT_EQ(due(start + Seconds{6}).size(), 2u);
}

// 6819-01; ciba-30: notices that wait are bounded as the requests are, and the lanes of a client
// are put off apart
TEST_P(PolledContract, PingsAreBoundedAndPutOffApart) {
  const auto try_put = [&](const std::string& name, Instant now) {
    auto request = a_question(name);
    request.created_at = now;
    request.expires_at = now + Seconds{1};
    return perform(PutPolledRequest{
        .request = request, .sealed_ping = "sealed", .per_client_max = 2, .now = now});
  };
  using enum PutPolledRequest::Outcome;
  EXPECT_EQ(try_put("q1", start), stored);
  EXPECT_EQ(try_put("q2", start + Seconds{1}), stored);
  EXPECT_EQ(try_put("q3", start + Seconds{2}), quota_exceeded);
  EXPECT_EQ(perform(EndNotice{notice_id_of(GrantId("q1"))}), EndNotice::Outcome::ended);
  EXPECT_EQ(try_put("q3", start + Seconds{2}), stored);
  const NoticeLane lane{a_client().client_id, ClientNotice::Kind::ping};
  const auto now = start + Seconds{5};
  perform(DeferNotices{.lane = {lane.client_id, ClientNotice::Kind::logout},
                       .tried = notice_id_of(GrantId("q2")),
                       .until = now + minutes(1)});
  EXPECT_EQ(value(store().due_notices(lane, now, 9)).size(), 2u);
  perform(
      DeferNotices{.lane = lane, .tried = notice_id_of(GrantId("q2")), .until = now + minutes(1)});
  EXPECT_TRUE(value(store().due_notices(lane, now, 9)).empty());
}

// 8628-03: each poll that comes too soon adds five seconds for good
TEST_P(PolledContract, PollingTooSoonSlowsDown) {
  put(a_request());
  const auto poll = [&](std::int64_t seconds) {
    return perform(NotePoll{GrantId("r1"), start + Seconds{seconds}});
  };
  using enum NotePoll::Outcome;
  EXPECT_EQ(poll(0), noted);
  EXPECT_EQ(poll(5), noted);
  EXPECT_EQ(poll(9), too_soon);
  EXPECT_EQ(request().interval, Seconds{10});
  EXPECT_EQ(poll(18), too_soon);
  EXPECT_EQ(request().interval, Seconds{15});
  EXPECT_EQ(poll(33), noted);
  EXPECT_EQ(poll(600), not_pending);
  EXPECT_EQ(perform(NotePoll{GrantId("nobody"), start}), not_pending);
}

// 8628-05: an answer is final, and records the approval with it
TEST_P(PolledContract, AnAnswerIsFinal) {
  using enum AnswerPolledRequest::Outcome;
  put(a_request());
  EXPECT_EQ(perform(answer()), answered);
  const auto found = request();
  EXPECT_EQ(found.state, State::approved);
  ASSERT_TRUE(found.approval.has_value());
  EXPECT_EQ(*found.approval, (PolledApproval{.user_id = a_user().user_id,
                                             .security_version = 1,
                                             .session_id = SessionId("s1"),
                                             .consent_id = ConsentId("c1"),
                                             .authentication = a_session().authentication}));
  const auto consent = value(store().find_consent(a_user().user_id, a_client().client_id));
  EXPECT_EQ(consent->scopes, (std::vector<std::string>{"openid", "profile"}));
  auto deny = answer();
  deny.approval.reset();
  EXPECT_EQ(perform(deny), not_pending);
  EXPECT_EQ(request().state, State::approved);

  put(a_request("r2"));
  deny.request_id = GrantId("r2");
  EXPECT_EQ(perform(deny), answered);
  EXPECT_EQ(request("r2").state, State::denied);
  EXPECT_EQ(perform(answer("r2")), not_pending);
  put(a_request("r3"));
  EXPECT_EQ(perform(answer("r3", start + minutes(10))), not_pending);
}

// ciba-08: who is asked answers, and nobody else
TEST_P(PolledContract, OnlyWhoIsAskedAnswers) {
  using enum AnswerPolledRequest::Outcome;
  put(a_question());
  auto other = answer("q1");
  other.user_id = UserId("user-bob");
  EXPECT_EQ(perform(other), not_pending);
  EXPECT_EQ(request("q1").state, State::pending);
  EXPECT_EQ(perform(answer("q1")), answered);
}

// 8628-06: an approval counts for nothing when the person changed since the session began
TEST_P(PolledContract, AChangedPersonApprovesNothing) {
  using enum AnswerPolledRequest::Outcome;
  put(a_request());
  auto stale = answer();
  stale.approval->session.security_version = 7;
  EXPECT_EQ(perform(stale), user_changed);
  EXPECT_EQ(request().state, State::pending);
}

// 8628-17: the interaction ends with the answer, and an ended one answers nothing
TEST_P(PolledContract, TheInteractionEndsWithTheAnswer) {
  using enum AnswerPolledRequest::Outcome;
  put(a_request());
  auto interaction = an_interaction("device");
  interaction.kind = Interaction::Kind::device;
  ASSERT_EQ(perform(PutInteraction{.interaction = interaction, .now = start}),
            PutInteraction::Outcome::stored);
  auto first = answer();
  first.interaction = InteractionStep{
      .handle = interaction.handle, .after = AfterStep::finished, .session_id = std::nullopt};
  EXPECT_EQ(perform(first), answered);
  const auto row = value(store().find_interaction(interaction.handle));
  EXPECT_EQ(row->kind, Interaction::Kind::device);
  EXPECT_EQ(row->state, Interaction::State::finished);
  put(a_request("r2"));
  auto second = first;
  second.request_id = GrantId("r2");
  EXPECT_EQ(perform(second), interaction_not_open);
  EXPECT_EQ(request("r2").state, State::pending);
}

// Q14: where the session may have ended, its end does not stop a grant from beginning
TEST_P(PolledContract, AGrantMayOutliveTheSessionOfItsApproval) {
  auto begin = redemption(store());
  begin.registered_redirect_uri.reset();
  begin.grant.session_id = SessionId("gone");
  EXPECT_EQ(perform(begin), BeginGrant::Outcome::session_ended);
  begin.session_rule = BeginGrant::SessionRule::may_have_ended;
  EXPECT_EQ(perform(begin), BeginGrant::Outcome::begun);
  EXPECT_EQ(perform(begin), BeginGrant::Outcome::replayed);
}

TEST_P(PolledContract, RowsLeaveAfterTheirTime) {
  put(a_request());
  clock.advance(hours(2));
  for (int i = 0; i < 40; ++i) {
    perform(TouchSession{SessionId("nobody"), clock.now()});
  }
  EXPECT_FALSE(value(store().find_polled_request(GrantId("r1"))).has_value());
}

INSTANTIATE_TEST_SUITE_P(Engines, PolledContract, every_engine(),
                         [](const auto& info) { return name_of(info.param); });

}  // namespace cardea::contract_polled_test
