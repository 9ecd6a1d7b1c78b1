// RFC 4648 6: base32 without padding, one spelling per value.
#include "base/base32.h"

#include <gtest/gtest.h>

#include <array>

namespace cardea::base32_test {

// RFC4648-10-base32: the published vectors hold in both directions, their padding aside.
TEST(Rfc4648, S10_TheVectorsOfBase32Hold) {
  constexpr std::array<std::array<std::string_view, 2>, 7> rows{{{"", ""},
                                                                 {"f", "MY"},
                                                                 {"fo", "MZXQ"},
                                                                 {"foo", "MZXW6"},
                                                                 {"foob", "MZXW6YQ"},
                                                                 {"fooba", "MZXW6YTB"},
                                                                 {"foobar", "MZXW6YTBOI"}}};
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(base32_encode(bytes), text);
    EXPECT_EQ(base32_decode(text), bytes);
  }
}

// RFC4648-3.5: other lengths, alphabets and spellings are no values
TEST(Rfc4648, S3_5_OtherSpellingsOfBase32AreRefused) {
  for (const std::string_view bad : {"M", "MZX", "MZXW6Y", "my", "MY======", "M Y", "MZ", "MZXR",
                                     "M1", "M8", "MZXW6YTBO", "MZ\n"}) {
    EXPECT_FALSE(base32_decode(bad)) << bad;
  }
}

}  // namespace cardea::base32_test
