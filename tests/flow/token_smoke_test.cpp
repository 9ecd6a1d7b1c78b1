// One code from redemption to revocation: the shortest walk through every token endpoint.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::token_smoke_test {

TEST(TokenJourney, ACodeBecomesTokensThatRefreshAndEnd) {
  test::Harness server;
  const auto first = server.sign_up_tokens(
      {.scope = "openid email calendar.read offline_access", .resource = test::api});
  EXPECT_EQ(first.expires_in, 600);
  EXPECT_EQ(server.userinfo(first.access_token).status, 200);
  EXPECT_TRUE(server.is_active(first.access_token));

  const auto second = server.refresh("cA", first.refresh_token);
  ASSERT_EQ(second.status, 200) << second.response.body;
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_EQ(server.revoke("cA", second.refresh_token).status, 200);
  EXPECT_EQ(server.refresh("cA", second.refresh_token).error, "invalid_grant");
  EXPECT_EQ(server.userinfo(first.access_token).status, 401);
  EXPECT_FALSE(server.is_active(second.access_token));
}

}  // namespace cardea::token_smoke_test
