// Several nodes on one database: what happens once happens once, whichever nodes are asked. INV1,
// INV2, INV5; decisions Q7, Q8, T2.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engines.h"
#include "store/sql/reading_store.h"

namespace cardea::nodes_test {

using namespace store_test;
using namespace store;

// Two nodes, each with connections of its own and two writers.
class Nodes : public testing::Test, public StoreTest {
 protected:
  Nodes() : conninfo(test::ScratchDatabase::instance().new_schema()) {
    open(first);
    open(second);
    furnish(*first);
  }
  void open(std::unique_ptr<postgres::PostgresStore>& into) {
    auto opened = postgres::open({.link = {.conninfo = conninfo}, .clock = &clock});
    ASSERT_TRUE(opened.ok()) << opened.error().reason;
    into = *std::move(opened);
  }
  // Performs what `make` gives, `count` times on each node, all at once; gives the outcomes.
  template <class Make>
  auto race(int count, Make make) {
    using Op = decltype(make(std::string()));
    std::mutex mutex;
    std::vector<typename Op::Outcome> outcomes;
    const auto run = [&](Store& node, const std::string& name) {
      ManualExecutor own;
      int done = 0;
      for (int i = 0; i < count; ++i) {
        spawn(
            own, node.perform(make(name + std::to_string(i))),
            [&](Answer<typename Op::Outcome> answer) {
              ++done;
              ASSERT_TRUE(answer.ok()) << answer.error().reason;
              const std::lock_guard lock(mutex);
              outcomes.push_back(*std::move(answer));
            },
            [](std::exception_ptr) { ADD_FAILURE(); });
      }
      own.run_until([&] { return done == count; });
    };
    std::thread other([&] { run(*second, "b"); });
    run(*first, "a");
    other.join();
    return outcomes;
  }

  const std::string conninfo;
  SettableClock clock{start};
  std::unique_ptr<postgres::PostgresStore> first;
  std::unique_ptr<postgres::PostgresStore> second;
};

// 6749-12; INV1: of many redemptions on two nodes exactly one begins the grant, and it is revoked
TEST_F(Nodes, ACodeIsUsedOnce) {
  const auto op = redemption(*first);
  const auto outcomes = race(32, [&](const std::string&) { return op; });
  EXPECT_EQ(std::ranges::count(outcomes, BeginGrant::Outcome::begun), 1);
  EXPECT_EQ(std::ranges::count(outcomes, BeginGrant::Outcome::replayed), 63);
  const auto view = value(second->find_grant(GrantId("g1"), TokenId()));
  EXPECT_EQ(judge_liveness(*view, start), Liveness::grant_revoked);
}

// RT02; RT11; INV2: one successor, the same for all, and nothing is revoked
TEST_F(Nodes, ARefreshTokenHasOneSuccessor) {
  ASSERT_EQ(perform(*first, redemption(*first)), BeginGrant::Outcome::begun);
  const auto outcomes = race(32, [&](const std::string& name) {
    UseRefresh op;
    op.presented = {.grant_id = GrantId("g1"), .generation = 1, .digest = a_refresh().current};
    op.client_id = a_client().client_id;
    op.policy.replays_max = 64;
    op.successor = digest<RefreshDigest>(name);
    op.sealed_successor = name;
    op.idle_lifetime = days(14);
    op.now = start;
    return op;
  });
  const auto row = value(second->find_refresh(GrantId("g1")))->row;
  int rotated = 0;
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome.result, UseRefresh::Outcome::Result::accepted);
    rotated += outcome.verdict == RefreshVerdict::current ? 1 : 0;
    if (outcome.verdict == RefreshVerdict::replay_in_grace) {
      EXPECT_EQ(outcome.sealed_successor, row.sealed_successor);
    }
  }
  EXPECT_EQ(rotated, 1);
  EXPECT_EQ(row.generation, 2);
  EXPECT_EQ(row.replays, 63);
}

// RFC 7523 3, RFC 9449 11.1: a value that may be used once
TEST_F(Nodes, AOneTimeValueIsUsedOnce) {
  const auto outcomes = race(32, [&](const std::string&) {
    return UseOnce{
        .digest = digest<OnceDigest>("jti"), .expires_at = start + minutes(1), .now = start};
  });
  EXPECT_EQ(std::ranges::count(outcomes, UseOnce::Outcome::first), 1);
}

