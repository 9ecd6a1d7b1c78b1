// Two nodes of one issuer on one database: what one has acknowledged, the other's next answer
// knows. Decisions P7, Q6, T1; conformance with the rest of the flow suite is its run on
// PostgreSQL.
#include <gtest/gtest.h>

#include <thread>

#include "store/postgres/postgres_store.h"
#include "support/harness.h"
#include "support/scratch_database.h"

namespace cardea::nodes_flow_test {

using namespace test;

class TwoNodes : public testing::Test {
 protected:
  TwoNodes()
      : conninfo_(ScratchDatabase::instance().new_schema()), first(on_it()), second(on_it()) {}

  HarnessOptions on_it() {
    HarnessOptions options;
    options.open_store = [this](const Clock& clock) -> std::unique_ptr<store::Store> {
      auto opened = store::postgres::open({.link = {.conninfo = conninfo_}, .clock = &clock});
      if (!opened) ADD_FAILURE() << opened.error().reason;
      return *std::move(opened);
    };
    return options;
  }
  static http::Response machine(Harness& node) {
    return node.send(node.as_client(
        "cc", "/token", {{"grant_type", "client_credentials"}, {"scope", "calendar.read"}}));
  }
  static bool publishes(Harness& node, const std::string& kid) {
    return node.send(node.get("/jwks")).body.find(kid) != std::string::npos;
  }

 private:
  std::string conninfo_;

 protected:
  Harness first;
  Harness second;
};

// P7: an acknowledged change holds for the next request, on every node
TEST_F(TwoNodes, AClientDisabledOnOneIsRefusedByTheOther) {
  ASSERT_EQ(machine(second).status, 200);
  first.edit_client("cc", [](Client& client) { client.enabled = false; });
  EXPECT_EQ(error_of(machine(second)), "invalid_client");
  first.edit_client("cc", [](Client& client) { client.enabled = true; });
  EXPECT_EQ(machine(second).status, 200);
}

TEST_F(TwoNodes, AClientRegisteredOnOneIsKnownToTheOther) {
  Client copy = first.client("cc");
  copy.client_id = ClientId("cc2");
  first.put_client(copy);
  auto request =
      second.post("/token", {{"grant_type", "client_credentials"}, {"scope", "calendar.read"}},
                  {{"Authorization", basic("cc2", secret_of("cc"))}});
  EXPECT_EQ(second.send(request).status, 200);
}

TEST_F(TwoNodes, WhatOneIssuedTheOtherRedeemsRefreshesAndRevokes) {
  const auto code = first.issue_code();
  const Tokens tokens = second.redeem("cA", code);
  ASSERT_EQ(tokens.status, 200);
  EXPECT_EQ(first.userinfo(tokens.access_token).status, 200);
  const Tokens refreshed = first.refresh("cA", tokens.refresh_token);
  ASSERT_EQ(refreshed.status, 200);
  EXPECT_EQ(second.revoke("cA", refreshed.refresh_token).status, 200);
  EXPECT_EQ(first.userinfo(refreshed.access_token).status, 401);
  EXPECT_EQ(first.userinfo(tokens.access_token).status, 401);
  EXPECT_EQ(first.redeem("cA", code).error, "invalid_grant");
}

// oidc-28: a client is told once, whichever nodes know that it is to be told
TEST_F(TwoNodes, ANoticeIsSentByOne) {
  const std::string address = "https://app.example/told";
  first.edit_client("cA", [&](Client& client) { client.backchannel_logout_uri = address; });
  first.fetcher.answer(address, 200, "");
  second.fetcher.answer(address, 200, "");
  const auto code = first.issue_code();
  ASSERT_EQ(first.redeem("cA", code).status, 200);
  first.fetcher.hold();
  first.stored(
      first.store->perform(store::EndSessions{.session_ids = {code.session_id}, .user_id = {}}));
  first.notice_delivery->wake();
  first.executor.run_until([&] { return first.fetcher.sent_to(address) > 0; });
  ASSERT_EQ(machine(second).status, 200);  // by which it knows of the client's address
  second.notice_delivery->wake();
  second.settle();
  EXPECT_EQ(second.fetcher.sent_to(address), 0u);
  first.fetcher.release();
  first.settle();
  second.notice_delivery->wake();
  second.settle();
  EXPECT_EQ(first.fetcher.sent_to(address) + second.fetcher.sent_to(address), 1u);
}

// T4: a node never signs with a key that another node took out of use
TEST_F(TwoNodes, AfterARotationOnOneTheOtherSignsWithTheNewKey) {
  const auto kid_of = [](Harness& node) {
    const Tokens tokens = node.sign_up_tokens();
    return *json::string_member(header_of(tokens.id_token), "kid");
  };
  ASSERT_TRUE(first.await(first.keys->ensure_next(first.clock.now())).ok());
  const auto before = kid_of(second);
  const auto rotated = first.await(
      first.keys->rotate(crypto::SignatureAlgorithm::RS256, RotateWhen::now, first.clock.now()));
  ASSERT_TRUE(rotated.ok()) << rotated.error();
  const auto after = kid_of(second);
  EXPECT_NE(after, before);
  EXPECT_EQ(kid_of(first), after);
  EXPECT_TRUE(publishes(second, after));
  EXPECT_TRUE(publishes(second, before));
}

// T4: nodes that start at once on a new store agree on the keys
TEST_F(TwoNodes, ThatFindNoKeysAtOnceMakeThemOnce) {
  const auto rows = first.stored(first.store->server_keys());
  store::ChangeServerKeys none;
  for (const auto& row : rows) none.remove.push_back(row.kid);
  first.stored(first.store->perform(none));
  KeyRing mine(*first.store, *first.seals, first.settings, first.random);
  KeyRing other(*second.store, *second.seals, second.settings, second.random);
  std::thread starting([&] { EXPECT_TRUE(second.await(other.load(second.clock.now())).ok()); });
  EXPECT_TRUE(first.await(mine.load(first.clock.now())).ok());
  starting.join();
  EXPECT_EQ(mine.jwks()->body, other.jwks()->body);
  EXPECT_EQ(first.stored(first.store->server_keys()).size(),
            first.settings.signing_algorithms.size());
}

// FX07: without the database the answer is "later", never a guess; documents are served
TEST_F(TwoNodes, WithoutTheDatabaseNothingIsAnsweredButDocuments) {
  const Tokens tokens = first.sign_up_tokens();
  ScratchDatabase::instance().crash();
  const auto refused = machine(first);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(error_of(refused), "temporarily_unavailable");
  EXPECT_TRUE(refused.headers.contains("Retry-After"));
  EXPECT_EQ(first.userinfo(tokens.access_token).status, 503);
  const auto page = first.send(first.get("/authorize?client_id=cA"));
  EXPECT_EQ(page.status, 503);
  EXPECT_TRUE(page.headers.first("Content-Type").starts_with("text/html"));
  EXPECT_EQ(first.send(first.get("/.well-known/openid-configuration")).status, 200);
  EXPECT_EQ(first.send(first.get("/jwks")).status, 200);
  ScratchDatabase::instance().start();
  const auto until = monotonic_ms() + 20'000;
  int status = 0;
  while (status != 200 && monotonic_ms() < until) status = machine(first).status;
  EXPECT_EQ(status, 200);
  EXPECT_EQ(first.userinfo(tokens.access_token).status, 200);
}

}  // namespace cardea::nodes_flow_test
