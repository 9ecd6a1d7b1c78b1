// The contract of logout notices, on every engine: whatever ends a session writes them, in the same
// transaction. OIDC Back-Channel Logout 1.0 2.3.
#include <gtest/gtest.h>

#include "engines.h"

namespace cardea::contract_logout_test {

using namespace store_test;
using namespace store;

const ClientId app("app");
const SessionId s1("s1");

class LogoutContract : public EveryEngine {
 protected:
  // A session in which the client took part, by a code or by an ID token alone.
  void take_part(LogoutChannel channel = LogoutChannel::back) {
    furnish(store());
    auto redeem = redemption(store());
    redeem.told_by = channel;
    EXPECT_EQ(perform(redeem), BeginGrant::Outcome::begun);
  }
  std::vector<ClientNotice> notices(const ClientId& client = app, Instant at = start + hours(1)) {
    return value(store().due_notices({client, ClientNotice::Kind::logout}, at, 100));
  }
  std::size_t due_clients(Instant at = start + hours(1)) {
    return value(store().due_notice_lanes(at, 100)).size();
  }
  void end_session() {
    EXPECT_EQ(perform(EndSessions{.session_ids = {s1}, .user_id = {}}).ended, 1);
  }
};

TEST_P(LogoutContract, TheEndOfASessionWritesANotice) {
  take_part();
  EXPECT_TRUE(notices().empty());
  const auto ended = perform(EndSessions{.session_ids = {s1}, .user_id = {}});
  const SessionClient expected{.session_id = s1, .user_id = a_user().user_id, .client_id = app};
  EXPECT_EQ(ended.clients, std::vector{expected});
  const auto written = notices();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0].notice_id, notice_id_of(s1, app));
  EXPECT_EQ(written[0].client_id, app);
  EXPECT_EQ(written[0].user_id, a_user().user_id);
  EXPECT_EQ(written[0].session_id, s1);
  EXPECT_EQ(written[0].attempts, 0);
  EXPECT_EQ(due_clients(), 1u);
  // The session is gone with it, and ends once.
  EXPECT_FALSE(value(store().find_session_by_id(s1)).has_value());
  EXPECT_TRUE(perform(EndSessions{.session_ids = {s1}, .user_id = {}}).clients.empty());
  EXPECT_EQ(notices().size(), 1u);
}

struct Way {
  std::string name;
  std::function<void(StoreTest&, Store&)> end;
};
const std::vector<Way>& ways() {
  static const UserId alice = a_user().user_id;
  static const PasswordHash fresh("$argon2id$new");
  static const std::vector<Way> all{
      {"end all sessions",
       [](StoreTest& test, Store& store) {
         test.perform(store, EndAllSessions{.user_id = alice, .keep = {}});
       }},
      {"change of password",
       [](StoreTest& test, Store& store) {
         test.perform(
             store,
             ChangePassword{
                 .user_id = alice, .security_version = 1, .password_hash = fresh, .keep = {}});
       }},
      {"password link",
       [](StoreTest& test, Store& store) {
         const auto link = digest<LinkDigest>("l");
         test.perform(store, PutPasswordLink{link, alice, start + hours(1)});
         test.perform(store, UsePasswordLink{.digest = link, .password_hash = fresh, .now = start});
       }},
      {"user disabled",
       [](StoreTest& test, Store& store) {
         auto user = a_user();
         user.enabled = false;
         test.perform(store, PutUser{.user = user});
       }},
      {"password set by the operator",
       [](StoreTest& test, Store& store) {
         auto user = a_user();
         user.password_hash = fresh;
         test.perform(store, PutUser{.user = user});
       }},
      {"user removed",
       [](StoreTest& test, Store& store) { test.perform(store, RemoveUser{.user_id = alice}); }}};
  return all;
}