// 6238-04; asvs-6.5.1: of many sign-ins with one step of an app one succeeds
TEST_F(Nodes, AStepOfAnAuthenticatorIsUsedOnce) {
  SignIn proof{.session = a_session("s2"), .replaces = {}, .rehashed = {}, .interaction = {}};
  proof.now = start;
  ASSERT_EQ(perform(*first, AddFactor{.factor = {.user_id = a_user().user_id,
                                                 .sealed_secret = "sealed",
                                                 .last_used_step = 10,
                                                 .recovery_key_id = "key",
                                                 .added_at = start},
                                      .recovery_codes = {},
                                      .sign_in = proof}),
            AddFactor::Outcome::added);
  const auto outcomes = race(16, [&](const std::string& name) {
    SignIn op{.session = a_session(name), .replaces = {}, .rehashed = {}, .interaction = {}};
    op.session.security_version = 2;
    op.factor = FactorUse{.user_id = a_user().user_id, .step = 11, .recovery_code = {}};
    op.now = start;
    return op;
  });
  EXPECT_EQ(std::ranges::count(outcomes, SignIn::Outcome::signed_in), 1);
  EXPECT_EQ(std::ranges::count(outcomes, SignIn::Outcome::factor_used), 31);
}

// Q6: an interaction ends once, so two tabs give one code
TEST_F(Nodes, AnInteractionEndsOnce) {
  const PutInteraction put{.interaction = an_interaction("tab"), .now = start};
  ASSERT_EQ(perform(*first, put), PutInteraction::Outcome::stored);
  const auto outcomes = race(16, [&](const std::string&) {
    return Approve{.consent = a_consent(),
                   .interaction = {.handle = put.interaction.handle,
                                   .after = AfterStep::finished,
                                   .session_id = {}},
                   .now = start};
  });
  const auto approved = std::ranges::count_if(outcomes, [](const Approve::Outcome& outcome) {
    return outcome.result == Approve::Outcome::Result::approved;
  });
  EXPECT_EQ(approved, 1);
}

// RFC 9126 7.3: a pushed request is completed once, however many interactions it began
TEST_F(Nodes, APushedRequestIsCompletedOnce) {
  for (int i = 0; i < 32; ++i) {
    auto interaction = an_interaction("pushed " + std::to_string(i));
    interaction.address = std::to_string(i);
    interaction.completes =
        OneTime{.digest = digest<OnceDigest>("par"), .until = start + minutes(5)};
    ASSERT_EQ(perform(*first, PutInteraction{.interaction = interaction, .now = start}),
              PutInteraction::Outcome::stored);
  }
  std::atomic<int> next = 0;
  const auto outcomes = race(16, [&](const std::string&) {
    const auto handle = digest<InteractionDigest>("pushed " + std::to_string(next++));
    return Approve{
        .consent = a_consent(),
        .interaction = {.handle = handle, .after = AfterStep::finished, .session_id = {}},
        .now = start};
  });
  const auto approved = std::ranges::count_if(outcomes, [](const Approve::Outcome& outcome) {
    return outcome.result == Approve::Outcome::Result::approved;
  });
  EXPECT_EQ(approved, 1);
}

// T4: of nodes that change the keys by what they both saw, one does
TEST_F(Nodes, KeysAreChangedByOneOfThoseWhoSawTheSame) {
  const auto seen = value(first->versions()).keys;
  const auto outcomes = race(4, [&](const std::string& name) {
    return ChangeServerKeys{.put = {{.kid = KeyId(name),
                                     .algorithm = crypto::SignatureAlgorithm::ES256,
                                     .sealed_private = "sealed",
                                     .created_at = start}},
                            .remove = {},
                            .if_version = seen};
  });
  EXPECT_EQ(std::ranges::count(outcomes, ChangeServerKeys::Outcome::changed), 1);
  EXPECT_EQ(value(second->server_keys()).size(), 1u);
}

// Q6: of nodes that start at once on an empty store one makes each purpose's key and marks the
// store
TEST_F(Nodes, ANewStoreIsFurnishedOnce) {
  const auto wrapped = race(4, [&](const std::string& name) {
    return PutWrappedKey{.purpose = "code",
                         .key_id = name,
                         .sealed = "sealed",
                         .created_at = start,
                         .only_first = true};
  });
  EXPECT_EQ(std::ranges::count(wrapped, PutWrappedKey::Outcome::stored), 1);
  const auto marked = race(
      4, [&](const std::string& name) { return PutMeta{.root_key_check = name, .made_by = {}}; });
  EXPECT_EQ(std::ranges::count(marked, PutMeta::Outcome::stored), 1);
}

