// Seeded random histories, the same on every engine: each operation has the same outcome, and what
// is left is the same. Decision T3: operations are values, so engines can only differ by mistake.
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "engines.h"

namespace cardea::histories_test {

using namespace store_test;
using namespace store;

constexpr int operations_per_history = 250;
constexpr int histories = 4;

// Outcomes as text. A word for each enumerator would say no more than its number does.
template <class E>
  requires std::is_enum_v<E>
std::string said(E outcome) {
  return std::to_string(static_cast<int>(outcome));
}
std::string said(const UseRefresh::Outcome& outcome) {
  return said(outcome.result) + said(outcome.liveness) + said(outcome.verdict) +
         outcome.sealed_successor + (outcome.turned_suspect ? " suspect " : "") +
         outcome.grant_id.value();
}
std::string said(const Approve::Outcome& outcome) {
  return said(outcome.result) + outcome.consent_id.value();
}
std::string said(const EndSessions::Outcome& outcome) {
  return std::to_string(outcome.ended) + "/" + std::to_string(outcome.clients.size());
}
std::string said(const EndAllSessions::Outcome& outcome) {
  return std::to_string(outcome.ended);
}

// One history, told to one store. The same seed tells the same.
class History : public StoreTest {
 public:
  History(Store& store, SettableClock& clock, unsigned seed)
      : store_(store), clock_(clock), random_(seed) {}

  // What happened, a line for each operation, and what is left.
  std::string tell() {
    for (const std::string login : {"alice", "bob"})
      perform(store_, PutUser{.user = a_user(login)});
    for (const std::string name : {"app", "web"})
      perform(store_, PutClient{.client = a_client(name)});
    epoch_ = value(store_.meta()).epoch;
    for (int i = 0; i < operations_per_history; ++i) {
      clock_.advance(Seconds{below(90)});
      step();
      if (i % 3 == 0) glance();
    }
    look();
    return told_.str();
  }

 private:
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  bool one_in(int n) { return below(n) == 0; }
  std::string user() { return one_in(3) ? "bob" : "alice"; }
  std::string client() { return one_in(3) ? "web" : "app"; }
  std::string name(const std::string& kind, int count = 5) {
    return kind + std::to_string(below(count));
  }
  // Mostly what it is.
  std::int64_t version_of(const UserId& user_id) {
    return value(store_.find_user(user_id))->security_version + (one_in(6) ? 1 : 0);
  }

  template <class Op>
  void record(const std::string& what, Op op) {
    auto got = answer(store_.perform(std::move(op)));
    told_ << what << " " << (got ? said(*got) : "failed") << "\n";
  }

  void step() {
    switch (below(16)) {
      case 0:
      case 1:
        return sign_in();
      case 2:
        return approve();
      case 3:
      case 4:
        return redeem();
      case 5:
      case 6:
      case 7:
        return refresh();
      case 8:
        return record("mark", MarkToken{TokenId(name("t")), clock_.now() + minutes(10)});
      case 9:
        return record("once", UseOnce{.digest = digest<OnceDigest>(name("o")),
                                      .expires_at = clock_.now() + minutes(2),
                                      .now = clock_.now()});
      case 10:
        return record("count", AddToCounters{.additions = {{digest<CounterDigest>(name("c")), 2}},
                                             .window = minutes(5),
                                             .now = clock_.now()});
      case 11:
        return poll();
      default:
        return seldom();
    }
  }

  void sign_in() {
    UserRecord who = a_user(user());
    SignIn op{.session = a_session(name("s"), who), .replaces = {}, .rehashed = {}};
    op.session.handle = digest<SessionDigest>(std::to_string(++made_));
    op.session.security_version = version_of(who.user_id);
    op.session.last_seen = op.session.created_at = clock_.now();
    op.session.absolute_end = clock_.now() + days(1);
    if (one_in(2)) op.replaces = op.session.session_id;
    op.now = clock_.now();
    const auto session_id = op.session.session_id;
    // A session's id is new, or its own again.
    if (!op.replaces && value(store_.find_session_by_id(session_id))) return;
    record("sign in", std::move(op));
  }

