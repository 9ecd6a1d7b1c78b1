// Character classes, lists and UTF-8.
#include "base/ascii.h"

#include <gtest/gtest.h>

namespace cardea::ascii_test {

TEST(Ascii, ClassesEndWhereTheGrammarSays) {
  EXPECT_TRUE(ascii::is_vschar(' ') && ascii::is_vschar('~'));
  EXPECT_FALSE(ascii::is_vschar('\x1f') || ascii::is_vschar('\x7f') || ascii::is_vschar('\x80'));
  EXPECT_TRUE(ascii::is_unreserved('~') && ascii::is_unreserved('-') && ascii::is_unreserved('9'));
  EXPECT_FALSE(ascii::is_unreserved('+') || ascii::is_unreserved('/') || ascii::is_unreserved('%'));
  EXPECT_FALSE(ascii::is_alpha('@') || ascii::is_alpha('[') || ascii::is_alpha('`'));
}

TEST(Ascii, CaseIsFoldedForAsciiOnly) {
  EXPECT_EQ(ascii::lower("AZ\xc3\x84"), "az\xc3\x84");
  EXPECT_TRUE(ascii::equal_ignoring_case("Bearer", "bEARER"));
  EXPECT_FALSE(ascii::equal_ignoring_case("Bearer", "Bearer "));
  EXPECT_FALSE(ascii::equal_ignoring_case("K", "\xe2\x84\xaa"));  // the Kelvin sign
}

TEST(Ascii, SplitKeepsEmptyPartsAndWordsDoNot) {
  EXPECT_EQ(ascii::split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(ascii::split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(ascii::words("  openid   profile "), (std::vector<std::string>{"openid", "profile"}));
  EXPECT_TRUE(ascii::words("").empty());
  EXPECT_EQ(ascii::words("a\tb"), (std::vector<std::string>{"a\tb"}));
  EXPECT_EQ(ascii::join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(ascii::trim(" \t a b\t "), "a b");
}

TEST(Ascii, Utf8IsWellFormedInTheSenseOfRfc3629) {
  for (const std::string_view good : {"", "plain", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                      "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(ascii::is_utf8(good)) << good;
  }
  for (const std::string_view bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xe2\x82", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xfe"}) {
    EXPECT_FALSE(ascii::is_utf8(bad)) << bad;
  }
}

}  // namespace cardea::ascii_test
