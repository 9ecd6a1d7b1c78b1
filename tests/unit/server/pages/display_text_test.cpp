// Names of others made fit to be shown.
#include "server/pages/display_text.h"

#include <gtest/gtest.h>

namespace cardea::display_text_test {

TEST(DisplayText, OrdinaryTextStaysAsItIs) {
  for (const std::string text : {"", "Calendar", "تقويم العائلة", "日本語 😀", "a<b>&\"'"}) {
    EXPECT_EQ(inert(text), text);
  }
}

TEST(DisplayText, ControlCharactersBecomeSpaces) {
  EXPECT_EQ(inert(std::string("a\0b\tc\nd\x7f", 8)), "a b c d ");
  EXPECT_EQ(inert("a\xc2\x85z"), "a z");
}

TEST(DisplayText, MarksThatReorderTheirSurroundingsAreLeftOut) {
  EXPECT_EQ(inert("safe\xe2\x80\xaegnp.exe"), "safegnp.exe");              // U+202E
  EXPECT_EQ(inert("\xe2\x81\xa9out\xe2\x81\xa6"), "out");                  // U+2069, U+2066
  EXPECT_EQ(inert("one\xe2\x80\xa8two\xe2\x80\xa9three"), "onetwothree");  // U+2028, U+2029
  EXPECT_EQ(inert("a\xe2\x80\x8d"
                  "b"),
            "a\xe2\x80\x8d"
            "b");  // U+200D joins letters: it stays
}

TEST(DisplayText, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(inert("a\xff"
                  "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(inert("\xe2\x80"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(inert("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(inert("\xf0\x9f\x98"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(DisplayText, TheInitialIsTheFirstLetter) {
  EXPECT_EQ(initial_of("alice"), "A");
  EXPECT_EQ(initial_of("  bob"), "B");
  EXPECT_EQ(initial_of("ليلى"), "ل");
  EXPECT_EQ(initial_of(""), "");
  EXPECT_EQ(initial_of("\x01"), "");
}

}  // namespace cardea::display_text_test
