// Character classes, lists and UTF-8.
#include "base/ascii.h"

#include <gtest/gtest.h>

#include <algorithm>

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

TEST(Ascii, PartsAreWhatLiesBetweenTheSeparators) {
  for (const std::string_view text : {"a,,b", "", ",", "a", ",a", "a,", ",,", "abc,def"}) {
    std::vector<std::string_view> seen;
    for (const auto part : ascii::Parts(text, ',')) {
      EXPECT_GE(part.data(), text.data());  // a view into the text, also where it is empty
      EXPECT_LE(part.data() + part.size(), text.data() + text.size());
      seen.push_back(part);
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(std::ranges::count(text, ',')) + 1) << text;
    std::string joined;
    for (const auto part : seen) joined.append(part).append(",");
    EXPECT_EQ(joined, std::string(text) + ",");
  }
  const ascii::Parts parts("a,b", ',');
  EXPECT_EQ(std::ranges::distance(parts.begin(), parts.end()), 2);
  EXPECT_EQ(std::ranges::distance(parts.begin(), parts.end()), 2);  // it may be gone through again
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

// Every byte at every place of texts that fill no, one or two strides, and the same before it.
TEST(Ascii, PrefixesEndBeforeTheFirstByteOfTheirKind) {
  const auto is_control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
  for (std::size_t size = 0; size < 20; ++size) {
    const std::string plain = std::string("az~ !#[]^@+1_-./0:;<").substr(0, size);
    for (int value = 0; value < 256; ++value) {
      const auto byte = static_cast<unsigned char>(value);
      for (std::size_t at = 0; at < size; ++at) {
        std::string text = plain;
        text[at] = static_cast<char>(byte);
        const auto expect = [&](bool ends) { return ends ? at : size; };
        EXPECT_EQ(ascii::ascii_prefix(text), expect(byte >= 0x80)) << value << " at " << at;
        EXPECT_EQ(ascii::uncontrolled_prefix(text), expect(is_control(byte))) << value;
        EXPECT_EQ(ascii::unescaped_prefix(text),
                  expect(is_control(byte) || byte == '"' || byte == '\\'))
            << value;
        if (at > 0) {  // what stands behind the first of its kind changes nothing
          text[at - 1] = '\x7f';
          EXPECT_EQ(ascii::uncontrolled_prefix(text), at - 1);
        }
      }
    }
    EXPECT_EQ(ascii::unescaped_prefix(plain), size);
  }
}

TEST(Ascii, Utf8IsCountedInCharacters) {
  EXPECT_EQ(ascii::utf8_length(""), 0U);
  EXPECT_EQ(ascii::utf8_length("Zo\u00eb \u6f22"), 5U);
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
