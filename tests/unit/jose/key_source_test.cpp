// Keys on demand: who fetches, who waits, and what an answer of a JWKS endpoint means.
#include "jose/key_source.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "base/limits.h"

namespace cardea::key_source_test {

using jose::FetchedJwks;
using jose::KeySource;

const Instant start = Instant::from_seconds(1'800'000'000);

std::string key_set(std::string_view kid) {
  static const auto key = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  return json::write(json::Object{{"keys", json::Array{jose::write_jwk(key, kid)}}});
}

TEST(JwksAnswer, StatusBodyAndAge) {
  const auto good = jose::read_jwks_answer(
      {.status = 200, .etag = "\"1\"", .cache_control = "public, Max-Age=60", .body = "{}"});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->max_age, Seconds{60});
  EXPECT_EQ(good->etag, "\"1\"");
  EXPECT_EQ(good->body, "{}");
  EXPECT_TRUE(jose::read_jwks_answer({.status = 304})->not_modified);
  for (const int status : {0, 201, 302, 404, 500})
    EXPECT_FALSE(jose::read_jwks_answer({.status = status})) << status;
  const std::string large(limits::jwks_bytes_max + 1, ' ');
  EXPECT_FALSE(jose::read_jwks_answer({.status = 200, .body = large}));
}

TEST(JwksAnswer, AgesThatAreNoNumberAreIgnored) {
  for (const std::string_view text : {"", "no-cache", "max-age=", "max-age=-1", "max-age=1.5",
                                      "max-age=x", "s-maxage=60", "max-age=99999999999999999999"}) {
    EXPECT_FALSE(jose::read_jwks_answer({.status = 200, .cache_control = text})->max_age) << text;
  }
  EXPECT_EQ(
      jose::read_jwks_answer({.status = 200, .cache_control = "max-age=999999999999"})->max_age,
      days(365));
}

TEST(KeySource, WithoutKeysTheFailureIsToldOncePerCooldown) {
  int fetches = 0;
  KeySource source([&](std::string_view) -> Result<FetchedJwks, std::string> {
    ++fetches;
    return refuse(std::string("down"));
  });
  for (int i = 0; i < 5; ++i) {
    const auto keys = source.keys_for(start, "a");
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error(), "down");
  }
  EXPECT_EQ(fetches, 1);
  EXPECT_FALSE(source.keys_for(start + Seconds{31}, "a"));
  EXPECT_EQ(fetches, 2);
}

TEST(KeySource, MalformedSetsLeaveTheOldOne) {
  std::string body = key_set("a");
  KeySource source(
      [&](std::string_view) { return Result<FetchedJwks, std::string>({.body = body}); });
  EXPECT_TRUE((*source.keys_for(start, "a"))->contains_kid("a"));
  body = "{\"keys\":5}";
  const auto later = source.keys_for(start + hours(1), "a");
  ASSERT_TRUE(later);
  EXPECT_TRUE((*later)->contains_kid("a"));
}

// RFC9068-4; 9068-07: those who need a new key wait for the one who fetches it; nobody is refused.
TEST(KeySource, CallersWaitForANewKey) {
  constexpr int count = 8;
  std::atomic<int> fetches = 0;
  std::latch all_ready(count);
  KeySource source([&](std::string_view) {
    const bool first = fetches++ == 0;
    return Result<FetchedJwks, std::string>({.body = key_set(first ? "old" : "new")});
  });
  EXPECT_TRUE(source.keys_for(start, "old"));
  std::atomic<int> served = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      all_ready.arrive_and_wait();
      const auto keys = source.keys_for(start + Seconds{60}, "new");
      if (keys && (*keys)->contains_kid("new")) ++served;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(served, count);
  EXPECT_EQ(fetches, 2);
}

// Whoever can go on with the keys that are there does not wait for a slow issuer.
TEST(KeySource, CallersWithAKnownKeyDoNotWait) {
  std::atomic<int> fetches = 0;
  std::latch under_way(1);
  std::latch let_go(1);
  KeySource source([&](std::string_view) {
    if (fetches++ == 1) {
      under_way.count_down();
      let_go.wait();
    }
    return Result<FetchedJwks, std::string>({.body = key_set("a")});
  });
  EXPECT_TRUE(source.keys_for(start, "a"));
  std::thread slow([&] { EXPECT_TRUE(source.keys_for(start + hours(1), "a")); });
  under_way.wait();
  EXPECT_TRUE(source.keys_for(start + hours(1), "a"));  // returns while the other still fetches
  let_go.count_down();
  slow.join();
  EXPECT_EQ(fetches, 2);
}

}  // namespace cardea::key_source_test
