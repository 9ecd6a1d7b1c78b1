// RFC 4648: one spelling per value.
#include <gtest/gtest.h>

#include <array>

#include "base/base64url.h"

namespace cardea::rfc4648_test {

struct Row {
  std::string_view bytes;
  std::string_view padded;
};
constexpr std::array<Row, 7> rows = {{{"", ""},
                                      {"f", "Zg=="},
                                      {"fo", "Zm8="},
                                      {"foo", "Zm9v"},
                                      {"foob", "Zm9vYg=="},
                                      {"fooba", "Zm9vYmE="},
                                      {"foobar", "Zm9vYmFy"}}};

// RFC4648-10: the published vectors hold in both directions.
TEST(Rfc4648, S10_TheVectorsHold) {
  for (const auto& [bytes, padded] : rows) {
    EXPECT_EQ(base64_encode(bytes), padded);
    EXPECT_EQ(base64_decode(padded), bytes);
    const std::string_view bare = padded.substr(0, padded.find('='));
    EXPECT_EQ(base64url_encode(bytes), bare);
    EXPECT_EQ(base64url_decode(bare), bytes);
  }
}

// RFC4648-3.2; 8725-15: base64 needs its padding, base64url (RFC 7515 2) has none.
TEST(Rfc4648, S3_2_PaddingIsThereExactlyWhereItBelongs) {
  for (const std::string_view bad :
       {"Zg", "Zg=", "Zg===", "Zm9v=", "Zm9v====", "=", "====", "Zg==Zg=="}) {
    EXPECT_FALSE(base64_decode(bad)) << bad;
  }
  for (const std::string_view bad : {"Zg==", "Zg=", "Zm8=", "="}) {
    EXPECT_FALSE(base64url_decode(bad)) << bad;
  }
}

// RFC4648-3.3; 8725-15: characters outside the alphabet are refused, not skipped.
TEST(Rfc4648, S3_3_ForeignCharactersAreRefused) {
  for (const std::string_view bad :
       {"Zm9v\n", " Zm9v", "Zm\r\n9v", "Zm 9", "Zm9+", "Zm9/", "Zm9.", "Zm9\xc3"}) {
    EXPECT_FALSE(base64url_decode(bad)) << bad;
  }
  EXPECT_FALSE(base64url_decode(std::string("Zm9\0", 4)));
  for (const std::string_view bad : {"Zm9-", "Zm9_", "Zm9v\n\n\n\n", "Z m9", "Zg=\n"}) {
    EXPECT_FALSE(base64_decode(bad)) << bad;
  }
}

// RFC4648-3.5; 8725-15: bits after the last byte are zero, so that no value has a second spelling.
TEST(Rfc4648, S3_5_TrailingBitsAreZero) {
  for (const std::string_view bad : {"Zh", "Zv", "Zm9", "Zm_"}) {
    EXPECT_FALSE(base64url_decode(bad)) << bad;
  }
  EXPECT_FALSE(base64_decode("Zh=="));
  EXPECT_FALSE(base64_decode("Zm9="));
}

// RFC4648-5: no text has a length of one more than a multiple of four.
TEST(Rfc4648, S5_ALoneCharacterIsRefused) {
  for (const std::string_view bad : {"A", "Zm9vA"}) EXPECT_FALSE(base64url_decode(bad)) << bad;
}

}  // namespace cardea::rfc4648_test
