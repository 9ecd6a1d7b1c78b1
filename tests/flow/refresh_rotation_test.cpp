// Refresh-token rotation: the semantics of security corpus 4.4, pinned by its rows RT01-RT20 (those
// for one node). Decision Q8.
#include <gtest/gtest.h>

#include <set>

#include "support/harness.h"
#include "support/scratch_folder.h"

namespace cardea::refresh_rotation_test {

using test::Harness;
using test::is_json_refusal;
using test::Tokens;

void expect_dead(Harness& server, const Tokens& tokens, const std::string& client = "cA") {
  EXPECT_TRUE(
      is_json_refusal(server.refresh(client, tokens.refresh_token).response, 400, "invalid_grant"));
  EXPECT_EQ(server.userinfo(tokens.access_token).status, 401);
}

// The one refresh row of a grant, found by its newest token.
store::RefreshView row_of(Harness& server, const std::string& token) {
  const auto read = token.substr(9, 22);
  auto view = server.stored(server.store->find_refresh(GrantId(read)));
  EXPECT_TRUE(view.has_value());
  return view.value_or(store::RefreshView());
}

// RT01: a thousand refreshes in a row give a thousand tokens in one row.
TEST(RefreshRotation, AThousandRefreshesStayOneFamily) {
  Harness server;
  auto tokens = server.sign_up_tokens();
  std::set<std::string> seen{tokens.refresh_token};
  for (int i = 0; i < 1000; ++i) {
    tokens = server.refresh("cA", tokens.refresh_token);
    ASSERT_EQ(tokens.status, 200) << tokens.response.body;
    seen.insert(tokens.refresh_token);
  }
  EXPECT_EQ(seen.size(), 1001U);
  const auto view = row_of(server, tokens.refresh_token);
  EXPECT_EQ(view.row.generation, 1001);
  EXPECT_EQ(server.stored(server.store->grants_of(view.grant.grant.user_id)).size(), 1U);
}

// RT02: 64 parallel refreshes of one token: one successor; the cap gives 429 and revokes nothing.
TEST(RefreshRotation, ParallelRefreshesHaveOneSuccessor) {
  for (const int cap : {64, 8}) {
    Harness server({.settings = [&](Settings& settings) { settings.refresh_replays_max = cap; }});
    const auto first = server.sign_up_tokens();
    std::vector<http::Request> requests;
    for (int i = 0; i < 64; ++i) {
      requests.push_back(server.refresh_request("cA", first.refresh_token));
    }
    std::set<std::string> successors;
    int accepted = 0;
    for (const auto& response : server.send_all(std::move(requests))) {
      if (response.status == 200) {
        ++accepted;
        successors.insert(test::tokens_of(response).refresh_token);
      } else {
        EXPECT_EQ(response.status, 429);
        EXPECT_FALSE(response.headers.first("Retry-After").empty());
      }
    }
    EXPECT_EQ(accepted, std::min(64, cap + 1));
    EXPECT_EQ(server.log.count("rt_replay_in_grace"), accepted - 1);
    ASSERT_EQ(successors.size(), 1U);
    EXPECT_EQ(row_of(server, *successors.begin()).row.generation, 2);
    EXPECT_EQ(server.refresh("cA", *successors.begin()).status, 200);
  }
}

// RT03; RT10: the parent presented again within the grace gives the very successor that was lost,
// with a fresh access token.
TEST(RefreshRotation, ALostReplyIsRepeatedWithinTheGrace) {
  Harness server;
  const auto first = server.sign_up_tokens();
  const auto lost = server.refresh("cA", first.refresh_token);
  server.clock.advance({5});
  const auto again = server.refresh("cA", first.refresh_token);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.refresh_token, lost.refresh_token);
  EXPECT_NE(again.access_token, lost.access_token);
  EXPECT_EQ(server.userinfo(again.access_token).status, 200);
  EXPECT_EQ(server.refresh("cA", again.refresh_token).status, 200);
}

