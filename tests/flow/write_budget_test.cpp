// How many store writes each operation of the token side awaits, and what happens when the store
// takes none. Decisions Q6, T2; style rules 14 and 16.
#include <gtest/gtest.h>

#include "support/harness.h"
#include "support/scratch_folder.h"

namespace cardea::write_budget_test {

using test::Harness;
using test::is_json_refusal;

// The writes of one request that must succeed.
std::int64_t writes_of(Harness& server, http::Request request) {
  const auto before = server.writes();
  const auto response = server.send(std::move(request));
  EXPECT_EQ(response.status, 200) << response.body;
  return server.writes() - before;
}

// Q6: one write for what must happen once or be revocable, none for the rest.
TEST(WriteBudget, EachOperationKeepsToIt) {
  Harness server;
  const auto code =
      server.issue_code({.scope = "openid calendar.read offline_access", .resource = test::api});
  EXPECT_EQ(writes_of(server, server.redeem_request("cA", code)), 1);
  const auto tokens = server.sign_up_tokens();
  EXPECT_EQ(writes_of(server, server.refresh_request("cA", tokens.refresh_token)), 1);
  EXPECT_EQ(writes_of(server, server.refresh_request("cA", tokens.refresh_token)), 1);
  EXPECT_EQ(writes_of(server, server.as_client("cc", "/token",
                                               {{"grant_type", "client_credentials"},
                                                {"scope", "calendar.read"}})),
            0);
  EXPECT_EQ(writes_of(server, server.get("/userinfo",
                                         {{"Authorization", "Bearer " + tokens.access_token}})),
            0);
  EXPECT_EQ(
      writes_of(server, server.as_client("cA", "/introspect", {{"token", tokens.access_token}})),
      0);
  EXPECT_EQ(writes_of(server, server.as_client("cA", "/revoke", {{"token", tokens.access_token}})),
            1);
  // An assertion's jti is one more.
  const auto asserted = server.issue_code({.client = "cK"});
  EXPECT_EQ(writes_of(server, server.redeem_request("cK", asserted)), 2);
  EXPECT_EQ(writes_of(server, server.as_client("cK", "/introspect", {{"token", "x"}})), 1);
}

// T2; B10; FX14: a store that takes no write: 503 with Retry-After, nothing spent, nothing said to
// have happened; reads go on; afterwards everything works.
TEST(WriteBudget, AStoreThatTakesNoWriteSpendsNothing) {
  const test::ScratchFolder folder;
  const auto path = folder.file("cardea.db");
  test::IssuedCode code;
  test::Tokens tokens;
  {
    Harness server({.store_path = path});
    code = server.issue_code();
    tokens = server.sign_up_tokens({.user = "bob"});
  }
  {
    Harness failing({.store_path = path, .queue_max = 0});
    for (auto request :
         {failing.redeem_request("cA", code), failing.refresh_request("cA", tokens.refresh_token),
          failing.as_client("cA", "/revoke", {{"token", tokens.refresh_token}}),
          failing.as_client("cA", "/revoke", {{"token", tokens.access_token}}),
          failing.as_client("cK", "/token", {{"grant_type", "refresh_token"}}),
          failing.post("/token", {{"grant_type", "refresh_token"}},
                       {{"Authorization", test::basic("cA", "wrong")}})}) {
      const auto response = failing.send(std::move(request));
      EXPECT_TRUE(is_json_refusal(response, 503, "temporarily_unavailable"));
      EXPECT_EQ(response.headers.first("Retry-After"), "1");
    }
    EXPECT_EQ(failing.userinfo(tokens.access_token).status, 200);
    EXPECT_EQ(failing.log.count("store.failed"), 6);
  }
  Harness healed({.store_path = path});
  EXPECT_EQ(healed.redeem("cA", code).status, 200);
  EXPECT_EQ(healed.refresh("cA", tokens.refresh_token).status, 200);
}

// T2: what was acknowledged is there after the server is opened again.
TEST(WriteBudget, WhatWasAcknowledgedIsThereAfterwards) {
  const test::ScratchFolder folder;
  const auto path = folder.file("cardea.db");
  test::IssuedCode code;
  test::Tokens first;
  test::Tokens second;
  {
    Harness server({.store_path = path});
    code = server.issue_code();
    first = server.redeem("cA", code);
    second = server.refresh("cA", first.refresh_token);
  }
  Harness again({.store_path = path});
  EXPECT_EQ(again.userinfo(second.access_token).status, 200);
  EXPECT_EQ(again.refresh("cA", first.refresh_token).refresh_token, second.refresh_token);
  EXPECT_EQ(again.redeem("cA", code).error, "invalid_grant");
  EXPECT_EQ(again.refresh("cA", second.refresh_token).error, "invalid_grant");
}

}  // namespace cardea::write_budget_test
