// Refresh requests and client credentials as RFC 6749 4.4 and 6 have them; rotation has its own
// file (flow/refresh_rotation_test.cpp).
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::refresh_request_test {

using test::Harness;
using test::is_json_refusal;

// RFC6749-6; 6749-21; RT16: a refresh cannot widen scope, and narrowing does not shrink the token.
TEST(Rfc6749, S6_ScopeIsNarrowedForOneTokenOnly) {
  Harness server;
  const auto first = server.sign_up_tokens({.scope = "openid email offline_access"});
  for (const auto* wide : {"openid email profile", "calendar.read", "openid \"email\""}) {
    const auto writes = server.writes();
    EXPECT_TRUE(
        is_json_refusal(server.refresh("cA", first.refresh_token, {{"scope", wide}}).response, 400,
                        "invalid_scope"));
    EXPECT_EQ(server.writes(), writes);
  }
  const auto narrow = server.refresh("cA", first.refresh_token, {{"scope", "email"}});
  EXPECT_EQ(narrow.scope, "email");
  EXPECT_EQ(narrow.id_token, "");
  const auto full = server.refresh("cA", narrow.refresh_token);
  EXPECT_EQ(full.scope, "openid email offline_access");
  EXPECT_NE(full.id_token, "");
}

// RFC6749-6; 6749-22; RT07; B02: a refresh token is bound to its client; strangers change nothing.
TEST(Rfc6749, S6_ARefreshTokenIsBoundToItsClient) {
  Harness server;
  const auto first = server.sign_up_tokens();
  for (const auto* stranger : {"cB", "pN", "pS"}) {
    const auto writes = server.writes();
    EXPECT_TRUE(is_json_refusal(server.refresh(stranger, first.refresh_token).response, 400,
                                "invalid_grant"));
    EXPECT_EQ(server.writes(), writes);
  }
  EXPECT_EQ(server.log.count("rt_wrong_client"), 3);
  const auto second = server.refresh("cA", first.refresh_token);
  ASSERT_EQ(second.status, 200);
  // A spent one of somebody else's does not revoke either.
  server.clock.advance(minutes(5));
  EXPECT_EQ(server.refresh("cB", first.refresh_token).error, "invalid_grant");
  EXPECT_EQ(server.refresh("cA", second.refresh_token).status, 200);
}

// RFC6749-6: a missing token, and texts that are no refresh token.
TEST(Rfc6749, S6_WhatIsNoRefreshTokenIsRefusedWithoutARead) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  EXPECT_TRUE(is_json_refusal(server.refresh("cA", "").response, 400, "invalid_request"));
  const auto& good = tokens.refresh_token;
  std::vector<std::string> bad{"x",
                               "rt1_",
                               good + "A",
                               good.substr(0, good.size() - 1),
                               "rt2" + good.substr(3),
                               tokens.access_token,
                               tokens.id_token};
  for (std::size_t i = 4; i < good.size(); i += 5) {
    auto flipped = good;
    flipped[i] = flipped[i] == 'A' ? 'B' : 'A';
    bad.push_back(flipped);
  }
  const auto writes = server.writes();
  for (const auto& text : bad) {
    EXPECT_TRUE(is_json_refusal(server.refresh("cA", text).response, 400, "invalid_grant")) << text;
  }
  EXPECT_EQ(server.writes(), writes);
  EXPECT_EQ(server.refresh("cA", good).status, 200);
}

// RFC6749-6; B12: a client that lost offline_access lost its offline tokens, and lost scopes are
// not given again.
TEST(Rfc6749, S6_ScopesTakenFromTheClientAreNotGivenAgain) {
  Harness server;
  const auto first = server.sign_up_tokens({.scope = "openid email offline_access"});
  server.edit_client("cA", [](Client& client) { std::erase(client.scope, "email"); });
  const auto second = server.refresh("cA", first.refresh_token);
  EXPECT_EQ(second.scope, "openid offline_access");
  server.edit_client("cA", [](Client& client) { std::erase(client.scope, "offline_access"); });
  EXPECT_EQ(server.refresh("cA", second.refresh_token).error, "invalid_grant");
}

// RFC6749-4.4.3; 6749-23: client credentials give an access token alone, for the client itself.
TEST(Rfc6749, S4_4_3_ClientCredentialsGiveAnAccessTokenAlone) {
  Harness server;
  const auto tokens = test::tokens_of(server.send(server.as_client(
      "cc", "/token", {{"grant_type", "client_credentials"}, {"scope", "calendar.read"}})));
  ASSERT_EQ(tokens.status, 200);
  EXPECT_EQ(tokens.refresh_token, "");
  EXPECT_EQ(tokens.id_token, "");
  EXPECT_EQ(tokens.scope, "calendar.read");
  EXPECT_EQ(json::string_member(test::claims_of(tokens.access_token), "sub"), "cc");
  EXPECT_EQ(server.userinfo(tokens.access_token).status, 401);
  EXPECT_TRUE(server.is_active(tokens.access_token));
}

// RFC6749-4.4; 6749-24: never for a public client, even one that is registered for it.
TEST(Rfc6749, S4_4_PublicClientsHaveNoClientCredentials) {
  Harness server;
  server.edit_client(
      "pS", [](Client& client) { client.grant_types.push_back(GrantType::client_credentials); });
  EXPECT_TRUE(is_json_refusal(
      server.send(server.as_client("pS", "/token", {{"grant_type", "client_credentials"}})), 400,
      "unauthorized_client"));
}

// RFC6749-4.4.2; Q5: scopes of people and unregistered scopes are refused.
TEST(Rfc6749, S4_4_2_ScopesOfPeopleAreRefused) {
  Harness server;
  for (const auto* scope : {"openid", "calendar.read profile", "offline_access", "unknown", "\""}) {
    const auto writes = server.writes();
    EXPECT_TRUE(is_json_refusal(
        server.send(server.as_client("cc", "/token",
                                     {{"grant_type", "client_credentials"}, {"scope", scope}})),
        400, "invalid_scope"));
    EXPECT_EQ(server.writes(), writes);
  }
}

}  // namespace cardea::refresh_request_test
