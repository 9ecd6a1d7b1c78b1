// argon2id: hashes that others made, hashes of our own, and the strings that are refused.
#include "crypto/password_hash.h"

#include <gtest/gtest.h>

#include <array>

#include "vectors/read_vectors.h"

namespace cardea::password_hash_test {

// The least that the algorithm allows, so that tests are quick.
constexpr crypto::PasswordCost cheap{.memory_kib = 8, .passes = 1};

TEST(PasswordHash, VerifiesWhatAnIndependentImplementationMade) {
  int verified = 0;
  for (const auto& vector : vectors::read("crypto/argon2id.json")) {
    const std::string phc = vectors::text(vector, "phc");
    const std::string password = vectors::text(vector, "password");
    const bool one_lane = phc.find(",p=1$") != std::string::npos;
    EXPECT_EQ(crypto::verify_password(phc, password), one_lane) << phc;
    EXPECT_EQ(crypto::is_password_hash(phc), one_lane) << phc;
    EXPECT_FALSE(crypto::verify_password(phc, password + "x")) << phc;
    verified += one_lane ? 1 : 0;
  }
  EXPECT_EQ(verified, 3);
}

TEST(PasswordHash, TheDefaultCostIsWrittenIntoTheString) {
  const std::string phc = crypto::hash_password("pw", {});
  EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << phc;
  EXPECT_TRUE(crypto::verify_password(phc, "pw"));
  EXPECT_FALSE(crypto::verify_password(phc, "pW"));
  EXPECT_FALSE(crypto::needs_rehash(phc, {}));
}

TEST(PasswordHash, EveryHashHasItsOwnSalt) {
  EXPECT_NE(crypto::hash_password("pw", cheap), crypto::hash_password("pw", cheap));
}

TEST(PasswordHash, AllBytesCount) {
  const std::string phc = crypto::hash_password(std::string("a\0b", 3), cheap);
  EXPECT_TRUE(crypto::verify_password(phc, std::string("a\0b", 3)));
  EXPECT_FALSE(crypto::verify_password(phc, std::string("a\0c", 3)));
  EXPECT_FALSE(crypto::verify_password(phc, "a"));
  const std::string long_phc = crypto::hash_password(std::string(1024, 'x'), cheap);
  EXPECT_FALSE(crypto::verify_password(long_phc, std::string(1023, 'x')));
}

TEST(PasswordHash, AnotherCostAsksForANewHash) {
  const std::string phc = crypto::hash_password("pw", cheap);
  EXPECT_FALSE(crypto::needs_rehash(phc, cheap));
  EXPECT_TRUE(crypto::needs_rehash(phc, {.memory_kib = 16, .passes = 1}));
  EXPECT_TRUE(crypto::needs_rehash(phc, {.memory_kib = 8, .passes = 2}));
  EXPECT_TRUE(crypto::needs_rehash("", cheap));
}

TEST(PasswordHash, StringsOfAnotherFormAreRefused) {
  const std::string salt = "AAECAwQFBgcICQoLDA0ODw";
  const std::string tail = "$" + salt + "$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU";
  const std::array<std::string, 22> bad = {
      "",
      "pw",
      "$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuabcdefghijklm",
      "$argon2i$v=19$m=19456,t=2,p=1" + tail,
      "$argon2d$v=19$m=19456,t=2,p=1" + tail,
      "$argon2id$v=16$m=19456,t=2,p=1" + tail,
      "$argon2id$m=19456,t=2,p=1" + tail,
      "$argon2id$v=19$m=19456,t=2,p=2" + tail,
      "$argon2id$v=19$m=19456,t=2,p=01" + tail,
      "$argon2id$v=19$t=2,m=19456,p=1" + tail,
      "$argon2id$v=19$m=19456,t=2,p=1,x=1" + tail,
      "$argon2id$v=19$m=0,t=2,p=1" + tail,
      "$argon2id$v=19$m=019456,t=2,p=1" + tail,
      "$argon2id$v=19$m=-19456,t=2,p=1" + tail,
      "$argon2id$v=19$m=19456,t=0,p=1" + tail,
      "$argon2id$v=19$m=4294967295,t=2,p=1" + tail,            // four TiB
      "$argon2id$v=19$m=18446744073709571072,t=2,p=1" + tail,  // wraps round to 19456
      "$argon2id$v=19$m=19456,t=1000000,p=1" + tail,
      "$argon2id$v=19$m=19456,t=2,p=1" + tail + "=",
      "$argon2id$v=19$m=19456,t=2,p=1" + tail + "$",
      "x$argon2id$v=19$m=19456,t=2,p=1" + tail,
      "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$AAAA",
  };
  EXPECT_TRUE(crypto::is_password_hash("$argon2id$v=19$m=19456,t=2,p=1" + tail));
  for (const auto& text : bad) {
    EXPECT_FALSE(crypto::is_password_hash(text)) << text;
    EXPECT_FALSE(crypto::verify_password(text, "pw")) << text;
  }
}

}  // namespace cardea::password_hash_test
