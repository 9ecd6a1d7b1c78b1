// Sealing: a published vector, round trips, and refusal of every change.
#include "crypto/aead.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "base/result.h"
#include "crypto/random.h"

namespace cardea::aead_test {

// Gives the bytes it was made with, once.
class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::byte> out) override {
    ensure(out.size() == bytes_.size());
    std::copy(bytes_.begin(), bytes_.end(), reinterpret_cast<char*>(out.data()));
  }

 private:
  std::string bytes_;
};

crypto::AeadKey key_of(std::string_view hex) {
  return crypto::AeadKey(hex_decode(hex).value());
}

constexpr std::string_view key_hex =
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";

TEST(Aead, GivesThePublishedCiphertext) {  // draft-irtf-cfrg-xchacha A.3.1
  const std::string nonce = hex_decode("404142434445464748494a4b4c4d4e4f5051525354555657").value();
  ScriptedRandom random(nonce);
  const std::string sealed = crypto::seal(
      key_of(key_hex), hex_decode("50515253c0c1c2c3c4c5c6c7").value(),
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
      "future, sunscreen would be it.",
      random);
  EXPECT_EQ(sealed.substr(0, 24), nonce);
  EXPECT_EQ(hex_encode(sealed.substr(24)),
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
            "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
            "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
            "21f9664c97637da9768812f615c68b13b52e"
            "c0875924c1c7987947deafd8780acf49");
}

TEST(Aead, OpensWhatItSealed) {
  crypto::SystemRandom random;
  const auto key = key_of(key_hex);
  for (const std::string_view plaintext : {"", "x", "a longer text with some content"}) {
    const std::string sealed = crypto::seal(key, "purpose", plaintext, random);
    EXPECT_EQ(sealed.size(), plaintext.size() + crypto::aead_overhead_bytes);
    EXPECT_EQ(crypto::open(key, "purpose", sealed), plaintext);
  }
}

TEST(Aead, EveryChangedBitAndEveryCutIsRefused) {
  crypto::SystemRandom random;
  const auto key = key_of(key_hex);
  const std::string sealed = crypto::seal(key, "purpose", "hello", random);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(crypto::open(key, "purpose", changed)) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(crypto::open(key, "purpose", sealed.substr(0, size))) << size;
  }
  EXPECT_FALSE(crypto::open(key, "purpose", sealed + "x"));
}

TEST(Aead, AnotherKeyOrPurposeIsRefused) {
  crypto::SystemRandom random;
  const auto key = key_of(key_hex);
  const std::string sealed = crypto::seal(key, "purpose", "hello", random);
  EXPECT_FALSE(crypto::open(key, "purposes", sealed));
  EXPECT_FALSE(crypto::open(key, "", sealed));
  EXPECT_FALSE(crypto::open(crypto::AeadKey(std::string(32, 'k')), "purpose", sealed));
}

TEST(Random, TwoSealsOfOneTextDiffer) {
  crypto::SystemRandom random;
  const auto key = key_of(key_hex);
  EXPECT_NE(crypto::seal(key, "", "hello", random), crypto::seal(key, "", "hello", random));
  EXPECT_EQ(random.bytes(0), "");
  EXPECT_NE(random.bytes(32), random.bytes(32));
}

}  // namespace cardea::aead_test
