// Token revocation. RFC 7009; decision Q6.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::revocation_test {

using test::Harness;
using test::is_json_refusal;

// RFC7009-2.1: a refresh token ends its grant: all that was issued under it is dead at once.
TEST(Rfc7009, S2_1_ARefreshTokenEndsItsGrant) {
  Harness server;
  const auto first = server.sign_up_tokens();
  const auto second = server.refresh("cA", first.refresh_token);
  // An older generation ends it too.
  EXPECT_EQ(server.revoke("cA", first.refresh_token).status, 200);
  EXPECT_EQ(server.refresh("cA", second.refresh_token).error, "invalid_grant");
  EXPECT_EQ(server.userinfo(first.access_token).status, 401);
  EXPECT_EQ(server.userinfo(second.access_token).status, 401);
}

// RFC7009-2.1: an access token is dead at once, JWT or opaque, and its grant lives on.
TEST(Rfc7009, S2_1_AnAccessTokenIsDeadAtOnce) {
  for (const auto& resource : {test::api, test::notes}) {
    Harness server;
    const auto* scope = resource == test::api ? "openid calendar.read offline_access"
                                              : "openid notes.read offline_access";
    const auto tokens = server.sign_up_tokens({.scope = scope, .resource = resource});
    ASSERT_TRUE(server.is_active(tokens.access_token));
    EXPECT_EQ(server.revoke("cA", tokens.access_token).status, 200);
    EXPECT_FALSE(server.is_active(tokens.access_token));
    EXPECT_EQ(server.userinfo(tokens.access_token).status, 401);
    EXPECT_EQ(server.refresh("cA", tokens.refresh_token).status, 200);
  }
}

// RFC7009-2.1: client-credentials tokens are marked too.
TEST(Rfc7009, S2_1_AClientCredentialsTokenIsDeadAtOnce) {
  Harness server;
  for (const auto* scope : {"calendar.read", "notes.read"}) {
    const auto tokens = test::tokens_of(server.send(server.as_client(
        "cc", "/token", {{"grant_type", "client_credentials"}, {"scope", scope}})));
    ASSERT_TRUE(server.is_active(tokens.access_token));
    EXPECT_EQ(server.revoke("cc", tokens.access_token).status, 200);
    EXPECT_FALSE(server.is_active(tokens.access_token));
  }
}

// RFC7009-2.2: an invalid token is answered 200, and nothing is stored.
TEST(Rfc7009, S2_2_AnInvalidTokenIsAnswered200) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  const auto writes = server.writes();
  for (const auto& token : {std::string("x"), tokens.access_token + "x", tokens.id_token,
                            "rt1_" + tokens.refresh_token}) {
    EXPECT_EQ(server.revoke("cA", token).status, 200);
  }
  EXPECT_EQ(server.writes(), writes);
  server.clock.advance({600});
  EXPECT_EQ(server.revoke("cA", tokens.access_token).status, 200);
  EXPECT_EQ(server.writes(), writes);
}

// RFC7009-2.1: another client's token is refused and lives on.
TEST(Rfc7009, S2_1_AnotherClientsTokenIsRefusedAndLivesOn) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  const auto writes = server.writes();
  for (const auto* stranger : {"cB", "pN", "api"}) {
    for (const auto& token : {tokens.access_token, tokens.refresh_token}) {
      EXPECT_TRUE(is_json_refusal(server.revoke(stranger, token), 400, "invalid_grant"));
    }
  }
  EXPECT_EQ(server.writes(), writes);
  EXPECT_EQ(server.userinfo(tokens.access_token).status, 200);
  EXPECT_EQ(server.refresh("cA", tokens.refresh_token).status, 200);
}

// RFC7009-2.1: the client authenticates; the token parameter is needed; a hint changes nothing.
TEST(Rfc7009, S2_1_TheRequestIsChecked) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  EXPECT_TRUE(
      is_json_refusal(server.send(server.post("/revoke", {{"token", tokens.refresh_token}})), 401,
                      "invalid_client"));
  EXPECT_TRUE(
      is_json_refusal(server.send(server.as_client("cA", "/revoke", {})), 400, "invalid_request"));
  const auto hinted = server.as_client(
      "cA", "/revoke", {{"token", tokens.refresh_token}, {"token_type_hint", "access_token"}});
  EXPECT_EQ(server.send(hinted).status, 200);
  EXPECT_EQ(server.refresh("cA", tokens.refresh_token).error, "invalid_grant");
  EXPECT_EQ(server.send(server.get("/revoke")).status, 405);
}

// RFC7009-2.1: a public client revokes its own.
TEST(Rfc7009, S2_1_APublicClientRevokesItsOwn) {
  Harness server;
  const auto tokens = server.sign_up_tokens({.client = "pS"});
  EXPECT_EQ(server.revoke("pS", tokens.refresh_token).status, 200);
  EXPECT_EQ(server.refresh("pS", tokens.refresh_token).error, "invalid_grant");
}

}  // namespace cardea::revocation_test