// RT03: a replay in grace may narrow scope, and cannot widen it.
TEST(RefreshRotation, AReplayInGraceKeepsTheRequestsRules) {
  Harness server;
  const auto first = server.sign_up_tokens({.scope = "openid email offline_access"});
  const auto second = server.refresh("cA", first.refresh_token);
  const auto narrow = server.refresh("cA", first.refresh_token, {{"scope", "email"}});
  EXPECT_EQ(narrow.scope, "email");
  EXPECT_EQ(narrow.refresh_token, second.refresh_token);
  EXPECT_EQ(server.refresh("cA", first.refresh_token, {{"scope", "profile"}}).error,
            "invalid_scope");
}

// RT04; B13: the parent after its successor was used is reuse: the family is dead at once.
TEST(RefreshRotation, AParentAfterItsSuccessorWasUsedKillsTheFamily) {
  Harness server;
  const auto first = server.sign_up_tokens();
  const auto second = server.refresh("cA", first.refresh_token);
  const auto third = server.refresh("cA", second.refresh_token);
  server.clock.advance({5});
  EXPECT_TRUE(
      is_json_refusal(server.refresh("cA", first.refresh_token).response, 400, "invalid_grant"));
  expect_dead(server, third);
  expect_dead(server, second);
  EXPECT_EQ(server.log.count("rt_reuse"), 1);
}

// RT05; RT11: the parent after the grace is reuse, though its successor was never used; the grace
// is judged by the store's time.
TEST(RefreshRotation, AParentAfterTheGraceIsReuse) {
  for (const int late : {30, 31}) {
    Harness server;
    const auto first = server.sign_up_tokens();
    const auto second = server.refresh("cA", first.refresh_token);
    server.clock.advance({late});
    const auto again = server.refresh("cA", first.refresh_token);
    if (late == 30) {
      EXPECT_EQ(again.refresh_token, second.refresh_token);
    } else {
      EXPECT_EQ(again.error, "invalid_grant");
      expect_dead(server, second);
    }
  }
}

// RT06; B14: a grand-parent inside the grace is reuse.
TEST(RefreshRotation, AGrandParentInsideTheGraceIsReuse) {
  Harness server;
  const auto first = server.sign_up_tokens();
  const auto second = server.refresh("cA", first.refresh_token);
  const auto third = server.refresh("cA", second.refresh_token);
  EXPECT_EQ(server.refresh("cA", first.refresh_token).error, "invalid_grant");
  expect_dead(server, third);
}

// RT08: a bad request does not burn the token.
TEST(RefreshRotation, ABadRequestDoesNotBurnTheToken) {
  Harness server;
  const auto first = server.sign_up_tokens({.scope = "openid offline_access"});
  EXPECT_EQ(server.refresh("cA", first.refresh_token, {{"scope", "email"}}).error, "invalid_scope");
  EXPECT_EQ(server.refresh("cA", first.refresh_token, {{"resource", test::api}}).error,
            "invalid_target");
  EXPECT_EQ(server.refresh("cA", first.refresh_token).status, 200);
}

// RT12; 10017-02: the absolute end comes, and no refresh moves it; the idle end moves.
TEST(RefreshRotation, TheAbsoluteEndComesAndNoRefreshMovesIt) {
  Harness server;
  auto tokens = server.sign_up_tokens();
  for (int day = 10; day < 90; day += 10) {
    server.clock.advance(days(10));
    tokens = server.refresh("cA", tokens.refresh_token);
    ASSERT_EQ(tokens.status, 200) << "day " << day;
  }
  EXPECT_EQ(row_of(server, tokens.refresh_token).row.absolute_end, test::start + days(90));
  server.clock.set(test::start + days(90));
  EXPECT_TRUE(
      is_json_refusal(server.refresh("cA", tokens.refresh_token).response, 400, "invalid_grant"));
}

// RT12; 9700-10: a token that rests longer than the idle end is gone, and nothing is revoked by it.
TEST(RefreshRotation, TheIdleEndComes) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  server.clock.advance(days(14));
  EXPECT_EQ(server.refresh("cA", tokens.refresh_token).error, "invalid_grant");
}