// oidc-28: the session is dead before anybody is told, and everybody is told
TEST_P(LogoutContract, EveryWayToEndASessionWritesOne) {
  for (const Way& way : ways()) {
    const auto opened = sqlite::open({.path = "", .clock = &clock});
    ASSERT_TRUE(opened.ok());
    Store& fresh = **opened;
    furnish(fresh);
    auto redeem = redemption(fresh);
    redeem.told_by = LogoutChannel::back;
    EXPECT_EQ(StoreTest::perform(fresh, redeem), BeginGrant::Outcome::begun);
    way.end(*this, fresh);
    EXPECT_EQ(
        value(fresh.due_notices({app, ClientNotice::Kind::logout}, start + hours(1), 9)).size(), 1u)
        << way.name;
    EXPECT_TRUE(value(fresh.sessions_of(a_user().user_id)).empty()) << way.name;
  }
}

TEST_P(LogoutContract, AKeptSessionTellsNobody) {
  take_part();
  perform(EndAllSessions{.user_id = a_user().user_id, .keep = s1});
  perform(ChangePassword{.user_id = a_user().user_id,
                         .security_version = 1,
                         .password_hash = PasswordHash("$argon2id$new"),
                         .keep = s1});
  EXPECT_TRUE(notices().empty());
  // Nor does somebody else's wish to end it.
  const auto foreign = perform(EndSessions{.session_ids = {s1}, .user_id = UserId("bob")});
  EXPECT_EQ(foreign.ended, 0);
  EXPECT_TRUE(foreign.clients.empty());
  EXPECT_TRUE(notices().empty());
  end_session();
  EXPECT_EQ(notices().size(), 1u);
}

TEST_P(LogoutContract, OnlyWhoTookPartIsTold) {
  furnish(store());
  perform(redemption(store()));  // a client that registered no way to be told
  end_session();
  EXPECT_TRUE(notices().empty());
}

// A client of the front channel is named to whoever ends the session, and gets no notice.
TEST_P(LogoutContract, TheFrontChannelIsForTheBrowser) {
  take_part(LogoutChannel::front);
  const auto ended = perform(EndSessions{.session_ids = {s1}, .user_id = {}});
  ASSERT_EQ(ended.clients.size(), 1u);
  EXPECT_EQ(ended.clients[0].channel, LogoutChannel::front);
  EXPECT_TRUE(notices().empty());
}

TEST_P(LogoutContract, AnIdTokenAloneTakesPartToo) {
  furnish(store());
  const NoteSessionClient note{.session_id = s1, .client_id = app, .told_by = LogoutChannel::back};
  EXPECT_EQ(perform(note), NoteSessionClient::Outcome::noted);
  EXPECT_EQ(perform(note), NoteSessionClient::Outcome::noted);
  end_session();
  EXPECT_EQ(notices().size(), 1u);
  EXPECT_EQ(perform(note), NoteSessionClient::Outcome::session_ended);
}

// A person who signs in anew keeps the session's id, and so do those who took part in it.
TEST_P(LogoutContract, ARenewedSessionRemembers) {
  take_part();
  auto renewed = a_session();
  renewed.handle = digest<SessionDigest>("another cookie");
  EXPECT_EQ(perform(SignIn{.session = renewed,
                           .replaces = s1,
                           .rehashed = {},
                           .interaction = {},
                           .now = start + hours(1)}),
            SignIn::Outcome::signed_in);
  EXPECT_TRUE(notices().empty());
  end_session();
  EXPECT_EQ(notices().size(), 1u);
}

TEST_P(LogoutContract, ANoticeEndsWhenItIsDelivered) {
  take_part();
  end_session();
  const auto id = notice_id_of(s1, app);
  EXPECT_EQ(perform(EndNotice{.notice_id = id}), EndNotice::Outcome::ended);
  EXPECT_EQ(perform(EndNotice{.notice_id = id}), EndNotice::Outcome::absent);
  EXPECT_EQ(due_clients(), 0u);
}

