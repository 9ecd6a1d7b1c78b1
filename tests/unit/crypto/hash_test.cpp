// Digests, MACs and comparison against published values; HKDF is in tests/spec/rfc5869.
#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/base64url.h"

namespace cardea::hash_test {

TEST(Hash, GivesThePublishedDigests) {  // FIPS 180-4 examples
  EXPECT_EQ(hex_encode(crypto::sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_encode(crypto::sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_encode(crypto::sha384("abc")),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(hex_encode(crypto::sha512("abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, AReusedContextRemembersNothing) {
  const std::string first = crypto::sha256("one");
  (void)crypto::sha384("two");
  (void)crypto::sha256(std::string(1'000, 'x'));
  EXPECT_EQ(crypto::sha256("one"), first);
}

TEST(Hmac, GivesThePublishedCodes) {  // RFC 4231 4.2, 4.3, 4.7
  EXPECT_EQ(hex_encode(crypto::hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_encode(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      hex_encode(crypto::hmac_sha256(std::string(131, '\xaa'),
                                     "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, AnEmptyKeyIsNotTheKeyBefore) {
  const std::string empty = crypto::hmac_sha256("", "message");
  (void)crypto::hmac_sha256("another key", "message");
  EXPECT_EQ(crypto::hmac_sha256("", "message"), empty);
  (void)crypto::hmac_sha256("another key", "message");
  EXPECT_EQ(crypto::hmac_sha256(std::string_view(), "message"), empty);
  EXPECT_EQ(crypto::hmac_sha256(std::string(1, '\0'), "message"),
            empty);  // RFC 2104 2: zero padding
  EXPECT_EQ(crypto::hmac_sha256("k", std::string_view()), crypto::hmac_sha256("k", ""));
}

TEST(Hash, ThreadsDoNotDisturbEachOther) {
  const std::string expected = crypto::hmac_sha256("key", "message") + crypto::sha512("x");
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 500; ++k) {
        if (crypto::hmac_sha256("key", "message") + crypto::sha512("x") != expected) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
  EXPECT_TRUE(crypto::constant_time_equal("", ""));
  EXPECT_TRUE(crypto::constant_time_equal("secret", "secret"));
  EXPECT_FALSE(crypto::constant_time_equal("secret", "secreT"));
  EXPECT_FALSE(crypto::constant_time_equal("secret", "secret "));
  EXPECT_FALSE(crypto::constant_time_equal("secret", ""));
  EXPECT_FALSE(crypto::constant_time_equal(std::string("a\0b", 3), std::string("a\0c", 3)));
}

}  // namespace cardea::hash_test
