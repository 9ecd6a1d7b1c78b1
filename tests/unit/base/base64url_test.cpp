// Binary as text: the two base64 alphabets and hex. The strictness rules are in tests/spec/rfc4648.
#include "base/base64url.h"

#include <gtest/gtest.h>

namespace cardea::base64url_test {

TEST(Base64url, EveryLengthAndByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes) << i;
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes) << i;
    EXPECT_EQ(hex_decode(hex_encode(bytes)), bytes) << i;
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Base64url, UsesItsOwnAlphabet) {
  EXPECT_EQ(base64url_encode("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(base64_encode("\xfb\xff\xfe"), "+//+");
}

TEST(Hex, RefusesOddLengthsAndForeignCharacters) {
  EXPECT_EQ(hex_decode("0aFF"), std::string("\x0a\xff"));
  for (const std::string_view bad : {"0", "0g", "0x", " 00", "0 "}) {
    EXPECT_FALSE(hex_decode(bad)) << bad;
  }
}

}  // namespace cardea::base64url_test