// RT14; 6819-02; 6819-03: neither the store nor the log holds a token that works, and the seal
// around the successor opens with the parent alone.
TEST(RefreshRotation, StoreAndLogHoldNoToken) {
  Harness server;
  const auto first = server.sign_up_tokens();
  const auto second = server.refresh("cA", first.refresh_token);
  const auto view = row_of(server, second.refresh_token);
  ASSERT_FALSE(view.row.sealed_successor.empty());
  for (const auto& secret : {first.refresh_token, second.refresh_token, first.access_token}) {
    EXPECT_EQ(view.row.sealed_successor.find(secret.substr(20, 30)), std::string::npos);
    EXPECT_EQ(server.log.text().find(secret.substr(20, 30)), std::string::npos);
  }
  for (const auto& parameter : server.watcher.last().shown_parameters) {
    EXPECT_NE(parameter.second, first.refresh_token);
  }
}

// RT15: reuse on one device leaves the other device of the same person and client alive.
TEST(RefreshRotation, ReuseKillsOneFamilyOnly) {
  Harness server;
  const auto phone = server.sign_up_tokens();
  const auto laptop = server.sign_up_tokens();
  const auto second = server.refresh("cA", phone.refresh_token);
  server.clock.advance({31});
  EXPECT_EQ(server.refresh("cA", phone.refresh_token).error, "invalid_grant");
  expect_dead(server, second);
  EXPECT_EQ(server.refresh("cA", laptop.refresh_token).status, 200);
}

// RT17; B11: a person disabled between refreshes, or before the retry of a lost reply.
TEST(RefreshRotation, ADisabledPersonGetsNothing) {
  Harness server;
  const auto first = server.sign_up_tokens();
  const auto lost = server.refresh("cA", first.refresh_token);
  server.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
  const auto writes = server.writes();
  for (const auto& token : {first.refresh_token, lost.refresh_token}) {
    EXPECT_TRUE(is_json_refusal(server.refresh("cA", token).response, 400, "invalid_grant"));
  }
  EXPECT_EQ(server.writes(), writes);
}

// RT18: expired families do not pile up: rows leave with the write path.
TEST(RefreshRotation, ExpiredFamiliesLeaveWithTheWritePath) {
  Harness server;
  std::vector<test::IssuedCode> codes;
  for (int i = 0; i < 200; ++i) {
    const auto code = server.issue_code();
    ASSERT_EQ(server.redeem("cA", code).status, 200);
    codes.push_back(code);
  }
  server.clock.advance(days(120));
  for (int i = 0; i < 200; ++i) server.sign_up_tokens({.user = "bob"});
  EXPECT_TRUE(server.stored(server.store->grants_of(codes.front().user_id)).empty());
}

// RT19: an access token of a dead family is inactive, JWT or opaque.
TEST(RefreshRotation, AccessTokensOfADeadFamilyAreInactive) {
  for (const auto& [scope, resource] :
       {std::pair{"openid calendar.read offline_access", test::api},
        std::pair{"openid notes.read offline_access", test::notes}}) {
    Harness server;
    const auto first = server.sign_up_tokens({.scope = scope, .resource = resource});
    const auto second = server.refresh("cA", first.refresh_token);
    server.refresh("cA", second.refresh_token);
    EXPECT_TRUE(server.is_active(first.access_token));
    EXPECT_EQ(server.refresh("cA", first.refresh_token).error, "invalid_grant");
    EXPECT_FALSE(server.is_active(first.access_token));
    EXPECT_FALSE(server.is_active(second.access_token));
  }
}

// RT20; K08: ten clients of one process storm with the newest token they hold: no 5xx, no family
// dies, nobody is told invalid_request.
TEST(RefreshRotation, AStormOfTheNewestTokenRevokesNothing) {
  Harness server;
  std::vector<Tokens> newest;
  for (int i = 0; i < 10; ++i) newest.push_back(server.sign_up_tokens());
  for (int round = 0; round < 60; ++round) {
    std::vector<http::Request> requests;
    for (const auto& tokens : newest) {
      for (int i = 0; i < 5; ++i) {
        requests.push_back(server.refresh_request("cA", tokens.refresh_token));
      }
    }
    const auto responses = server.send_all(std::move(requests));
    for (std::size_t i = 0; i < responses.size(); ++i) {
      ASSERT_EQ(responses[i].status, 200) << responses[i].body;
      newest[i / 5] = test::tokens_of(responses[i]);
    }
    server.clock.advance({31});
  }
  EXPECT_EQ(server.log.count("rt_reuse"), 0);
}

