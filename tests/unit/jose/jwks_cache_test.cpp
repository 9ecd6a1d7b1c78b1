// When a remote key set is fetched: each arrow of the state machine, without network and without a
// clock.
#include "jose/jwks_cache.h"

#include <gtest/gtest.h>

namespace cardea::jwks_cache_test {

using crypto::PrivateKey;
using jose::FetchedJwks;
using jose::JwksCache;

constexpr Instant start = Instant::from_seconds(1'800'000'000);

std::string set_with(std::string_view kid) {
  const auto key = PrivateKey::generate(jose::SignatureAlgorithm::EdDSA);
  return json::write(json::Object{{"keys", json::Array{jose::write_jwk(key, kid)}}});
}

// A cache that has fetched a set with key "a" at `start`, good for five minutes.
std::unique_ptr<JwksCache> filled() {
  auto cache = std::make_unique<JwksCache>();
  EXPECT_TRUE(cache->should_fetch(start, "a"));
  EXPECT_TRUE(cache->fetched(start, {.body = set_with("a"), .etag = "\"1\""}).ok());
  return cache;
}

TEST(JwksCache, TheFirstCallerFetchesAndTheOthersWait) {
  JwksCache cache;
  EXPECT_EQ(cache.keys(), nullptr);
  EXPECT_TRUE(cache.should_fetch(start, "a"));
  EXPECT_FALSE(cache.should_fetch(start, "a"));
  EXPECT_FALSE(cache.should_fetch(start + Seconds{29}, "a"));
  EXPECT_TRUE(cache.fetched(start, {.body = set_with("a"), .etag = "\"1\""}).ok());
  EXPECT_TRUE(cache.keys()->contains_kid("a"));
  EXPECT_EQ(cache.etag(), "\"1\"");
  EXPECT_FALSE(cache.should_fetch(start + Seconds{299}, "a"));
}

TEST(JwksCache, AClaimWithoutAReportLapses) {
  JwksCache cache;
  EXPECT_TRUE(cache.should_fetch(start, "a"));
  EXPECT_TRUE(cache.should_fetch(start + Seconds{30}, "a"));
}

TEST(JwksCache, AnExpiredSetIsFetchedAgainAndServedMeanwhile) {
  const auto cache = filled();
  EXPECT_TRUE(cache->should_fetch(start + minutes(5), "a"));
  EXPECT_FALSE(cache->should_fetch(start + minutes(5), "a"));
  EXPECT_TRUE(cache->keys()->contains_kid("a"));
}

TEST(JwksCache, AnUnknownKidFetchesAtOnceButOncePerCooldown) {
  const auto cache = filled();
  const Instant later = start + Seconds{1};
  EXPECT_TRUE(cache->should_fetch(later, "b"));
  EXPECT_TRUE(cache->fetched(later, {.body = set_with("a")}).ok());
  EXPECT_FALSE(cache->should_fetch(later + Seconds{1}, "b"));
  EXPECT_FALSE(cache->should_fetch(later + Seconds{29}, "c"));
  EXPECT_FALSE(cache->should_fetch(later + Seconds{29}, ""));
  EXPECT_TRUE(cache->should_fetch(later + Seconds{30}, "c"));
}

TEST(JwksCache, AFailureIsNotRepeatedBeforeTheCooldownAndKeepsTheKeys) {
  const auto cache = filled();
  const Instant expired = start + minutes(5);
  EXPECT_TRUE(cache->should_fetch(expired, "a"));
  cache->fetch_failed(expired);
  EXPECT_TRUE(cache->keys()->contains_kid("a"));
  EXPECT_FALSE(cache->should_fetch(expired + Seconds{29}, "b"));
  EXPECT_TRUE(cache->should_fetch(expired + Seconds{30}, "a"));
}

TEST(JwksCache, ARefusedBodyKeepsTheKeysAndSaysWhy) {
  const auto cache = filled();
  const Instant expired = start + minutes(5);
  for (const auto* body : {"", "<html>", R"({"keys":[{"kty":"oct","k":"AAAA"}]})"}) {
    const auto status = cache->fetched(expired, {.body = body, .etag = "\"bad\""});
    ASSERT_FALSE(status);
    EXPECT_FALSE(status.error().empty());
  }
  EXPECT_TRUE(cache->keys()->contains_kid("a"));
  EXPECT_EQ(cache->etag(), "\"1\"");
  EXPECT_FALSE(cache->should_fetch(expired + Seconds{29}, "a"));
}

TEST(JwksCache, NotModifiedRenewsTheKeys) {
  const auto cache = filled();
  const Instant expired = start + minutes(5);
  EXPECT_TRUE(cache->should_fetch(expired, "a"));
  EXPECT_TRUE(cache->fetched(expired, {.not_modified = true, .max_age = Seconds{600}}).ok());
  EXPECT_EQ(cache->etag(), "\"1\"");
  EXPECT_FALSE(cache->should_fetch(expired + Seconds{599}, "a"));
  EXPECT_TRUE(cache->should_fetch(expired + Seconds{600}, "a"));
  EXPECT_FALSE(JwksCache().fetched(start, {.not_modified = true}).ok());
}

TEST(JwksCache, TheLifetimeStaysWithinItsBounds) {
  const auto expires_after = [](Seconds max_age) {
    JwksCache cache;
    EXPECT_TRUE(cache.fetched(start, {.body = set_with("a"), .max_age = max_age}).ok());
    for (const Seconds at : {Seconds{30}, Seconds{90}, hours(24)}) {
      if (cache.should_fetch(start + at, "a")) return at.count;
    }
    return std::int64_t{-1};
  };
  EXPECT_EQ(expires_after(Seconds{0}), 30);
  EXPECT_EQ(expires_after(Seconds{-5}), 30);
  EXPECT_EQ(expires_after(Seconds{90}), 90);
  EXPECT_EQ(expires_after(days(400)), hours(24).count);
}

TEST(JwksCache, AClockThatWasSetBackDoesNotSilenceIt) {
  const auto cache = filled();
  EXPECT_TRUE(cache->should_fetch(start - days(30), "a"));
}

}  // namespace cardea::jwks_cache_test
