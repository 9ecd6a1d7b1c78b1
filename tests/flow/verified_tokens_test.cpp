// What is remembered of verified access tokens never says yes to anything else: other bytes, other
// keys, a revoked or expired token.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::verified_tokens_test {

using test::Harness;

// B08: a remembered token and its neighbours
TEST(VerifiedTokens, OnlyTheVeryBytesAreRemembered) {
  Harness server;
  const auto token = server.sign_up_tokens({.resource = test::api}).access_token;
  EXPECT_TRUE(server.is_active(token));
  EXPECT_TRUE(server.is_active(token));
  for (const auto at : {std::size_t{0}, token.find('.') + 5, token.rfind('.') + 3}) {
    auto changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(server.is_active(changed)) << at;
  }
  EXPECT_FALSE(server.is_active(token + "A"));
  EXPECT_FALSE(server.is_active(token.substr(0, token.size() - 1)));
}

// Q6: liveness is judged at each use
TEST(VerifiedTokens, RevocationAndExpiryHoldForARememberedToken) {
  Harness server;
  const auto revoked = server.sign_up_tokens({.resource = test::api}).access_token;
  const auto expiring = server.sign_up_tokens({.resource = test::api}).access_token;
  EXPECT_TRUE(server.is_active(revoked));
  EXPECT_TRUE(server.is_active(expiring));
  server.revoke("cA", revoked);
  EXPECT_FALSE(server.is_active(revoked));
  EXPECT_TRUE(server.is_active(expiring));
  server.clock.advance(server.settings.lifetimes.access_token);
  EXPECT_FALSE(server.is_active(expiring));
}

// T4: a set of keys that changed forgets what the last one verified
TEST(VerifiedTokens, AnotherSetOfKeysRemembersNothing) {
  Harness server;
  const auto token = server.sign_up_tokens({.resource = test::api}).access_token;
  const auto keys = server.keys->verification_keys();
  EXPECT_TRUE(server.is_active(token));
  EXPECT_TRUE(server.verified_tokens.find(token, keys).has_value());
  const auto others = std::make_shared<const jose::JwkSet>(*keys);
  EXPECT_FALSE(server.verified_tokens.find(token, others).has_value());
}

}  // namespace cardea::verified_tokens_test