// Q8: chronic replay (security corpus 4.4): a second holder who replays in three generations
// running loses the grace, and the operator is told once; a client's own retries never do.
TEST(RefreshRotation, AChronicReplayFromElsewhereLosesTheGrace) {
  enum class Holder { other_network, other_agent, same };
  for (const auto holder : {Holder::other_network, Holder::other_agent, Holder::same}) {
    Harness server;
    auto tokens = server.sign_up_tokens();
    const bool elsewhere = holder != Holder::same;
    const auto replay = [&] {
      auto request = server.refresh_request("cA", tokens.refresh_token);
      if (holder == Holder::other_network) request.peer_address = "203.0.113.9";
      if (holder == Holder::other_agent) request.headers.set("User-Agent", "another/1.0");
      return test::tokens_of(server.send(request));
    };
    for (int i = 0; i < 3; ++i) {
      const auto next = server.refresh("cA", tokens.refresh_token);
      ASSERT_EQ(replay().refresh_token, next.refresh_token) << i;
      tokens = next;
    }
    EXPECT_EQ(server.log.count("rt_suspect"), 0);
    const auto next = server.refresh("cA", tokens.refresh_token);
    ASSERT_EQ(next.status, 200);
    EXPECT_EQ(server.log.count("rt_suspect"), elsewhere ? 1 : 0);
    EXPECT_EQ(replay().status, elsewhere ? 400 : 200);
    if (elsewhere) expect_dead(server, next);
  }
}

// Q8; security corpus 4.4: generations must follow each other; one without a stranger starts anew.
TEST(RefreshRotation, AGenerationWithoutAStrangerClearsTheSuspicion) {
  Harness server;
  auto tokens = server.sign_up_tokens();
  for (int i = 0; i < 9; ++i) {
    const auto next = server.refresh("cA", tokens.refresh_token);
    ASSERT_EQ(next.status, 200) << i;
    auto request = server.refresh_request("cA", tokens.refresh_token);
    if (i % 3 != 2) request.peer_address = "203.0.113.9";
    ASSERT_EQ(test::tokens_of(server.send(request)).refresh_token, next.refresh_token) << i;
    tokens = next;
  }
  EXPECT_EQ(server.log.count("rt_suspect"), 0);
}

// Q8: a client may set its grace to nothing; then every replay is reuse.
TEST(RefreshRotation, AGraceOfZeroForgivesNothing) {
  Harness server;
  server.edit_client("cA", [](Client& client) { client.refresh_grace = {0}; });
  const auto first = server.sign_up_tokens();
  const auto second = server.refresh("cA", first.refresh_token);
  EXPECT_EQ(server.refresh("cA", first.refresh_token).error, "invalid_grant");
  expect_dead(server, second);
}

// Q8: a confidential client may switch rotation off; a public one cannot (9700-09; 21-04).
TEST(RefreshRotation, OnlyAConfidentialClientMaySwitchItOff) {
  Harness server;
  for (const auto* client : {"cA", "pS"}) {
    server.edit_client(client, [](Client& c) { c.refresh_rotation = RefreshRotation::off; });
    const auto first = server.sign_up_tokens({.client = client});
    const auto second = server.refresh(client, first.refresh_token);
    ASSERT_EQ(second.status, 200);
    EXPECT_EQ(second.refresh_token == first.refresh_token, std::string_view(client) == "cA");
  }
}

// Q14: a token without offline_access ends with the browser session, which it does not extend.
TEST(RefreshRotation, ATokenWithoutOfflineAccessEndsWithTheSession) {
  Harness server;
  const auto code =
      server.issue_code({.scope = "openid email", .binding = SessionBinding::ends_with_session});
  const auto first = server.redeem("cA", code);
  server.clock.advance(hours(6));
  const auto second = server.refresh("cA", first.refresh_token);
  ASSERT_EQ(second.status, 200);
  server.clock.advance(hours(6));
  EXPECT_EQ(server.refresh("cA", second.refresh_token).error, "invalid_grant");
  EXPECT_EQ(server.userinfo(second.access_token).status, 401);
}

