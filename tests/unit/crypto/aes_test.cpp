// AES-GCM and key wrap against published values, and what they refuse.
#include "crypto/aes.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/base64url.h"
#include "vectors/read_vectors.h"

namespace cardea::aes_test {

using crypto::AesKey;

std::string octets(const json::Object& vector, std::string_view name) {
  return base64url_decode(vectors::text(vector, name)).value();
}

TEST(AesGcm, GivesThePublishedValues) {
  for (const auto& vector : vectors::read("crypto/aes_gcm.json")) {
    const AesKey key(octets(vector, "key"));
    const auto iv = octets(vector, "iv");
    const auto associated = vectors::text(vector, "associated");
    const auto sealed = crypto::gcm_seal(key, {.iv = iv, .associated = associated},
                                         vectors::text(vector, "plaintext"));
    EXPECT_EQ(base64url_encode(sealed.ciphertext), vectors::text(vector, "ciphertext"));
    EXPECT_EQ(base64url_encode(sealed.tag), vectors::text(vector, "tag"));
    EXPECT_EQ(crypto::gcm_open(key, {.iv = iv, .associated = associated}, sealed),
              vectors::text(vector, "plaintext"));
  }
}

TEST(AesGcm, AChangeOfOneBitOpensNothing) {
  const AesKey key(std::string(32, 'k'));
  const std::string iv(12, 'i');
  const auto sealed = crypto::gcm_seal(key, {.iv = iv, .associated = "a"}, "plaintext");
  ASSERT_TRUE(crypto::gcm_open(key, {.iv = iv, .associated = "a"}, sealed));
  EXPECT_FALSE(crypto::gcm_open(key, {.iv = iv, .associated = "b"}, sealed));
  EXPECT_FALSE(crypto::gcm_open(key, {.iv = std::string(12, 'j'), .associated = "a"}, sealed));
  EXPECT_FALSE(
      crypto::gcm_open(AesKey(std::string(32, 'l')), {.iv = iv, .associated = "a"}, sealed));
  auto changed = sealed;
  changed.ciphertext[0] ^= 1;
  EXPECT_FALSE(crypto::gcm_open(key, {.iv = iv, .associated = "a"}, changed));
  changed = sealed;
  changed.tag[15] ^= 1;
  EXPECT_FALSE(crypto::gcm_open(key, {.iv = iv, .associated = "a"}, changed));
  // An operation that failed leaves nothing behind for the next.
  EXPECT_EQ(crypto::gcm_open(key, {.iv = iv, .associated = "a"}, sealed), "plaintext");
}

TEST(AesGcm, EmptyContentHasATag) {
  for (const std::size_t size : {16U, 32U}) {
    const AesKey key(std::string(size, 'k'));
    const std::string iv(12, 'i');
    const auto sealed = crypto::gcm_seal(key, {.iv = iv, .associated = ""}, "");
    EXPECT_EQ(sealed.ciphertext, "");
    EXPECT_EQ(crypto::gcm_open(key, {.iv = iv, .associated = ""}, sealed), "");
    EXPECT_FALSE(crypto::gcm_open(key, {.iv = iv, .associated = ""}, {"", std::string(16, '\0')}));
  }
}

TEST(AesWrap, GivesThePublishedValue) {  // RFC 3394 4.6
  const AesKey wrapping(
      hex_decode("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").value());
  const AesKey content(
      hex_decode("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f").value());
  const auto wrapped = crypto::aes_wrap(wrapping, content);
  EXPECT_EQ(hex_encode(wrapped),
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
  const auto unwrapped = crypto::aes_unwrap(wrapping, wrapped);
  ASSERT_TRUE(unwrapped);
  EXPECT_EQ(unwrapped->reveal(), content.reveal());
}

TEST(AesWrap, RefusesWhatItDidNotWrap) {
  const AesKey wrapping(std::string(32, 'w'));
  const auto wrapped = crypto::aes_wrap(wrapping, AesKey(std::string(16, 'c')));
  ASSERT_EQ(wrapped.size(), 24U);
  EXPECT_TRUE(crypto::aes_unwrap(wrapping, wrapped));
  EXPECT_FALSE(crypto::aes_unwrap(AesKey(std::string(32, 'x')), wrapped));
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    auto changed = wrapped;
    changed[i] ^= 1;
    EXPECT_FALSE(crypto::aes_unwrap(wrapping, changed)) << i;
  }
  for (const std::size_t size : {0U, 7U, 8U, 16U, 23U, 25U, 32U, 48U}) {
    EXPECT_FALSE(crypto::aes_unwrap(wrapping, std::string(size, 'c'))) << size;
  }
}

TEST(AesGcm, ThreadsDoNotShareAContext) {
  std::vector<std::thread> threads;
  for (char name : {'a', 'b', 'c', 'd'}) {
    threads.emplace_back([name] {
      const AesKey key(std::string(32, name));
      for (int i = 0; i < 200; ++i) {
        const std::string iv = std::string(8, name) + std::string(4, static_cast<char>(i));
        const auto sealed = crypto::gcm_seal(key, {.iv = iv, .associated = "a"}, "text");
        EXPECT_EQ(crypto::gcm_open(key, {.iv = iv, .associated = "a"}, sealed), "text");
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace cardea::aes_test
