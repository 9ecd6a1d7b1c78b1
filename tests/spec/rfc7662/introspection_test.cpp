// Token introspection. RFC 7662; decision Q21.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::introspection_test {

using test::Harness;
using test::is_json_refusal;

// RFC7662-2.2: the members of an active token, the same for JWT and opaque.
TEST(Rfc7662, S2_2_AnActiveTokenIsDescribed) {
  Harness server;
  for (const auto& [resource, scope] : {std::pair{test::api, "openid calendar.read"},
                                        std::pair{test::notes, "openid notes.read"}}) {
    const auto code = server.issue_code({.scope = scope, .resource = resource});
    const auto tokens = server.redeem("cA", code);
    const auto answer = server.introspect(tokens.access_token);
    EXPECT_EQ(json::bool_member(answer, "active"), true);
    EXPECT_EQ(json::string_member(answer, "iss"), "https://id.example");
    EXPECT_EQ(json::string_member(answer, "sub"), code.user_id.value());
    EXPECT_EQ(json::string_member(answer, "client_id"), "cA");
    EXPECT_EQ(json::string_member(answer, "scope"), scope);
    EXPECT_EQ(json::string_member(answer, "token_type"), "Bearer");
    EXPECT_EQ(json::strings_member(answer, "aud"),
              (std::vector<std::string>{resource, "https://id.example"}));
    EXPECT_EQ(json::integer_member(answer, "exp"), test::start.unix_seconds() + 600);
    EXPECT_EQ(json::integer_member(answer, "auth_time"), test::start.unix_seconds());
  }
}

// RFC7662-4; Q21: a caller sees tokens of its resources and its own; the rest is inactive, in the
// same words as garbage.
TEST(Rfc7662, S4_ACallerSeesItsOwnTokensOnly) {
  Harness server;
  const auto tokens = server.sign_up_tokens(
      {.scope = "openid calendar.read offline_access", .resource = test::api});
  const auto bare = server.sign_up_tokens({.user = "bob"});
  EXPECT_TRUE(server.is_active(tokens.access_token, "api"));
  EXPECT_TRUE(server.is_active(tokens.access_token, "cA"));
  EXPECT_FALSE(server.is_active(tokens.access_token, "cB"));
  EXPECT_FALSE(server.is_active(bare.access_token, "api"));
  EXPECT_TRUE(server.is_active(bare.access_token, "cA"));
  EXPECT_EQ(server.introspect(tokens.access_token, "cB"), server.introspect("garbage", "cB"));
  EXPECT_EQ(server.introspect("garbage").size(), 1U);
}

// RFC7662-2.2: a refresh token is shown to its own client while it is the current one.
TEST(Rfc7662, S2_2_ARefreshTokenIsShownToItsClient) {
  Harness server;
  const auto first = server.sign_up_tokens();
  EXPECT_TRUE(server.is_active(first.refresh_token, "cA"));
  EXPECT_FALSE(server.is_active(first.refresh_token, "cB"));
  EXPECT_FALSE(server.is_active(first.refresh_token, "api"));
  const auto second = server.refresh("cA", first.refresh_token);
  EXPECT_FALSE(server.is_active(first.refresh_token, "cA"));
  EXPECT_TRUE(server.is_active(second.refresh_token, "cA"));
  server.clock.advance(days(14));
  EXPECT_FALSE(server.is_active(second.refresh_token, "cA"));
}

// RFC7662-2.1: the caller proves who it is; a public client cannot.
TEST(Rfc7662, S2_1_TheCallerProvesWhoItIs) {
  Harness server;
  const auto tokens = server.sign_up_tokens({.client = "pS"});
  for (const auto& request :
       {server.post("/introspect", {{"token", tokens.access_token}}),
        server.as_client("pS", "/introspect", {{"token", tokens.access_token}}),
        server.post("/introspect", {{"token", tokens.access_token}},
                    {{"Authorization", "Bearer " + tokens.access_token}})}) {
    EXPECT_TRUE(is_json_refusal(server.send(request), 401, "invalid_client"));
  }
  EXPECT_TRUE(is_json_refusal(server.send(server.as_client("api", "/introspect", {})), 400,
                              "invalid_request"));
  EXPECT_EQ(server.send(server.get("/introspect?token=x")).status, 405);
}

// Everything that may end a token, for a client of its own.
const std::vector<std::function<void(Harness&, const test::IssuedCode&)>>& ends() {
  using Code = test::IssuedCode;
  static const std::vector<std::function<void(Harness&, const Code&)>> list{
      [](Harness& s, const Code&) {
        s.edit_user("alice", [](UserRecord& user) { user.enabled = false; });
      },
      [](Harness& s, const Code& code) {
        s.stored(s.store->perform(store::RemoveUser{code.user_id}));
      },
      [](Harness& s, const Code& code) {
        s.stored(s.store->perform(store::ChangePassword{
            code.user_id, 1, PasswordHash("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"), std::nullopt}));
      },
      [](Harness& s, const Code&) {
        s.edit_client("cB", [](Client& client) { client.enabled = false; });
      },
      [](Harness& s, const Code&) {
        s.stored(s.store->perform(store::RemoveClient{ClientId("cB")}));
        s.stored(s.registry->reload());
      },
      [](Harness& s, const Code& code) {
        s.stored(s.store->perform(store::WithdrawConsent{code.user_id, ClientId("cB")}));
      },
      [](Harness& s, const Code& code) {
        s.stored(s.store->perform(store::RevokeGrant{code.grant_id, "test"}));
      },
      [](Harness& s, const Code& code) {
        s.stored(s.store->perform(store::EndSessions{{code.session_id}, std::nullopt}));
      },
  };
  return list;
}

// RFC7662-2.2; B11; 6819-05: each reason to be dead holds for the next introspection and userinfo
// request.
TEST(Rfc7662, S2_2_EveryEndHoldsForTheNextRequest) {
  for (std::size_t i = 0; i < ends().size(); ++i) {
    Harness server;
    const auto code = server.issue_code({.client = "cB",
                                         .scope = "openid calendar.read",
                                         .resource = test::api,
                                         .binding = SessionBinding::ends_with_session});
    const auto tokens = server.redeem("cB", code);
    ASSERT_TRUE(server.is_active(tokens.access_token)) << i;
    ASSERT_EQ(server.userinfo(tokens.access_token).status, 200) << i;
    ends()[i](server, code);
    EXPECT_FALSE(server.is_active(tokens.access_token)) << i;
    EXPECT_EQ(server.userinfo(tokens.access_token).status, 401) << i;
  }
}

// RFC7662-2.2; Q6: the tokens of a client alone die with it, though no grant stands behind them.
TEST(Rfc7662, S2_2_ADisabledClientsOwnTokensAreDead) {
  Harness server;
  const auto tokens = test::tokens_of(server.send(server.as_client(
      "cc", "/token", {{"grant_type", "client_credentials"}, {"scope", "calendar.read"}})));
  ASSERT_TRUE(server.is_active(tokens.access_token));
  server.edit_client("cc", [](Client& client) { client.enabled = false; });
  EXPECT_FALSE(server.is_active(tokens.access_token));
  server.edit_client("cc", [](Client& client) { client.enabled = true; });
  EXPECT_TRUE(server.is_active(tokens.access_token));
}

}  // namespace cardea::introspection_test