// Q14: with offline_access it outlives the session.
TEST(RefreshRotation, ATokenWithOfflineAccessOutlivesTheSession) {
  Harness server;
  const auto code = server.issue_code();
  const auto first = server.redeem("cA", code);
  server.stored(server.store->perform(
      store::EndSessions{.session_ids = {code.session_id}, .user_id = std::nullopt}));
  EXPECT_EQ(server.refresh("cA", first.refresh_token).status, 200);
}

// 9700-10; 6819-05: password change and withdrawn consent end refresh tokens.
TEST(RefreshRotation, PasswordChangeAndWithdrawnConsentEndIt) {
  Harness server;
  const auto first = server.issue_code();
  const auto by_password = server.redeem("cA", first);
  server.stored(server.store->perform(
      store::ChangePassword{.user_id = first.user_id,
                            .security_version = 1,
                            .password_hash = PasswordHash("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"),
                            .keep = std::nullopt}));
  expect_dead(server, by_password);
  const auto second = server.issue_code({.user = "bob"});
  const auto by_consent = server.redeem("cA", second);
  server.stored(server.store->perform(store::WithdrawConsent{second.user_id, ClientId("cA")}));
  expect_dead(server, by_consent);
}

// Q19: entitlement is judged at refresh too.
TEST(RefreshRotation, EntitlementIsJudgedAtRefresh) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  server.edit_client("cA", [](Client& client) { client.allowed_groups = {"board"}; });
  EXPECT_EQ(server.refresh("cA", tokens.refresh_token).error, "invalid_grant");
  server.edit_client("cA", [](Client& client) { client.allowed_groups = {"staff"}; });
  EXPECT_EQ(server.refresh("cA", tokens.refresh_token).status, 200);
}

// A copy of the store, made while it serves.
std::string copied(Harness& server, const test::ScratchFolder& folder) {
  const auto path = folder.file("original.db");
  EXPECT_TRUE(server.sqlite->backup_to(path).ok());
  return path;
}

// RT06; issue 2, acceptance 4: each of 1,000 old generations, replayed on a fresh copy of the
// store, is recognised as reuse: live before, revoked after.
TEST(RefreshRotation, EachOfAThousandOldGenerationsIsRecognised) {
  const test::ScratchFolder folder;
  std::vector<std::string> old;
  Tokens newest;
  Instant now{};
  std::string original;
  {
    Harness server;
    newest = server.sign_up_tokens();
    for (int i = 0; i < 1000; ++i) {
      old.push_back(newest.refresh_token);
      newest = server.refresh("cA", newest.refresh_token);
      ASSERT_EQ(newest.status, 200);
    }
    server.clock.advance({31});
    now = server.clock.now();
    original = copied(server, folder);
  }
  int recognised = 0;
  for (const auto& token : old) {
    Harness server({.store_path = folder.fresh_copy(original, "copy.db"), .now = now});
    ASSERT_EQ(server.userinfo(newest.access_token).status, 200);
    EXPECT_TRUE(is_json_refusal(server.refresh("cA", token).response, 400, "invalid_grant"));
    EXPECT_EQ(server.log.count("rt_reuse"), 1);
    EXPECT_EQ(server.userinfo(newest.access_token).status, 401);
    EXPECT_EQ(server.refresh("cA", newest.refresh_token).error, "invalid_grant");
    ++recognised;
  }
  EXPECT_EQ(recognised, 1000);
}

// Security corpus 4.4, rule 8: a token newer than a store that was put back revokes nothing.
TEST(RefreshRotation, ATokenAheadOfARestoredStoreRevokesNothing) {
  const test::ScratchFolder folder;
  std::string original;
  Tokens first;
  Tokens third;
  {
    Harness server;
    first = server.sign_up_tokens();
    original = copied(server, folder);
    third = server.refresh("cA", server.refresh("cA", first.refresh_token).refresh_token);
  }
  Harness restored({.store_path = folder.fresh_copy(original, "copy.db")});
  EXPECT_TRUE(
      is_json_refusal(restored.refresh("cA", third.refresh_token).response, 400, "invalid_grant"));
  EXPECT_EQ(restored.log.count("rt_ahead_of_store"), 1);
  EXPECT_EQ(restored.refresh("cA", first.refresh_token).status, 200);
}

}  // namespace cardea::refresh_rotation_test