// T4: nodes that start at once on an empty database all come up, and share one schema and epoch
TEST(NodesAtOnce, BringTheSchemaUpToDateInTurns) {
  const auto conninfo = test::ScratchDatabase::instance().new_schema();
  std::vector<std::unique_ptr<postgres::PostgresStore>> nodes(4);
  std::vector<std::thread> starting;
  for (auto& node : nodes) {
    starting.emplace_back([&] {
      auto opened = postgres::open({.link = {.conninfo = conninfo}});
      EXPECT_TRUE(opened.ok()) << opened.error().reason;
      if (opened) node = *std::move(opened);
    });
  }
  for (auto& thread : starting) thread.join();
  StoreTest here;
  for (auto& node : nodes) {
    ASSERT_NE(node, nullptr);
    EXPECT_EQ(here.value(node->meta()).epoch, here.value(nodes.front()->meta()).epoch);
  }
}

// P7: versions rise with every change of a client on any node, and not without one.
TEST_F(Nodes, AChangeOfAClientIsSeenByItsNumberOnEveryNode) {
  const auto before = value(second->versions());
  EXPECT_EQ(value(second->versions()).clients, before.clients);
  perform(*first, PutClient{.client = a_client("another")});
  const auto put = value(second->versions());
  EXPECT_GT(put.clients, before.clients);
  perform(*first, RemoveClient{.client_id = ClientId("nobody")});
  EXPECT_EQ(value(second->versions()).clients, put.clients);
  perform(*first, RemoveClient{.client_id = ClientId("another")});
  EXPECT_GT(value(second->versions()).clients, put.clients);
}

// Two people's names for one account: logins stay unique whoever writes first
TEST_F(Nodes, ALoginBelongsToOneUser) {
  const auto outcomes = race(8, [&](const std::string& name) {
    auto user = a_user("carol");
    user.user_id = UserId("user-" + name);
    return PutUser{.user = user, .expect = Expect::absent};
  });
  EXPECT_EQ(std::ranges::count(outcomes, PutUser::Outcome::stored), 1);
  EXPECT_EQ(std::ranges::count(outcomes, PutUser::Outcome::login_taken), 15);
}

// Our migrations, and one more.
std::vector<sql::Migration> and_then(std::string_view script) {
  const auto ours = sql::migrations(sql::Dialect::postgres);
  std::vector<sql::Migration> all(ours.begin(), ours.end());
  all.push_back({ours.back().version + 1, "later", script});
  return all;
}

// FX24: a migration that adds is brought by the first node that knows it, while others serve; those
// go on, and an old one may even start
TEST_F(Nodes, OldAndNewServeBesideEachOther) {
  const std::string script =
      "-- Serves programs from " +
      std::to_string(sql::migrations(sql::Dialect::postgres).back().version) +
      " on.\nALTER TABLE users ADD COLUMN later BIGINT NOT NULL DEFAULT 0;";
  const auto newer = and_then(script);
  auto opened =
      postgres::open({.link = {.conninfo = conninfo}, .clock = &clock, .migrations = newer});
  ASSERT_TRUE(opened.ok()) << opened.error().reason;
  Store& ahead = **opened;
  EXPECT_EQ(perform(*first, redemption(*first)), BeginGrant::Outcome::begun);
  EXPECT_EQ(perform(ahead, redemption(ahead)), BeginGrant::Outcome::replayed);
  std::unique_ptr<postgres::PostgresStore> old_one;
  open(old_one);
  EXPECT_TRUE(value(old_one->find_grant(GrantId("g1"), TokenId())) != nullptr);
}

// FX24: a migration that others cannot live with waits until they are stopped
TEST_F(Nodes, AMigrationThatStopsOthersIsNotBroughtByANode) {
  const auto newer = and_then("ALTER TABLE users RENAME TO people");
  const auto opened =
      postgres::open({.link = {.conninfo = conninfo}, .clock = &clock, .migrations = newer});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, postgres::OpenError::Kind::stops_others);
  EXPECT_NE(opened.error().reason.find("cardea migrate up"), std::string::npos);
  EXPECT_TRUE(value(first->find_user(a_user().user_id)) != nullptr);
  const auto done =
      postgres::bring_up_to_date({.conninfo = conninfo}, newer, sql::Others::are_stopped);
  ASSERT_TRUE(done.ok()) << done.error().reason;
  EXPECT_EQ(*done, 1);
  // From then on a node that does not know it stays away.
  const auto old_one = postgres::open({.link = {.conninfo = conninfo}, .clock = &clock});
  ASSERT_FALSE(old_one.ok());
  EXPECT_EQ(old_one.error().kind, postgres::OpenError::Kind::newer_schema);
}