  void approve() {
    auto interaction = an_interaction(std::to_string(++made_));
    interaction.expires_at = clock_.now() + minutes(10);
    if (one_in(2)) {
      interaction.completes = OneTime{digest<OnceDigest>(name("p", 3)), clock_.now() + minutes(3)};
    }
    record("interaction", PutInteraction{.interaction = interaction, .now = clock_.now()});
    Consent consent = a_consent("consent-" + std::to_string(made_));
    consent.user_id = a_user(user()).user_id;
    consent.client_id = ClientId(client());
    consent.scopes = {one_in(2) ? "openid" : "email"};
    for (int i = 0; i < 2; ++i) {
      record("approve", Approve{.consent = consent,
                                .interaction = {.handle = interaction.handle,
                                                .after = AfterStep::finished,
                                                .session_id = SessionId(name("s"))},
                                .now = clock_.now()});
    }
  }

  void redeem() {
    auto op = BeginGrant{.grant = a_grant(name("g", 12)), .epoch = epoch_, .now = clock_.now()};
    op.grant.user_id = a_user(user()).user_id;
    op.grant.client_id = ClientId(client());
    op.grant.security_version = version_of(op.grant.user_id);
    const auto sessions = value(store_.sessions_of(op.grant.user_id));
    op.grant.session_id =
        sessions.empty() || one_in(4) ? SessionId(name("s")) : sessions.front().session_id;
    op.grant.consent_id = ConsentId();
    op.grant.session_binding =
        one_in(2) ? SessionBinding::ends_with_session : SessionBinding::outlives_session;
    op.grant.code_expires_at = clock_.now() + Seconds{60};
    if (!one_in(3)) {
      op.refresh = a_refresh(op.grant.grant_id.value());
      op.refresh->idle_end = clock_.now() + hours(2);
      op.refresh->absolute_end = clock_.now() + days(1);
    }
    if (one_in(2)) op.registered_redirect_uri = RedirectUriDigest(crypto::sha256(callback));
    if (one_in(2)) op.session_rule = BeginGrant::SessionRule::may_have_ended;
    if (one_in(2)) op.told_by = LogoutChannel::back;
    record("redeem", std::move(op));
  }

  // The newest token, the one before, or one that never was.
  void refresh() {
    const GrantId grant_id(name("g", 12));
    const auto there = value(store_.find_refresh(grant_id));
    UseRefresh op;
    op.presented = {.grant_id = grant_id, .generation = 1, .digest = digest<RefreshDigest>("none")};
    if (there) {
      const bool is_current = !one_in(3);
      op.presented.generation = there->row.generation - (is_current ? 0 : 1);
      op.presented.digest = is_current ? there->row.current : there->row.previous;
    }
    op.client_id = there && !one_in(5) ? there->grant.grant.client_id : ClientId(client());
    op.rotation = one_in(5) ? RefreshRotation::off : RefreshRotation::on;
    op.successor = digest<RefreshDigest>(std::to_string(++made_));
    op.sealed_successor = std::to_string(made_);
    op.idle_lifetime = hours(2);
    op.spender = one_in(2) ? "here" : "there";
    op.now = clock_.now();
    record("refresh", std::move(op));
  }

  void poll() {
    const GrantId request_id(name("r"));
    if (one_in(2)) {
      PolledRequest request;
      request.request_id = GrantId("r" + std::to_string(++made_));
      if (one_in(2)) request.request_id = request_id;
      request.kind = PolledRequest::Kind::device;
      request.client_id = ClientId(client());
      request.user_code = digest<UserCodeDigest>(name("u"));
      request.scopes = {"openid"};
      request.interval = Seconds{5};
      request.created_at = clock_.now();
      request.expires_at = clock_.now() + minutes(5);
      record("ask", PutPolledRequest{.request = request, .now = clock_.now()});
    }
    record("poll", NotePoll{.request_id = request_id, .now = clock_.now()});
    record("deny", AnswerPolledRequest{.request_id = GrantId(name("r")),
                                       .user_id = a_user().user_id,
                                       .approval = {},
                                       .interaction = {},
                                       .now = clock_.now()});
  }