// What a client did not take waits, for all of its notices, and is given up in the end.
TEST_P(LogoutContract, ANoticeThatIsNotTakenWaits) {
  take_part();
  end_session();
  const auto id = notice_id_of(s1, app);
  const auto defer = [&](Instant now) {
    return perform(DeferNotices{
        .lane = {app, ClientNotice::Kind::logout}, .tried = id, .until = now + minutes(1)});
  };
  EXPECT_EQ(defer(start).given_up, 0);
  EXPECT_EQ(due_clients(start + Seconds{59}), 0u);
  EXPECT_TRUE(notices(app, start + Seconds{59}).empty());
  ASSERT_EQ(notices(app, start + Seconds{60}).size(), 1u);
  EXPECT_EQ(notices(app, start + Seconds{60})[0].attempts, 1);
  for (int i = 2; i < notice_attempts_max; ++i) EXPECT_EQ(defer(start).given_up, 0) << i;
  EXPECT_EQ(defer(start).given_up, 1);
  EXPECT_TRUE(notices().empty());
}

// oidc-28: of several nodes that would tell a client one does; where it died, another does later
TEST_P(LogoutContract, ALaneIsTakenByOne) {
  take_part();
  end_session();
  using enum TakeNoticeLane::Outcome;
  const NoticeLane lane{app, ClientNotice::Kind::logout};
  const auto begin = start + hours(1);
  const auto take = [&](const std::string& taker, Instant now, const NoticeLane& of) {
    return perform(
        TakeNoticeLane{.lane = of, .taker = taker, .now = now, .until = now + notice_lane_hold});
  };
  EXPECT_EQ(take("a", begin, lane), taken);
  EXPECT_EQ(due_clients(begin), 0u);
  EXPECT_EQ(take("b", begin + Seconds{59}, lane), elsewhere);
  EXPECT_EQ(take("b", begin, {app, ClientNotice::Kind::ping}), taken);
  EXPECT_EQ(take("a", begin + Seconds{59}, lane), taken);
  EXPECT_EQ(take("b", begin + Seconds{118}, lane), elsewhere);
  EXPECT_EQ(perform(LeaveNoticeLane{.lane = lane, .taker = "b"}),
            LeaveNoticeLane::Outcome::not_held);
  EXPECT_EQ(perform(LeaveNoticeLane{.lane = lane, .taker = "a"}), LeaveNoticeLane::Outcome::left);
  EXPECT_EQ(due_clients(begin), 1u);
  EXPECT_EQ(take("b", begin + Seconds{60}, lane), taken);
  EXPECT_EQ(take("a", begin + Seconds{120}, lane), taken);
  EXPECT_EQ(due_clients(begin + Seconds{180}), 1u);
}

TEST_P(LogoutContract, ANoticeIsNotOfferedPastItsTime) {
  take_part();
  end_session();
  const auto far = start + hours(3);
  EXPECT_EQ(due_clients(far), 0u);
  EXPECT_TRUE(notices(app, far).empty());
  EXPECT_EQ(perform(DeferNotices{.lane = {app, ClientNotice::Kind::logout},
                                 .tried = notice_id_of(s1, app),
                                 .until = far})
                .given_up,
            1);
}

TEST_P(LogoutContract, ARemovedClientIsNotTold) {
  take_part();
  perform(RemoveClient{.client_id = app});
  end_session();
  EXPECT_TRUE(notices().empty());
}

TEST(ClientNotice, PausesGrowAndEnd) {
  EXPECT_EQ(pause_after_attempt(1), Seconds{5});
  EXPECT_EQ(pause_after_attempt(2), Seconds{10});
  EXPECT_EQ(pause_after_attempt(7), Seconds{320});
  EXPECT_EQ(pause_after_attempt(8), minutes(10));
  EXPECT_EQ(pause_after_attempt(1000), minutes(10));
  EXPECT_NE(notice_id_of(SessionId("a"), ClientId("bc")),
            notice_id_of(SessionId("ab"), ClientId("c")));
}

INSTANTIATE_TEST_SUITE_P(Engines, LogoutContract, every_engine(),
                         [](const auto& tried) { return name_of(tried.param); });

}  // namespace cardea::contract_logout_test