// A trial tells whether it would go well, and leaves nothing
TEST_F(Nodes, AMigrationIsTriedOutAndTakenBack) {
  const auto newer = and_then("CREATE TABLE later (x BIGINT)");
  const auto opened = postgres::open_schema({.conninfo = conninfo});
  ASSERT_TRUE(opened.ok()) << opened.error().reason;
  auto& connection = (*opened)->sql();
  const auto status = sql::read_schema(connection, newer);
  ASSERT_TRUE(status.ok()) << status.error().reason;
  EXPECT_EQ(status->version, sql::migrations(sql::Dialect::postgres).back().version);
  ASSERT_EQ(status->pending.size(), 1u);
  ASSERT_TRUE(sql::try_out(connection, *status).ok());
  ASSERT_TRUE(sql::try_out(connection, *status).ok());  // so it was taken back
  const auto broken = and_then("CREATE TABLE users (x BIGINT)");
  const auto hopeless = sql::read_schema(connection, broken);
  ASSERT_TRUE(hopeless.ok());
  const auto tried = sql::try_out(connection, *hopeless);
  ASSERT_FALSE(tried.ok());
  EXPECT_NE(tried.error().reason.find("later"), std::string::npos) << tried.error().reason;
  EXPECT_EQ(sql::read_schema(connection, newer)->pending.size(), 1u);
}

// A table that others hold is not queued for: who comes later would wait behind the migration
TEST_F(Nodes, AMigrationDoesNotHoldUpOthersWhileItWaits) {
  const auto newer =
      and_then("-- Serves programs from 1 on.\nALTER TABLE users ADD COLUMN later BIGINT");
  const auto holding = postgres::open_schema({.conninfo = conninfo});
  ASSERT_TRUE(holding.ok());
  auto& holder = (*holding)->sql();
  holder.run_script("BEGIN; LOCK TABLE users IN ACCESS SHARE MODE");
  std::atomic<bool> is_done = false;
  std::thread migrating([&] {
    const auto done =
        postgres::bring_up_to_date({.conninfo = conninfo}, newer, sql::Others::may_serve);
    EXPECT_TRUE(done.ok()) << done.error().reason;
    is_done = true;
  });
  // Longer than a lock is waited for, so that it has given way at least once.
  for (const auto until = monotonic_ms() + 1500; monotonic_ms() < until;) {
    EXPECT_TRUE(value(first->find_user(a_user().user_id)) != nullptr);
  }
  EXPECT_FALSE(is_done);
  holder.run_script("COMMIT");
  migrating.join();
  EXPECT_TRUE(is_done);
}

// A node needs no right to make or change tables once the schema is there
TEST_F(Nodes, ARoleWithoutTheRightToChangeTablesCarriesANode) {
  auto& database = test::ScratchDatabase::instance();
  const auto schema = conninfo.substr(conninfo.rfind('=') + 1);
  database.run_sql("CREATE ROLE node LOGIN; GRANT USAGE ON SCHEMA " + schema +
                   " TO node; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " +
                   schema + " TO node");
  auto as_node = conninfo;
  as_node.replace(as_node.find("user=cardea"), std::string("user=cardea").size(), "user=node");
  auto opened = postgres::open({.link = {.conninfo = as_node}, .clock = &clock});
  ASSERT_TRUE(opened.ok()) << opened.error().reason;
  EXPECT_EQ(perform(**opened, redemption(**opened)), BeginGrant::Outcome::begun);
}

// FX01: a database that crashes and comes back loses nothing that was acknowledged, and the store
// goes on by itself
TEST_F(Nodes, AStoreGoesOnAfterTheDatabaseCrashed) {
  ASSERT_EQ(perform(*first, redemption(*first)), BeginGrant::Outcome::begun);
  test::ScratchDatabase::instance().crash();
  test::ScratchDatabase::instance().start();
  const auto until = monotonic_ms() + 20'000;
  Answer<UseOnce::Outcome> again = refuse(Failure{});
  while (!again && monotonic_ms() < until) {
    again = answer(first->perform(UseOnce{
        .digest = digest<OnceDigest>("after"), .expires_at = start + minutes(1), .now = start}));
  }
  ASSERT_TRUE(again.ok()) << again.error().reason;
  EXPECT_EQ(perform(*first, redemption(*first)), BeginGrant::Outcome::replayed);
  EXPECT_TRUE(value(second->find_grant(GrantId("g1"), TokenId())) != nullptr);
}

}  // namespace cardea::nodes_test
