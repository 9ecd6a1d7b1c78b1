// The failure counters by themselves: what waits, who waits, and for how long. RFC 6749 2.3.1;
// ASVS 6.3.1; security corpus 2.H.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::throttle_test {

using test::Harness;

struct Throttle : testing::Test {
  Harness server;

  static Attempt at(const std::string& account, const std::string& address) {
    return {.subject = ThrottleSubject::password, .account = account, .address = address};
  }
  void fail(const std::string& account, const std::string& address, int times = 1) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(server.await(server.throttle->failed(at(account, address), now())).ok());
    }
  }
  std::optional<Seconds> wait(const std::string& account, const std::string& address) {
    const auto answer = server.await(server.throttle->check(at(account, address), now()));
    EXPECT_TRUE(answer.ok());
    return answer->wait;
  }
  Instant now() const { return server.clock.now(); }
};

// asvs-6.3.1; H04: an account guessed at from everywhere costs each address its fourth try, while
// the owner's first ones still go through
TEST_F(Throttle, AnAttackFromManyAddressesDoesNotLockTheOwnerOut) {
  for (int i = 0; i < server.settings.throttle.per_account; ++i) {
    fail("alice", "192.0.2." + std::to_string(i));
  }
  EXPECT_EQ(wait("alice", "198.51.100.7"), std::nullopt);
  fail("alice", "198.51.100.7", 2);
  EXPECT_EQ(wait("alice", "198.51.100.7"), std::nullopt);
  fail("alice", "198.51.100.7");
  EXPECT_NE(wait("alice", "198.51.100.7"), std::nullopt);
  EXPECT_EQ(wait("alice", "198.51.100.8"), std::nullopt);
  EXPECT_EQ(wait("bob", "198.51.100.7"), std::nullopt);
}

// asvs-6.3.1: one password tried on many accounts makes its address wait, and nobody else
TEST_F(Throttle, OneAddressThatTriesManyAccountsWaits) {
  for (int i = 0; i < server.settings.throttle.per_address; ++i) {
    EXPECT_EQ(wait("somebody", "192.0.2.1"), std::nullopt) << i;
    fail("user" + std::to_string(i), "192.0.2.1");
  }
  EXPECT_NE(wait("somebody", "192.0.2.1"), std::nullopt);
  EXPECT_EQ(wait("somebody", "192.0.2.2"), std::nullopt);
}

// asvs-6.3.1: a success forgives the failures before it; guesses that ran beside it stay counted,
// however late the forgiving is written
TEST_F(Throttle, ASuccessForgivesNoLaterFailure) {
  fail("alice", "192.0.2.1", 2);
  const auto before = server.await(server.throttle->check(at("alice", "192.0.2.1"), now()));
  ASSERT_TRUE(before.ok());
  ASSERT_TRUE(before->failures.has_value());
  fail("alice", "192.0.2.1", server.settings.throttle.per_account_and_address);
  server.await(server.throttle->forgive(before->failures));
  EXPECT_NE(wait("alice", "192.0.2.1"), std::nullopt);
  const auto after = server.await(server.throttle->check(at("alice", "192.0.2.1"), now()));
  ASSERT_TRUE(after->failures.has_value());
  EXPECT_EQ(after->failures->count, server.settings.throttle.per_account_and_address);
  server.await(server.throttle->forgive(after->failures));
  EXPECT_EQ(wait("alice", "192.0.2.1"), std::nullopt);
}

// asvs-6.3.1: a wait is never longer than the window, and ends with it
TEST_F(Throttle, AWaitEndsWithItsWindow) {
  fail("alice", "192.0.2.1", server.settings.throttle.per_account_and_address);
  server.clock.advance(minutes(1));
  const auto left = wait("alice", "192.0.2.1");
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->count, server.settings.throttle.window.count - 60);
  server.clock.advance(*left);
  EXPECT_EQ(wait("alice", "192.0.2.1"), std::nullopt);
}

}  // namespace cardea::throttle_test
