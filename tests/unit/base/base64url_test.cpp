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

TEST(Base64url, IsReadIntoBytesOfItsSizeAlone) {
  const std::string bytes("\x00\xff binary \xfe", 11);
  const std::string text = base64url_encode(bytes);
  std::string behind = "x.";
  append_base64url(behind, bytes);
  EXPECT_EQ(behind, "x." + text);
  for (std::size_t size = 0; size < 20; ++size) {
    std::string out(size, '?');
    const bool fits = size == bytes.size();
    EXPECT_EQ(base64url_decode_to(out, text), fits) << size;
    if (fits) {
      EXPECT_EQ(out, bytes);
    }
  }
  std::string out(bytes.size(), '?');
  EXPECT_FALSE(base64url_decode_to(out, text.substr(1)));
  for (const char foreign : {'=', '+', '/', ' ', '\n'}) {
    EXPECT_FALSE(base64url_decode_to(out, text.substr(0, text.size() - 1) + foreign)) << foreign;
  }
  // RFC 4648 3.5: two bytes leave two bits over, which are zero.
  std::string two(2, '?');
  EXPECT_TRUE(base64url_decode_to(two, "AAA"));
  EXPECT_FALSE(base64url_decode_to(two, "AAB"));
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
