// One guard serves every thread of an API.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "resource/guard.h"
#include "support/fake_issuer.h"

namespace cardea::resource_guard_threads_test {

TEST(ResourceGuardThreads, FetchTheKeysOnce) {
  fake_issuer::FakeIssuer issuer;
  resource::Guard guard({.issuer = "https://issuer.example", .resource = "https://api.example"},
                        issuer.transport(), issuer.clock);
  const http::Request request = {
      .method = "GET",
      .target = "/events",
      .headers = {
          {"Authorization", "Bearer " + issuer.sign_access_token(issuer.access_token_claims())}}};
  constexpr int count = 16;
  std::latch all_ready(count);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      all_ready.arrive_and_wait();
      if (guard.check(request)) ++good;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, count);
  EXPECT_EQ(issuer.count("/jwks"), 1u);
  EXPECT_EQ(issuer.count("/.well-known/openid-configuration"), 1u);
}

}  // namespace cardea::resource_guard_threads_test