  void seldom() {
    const UserId user_id = a_user(user()).user_id;
    if (!one_in(3)) return refresh();
    switch (below(8)) {
      case 0:
        return record("revoke", RevokeGrant{.grant_id = GrantId(name("g", 12)), .reason = "test"});
      case 1:
        return record("end", EndSessions{.session_ids = {SessionId(name("s"))}, .user_id = {}});
      case 2:
        return record("end all", EndAllSessions{.user_id = user_id, .keep = SessionId("s1")});
      case 3:
        return record("withdraw",
                      WithdrawConsent{.user_id = user_id, .client_id = ClientId(client())});
      case 4:
        return record("password", ChangePassword{.user_id = user_id,
                                                 .security_version = version_of(user_id),
                                                 .password_hash = PasswordHash(name("h")),
                                                 .keep = SessionId(name("s"))});
      case 5:
        return record("touch",
                      TouchSession{.session_id = SessionId(name("s")), .now = clock_.now()});
      case 6: {
        auto changed = a_client(client());
        changed.enabled = !one_in(4);
        return record("client", PutClient{.client = changed});
      }
      default:
        return record("clear", ClearCounters{.seen = {{.key = digest<CounterDigest>(name("c"))}}});
    }
  }

  // What an engine may remember of the last glance.
  void glance() {
    for (int i = 0; i < 4; ++i) tell_view(i);
    for (const std::string login : {"alice", "bob"}) {
      const auto found = value(store_.find_user(a_user(login).user_id));
      told_ << (found ? std::to_string(found->security_version) : "gone") << "\n";
    }
  }

  void tell_view(int grant) {
    const GrantId grant_id("g" + std::to_string(grant));
    const TokenId token_id("t" + std::to_string(grant % 5));
    if (const auto view = value(store_.find_grant(grant_id, token_id))) {
      told_ << grant_id.value() << " " << said(judge_liveness(*view, clock_.now())) << " "
            << view->grant.revoked_reason << view->token_marked << "\n";
    }
  }

  // Everything the history may have left.
  void look() {
    for (int i = 0; i < 12; ++i) {
      const GrantId grant_id("g" + std::to_string(i));
      tell_view(i);
      if (const auto view = value(store_.find_refresh(grant_id))) {
        told_ << view->row.generation << " " << view->row.replays << " "
              << view->row.idle_end.unix_ms << " " << view->row.spender
              << view->row.suspect_generations << view->row.suspect_replay << "\n";
      }
    }
    for (const std::string login : {"alice", "bob"}) {
      const UserId user_id = a_user(login).user_id;
      told_ << value(store_.find_user(user_id))->security_version << "\n";
      for (const auto& session : value(store_.sessions_of(user_id))) {
        told_ << session.session_id.value() << " " << session.last_seen.unix_ms << "\n";
      }
      for (const auto& consent : value(store_.consents_of(user_id))) {
        told_ << consent.consent_id.value() << " " << consent.scopes.size() << "\n";
      }
    }
    for (int i = 0; i < 5; ++i) {
      const auto counters =
          value(store_.counters({digest<CounterDigest>("c" + std::to_string(i))}));
      for (const auto& counter : counters) told_ << counter.count << "\n";
    }
    told_ << value(store_.due_notice_lanes(clock_.now() + days(1), 10)).size() << "\n";
    told_ << value(store_.versions()).clients << "\n";
  }

  Store& store_;
  SettableClock& clock_;
  std::mt19937 random_;
  std::string epoch_;
  int made_ = 0;
  std::ostringstream told_;
};

std::string tell(unsigned seed, bool on_postgres) {
  SettableClock clock(start);
  std::unique_ptr<Store> store;
  if (on_postgres) {
    auto opened =
        postgres::open({.link = {.conninfo = test::ScratchDatabase::instance().new_schema()},
                        .clock = &clock,
                        .writers = 1,
                        .sweep_hold = Seconds{0},
                        .sweep_after = 1});
    store = *std::move(opened);
  } else {
    auto opened = sqlite::open({.path = "", .clock = &clock, .sweep_hold = Seconds{0}});
    store = *std::move(opened);
  }
  return History(*store, clock, seed).tell();
}

TEST(Histories, OfTheSameSeedAreTheSameOnEveryEngine) {
  std::string all;
  for (unsigned seed = 1; seed <= histories; ++seed) {
    const auto on_sqlite = tell(seed, false);
    EXPECT_EQ(on_sqlite, tell(seed, true)) << "seed " << seed;
    all += on_sqlite;
  }
  // They went somewhere: grants were begun and replayed, tokens rotated, interactions ended.
  for (const std::string happened : {"redeem 0", "redeem 1", "refresh 0", "approve 0", "poll 0"}) {
    EXPECT_NE(all.find(happened), std::string::npos) << happened;
  }
}

}  // namespace cardea::histories_test
