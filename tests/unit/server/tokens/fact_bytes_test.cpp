// The compact form of sealed facts: what is written is read, and nothing else is.
#include "server/tokens/fact_bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace cardea::fact_bytes_test {

std::string sample() {
  FactWriter writer;
  writer.number(300);
  writer.instant({1'800'000'000'123});
  writer.text("text");
  writer.identifier("AAAAAAAAAAAAAAAAAAAAAA");
  writer.identifier("user-alice");
  writer.identifier("");
  writer.words({"openid", "calendar.read", "pwd"});
  return writer.take();
}

TEST(FactBytes, WhatIsWrittenIsRead) {
  const auto bytes = sample();
  FactReader reader(bytes);
  EXPECT_EQ(reader.number(), 300U);
  EXPECT_EQ(reader.instant().unix_ms, 1'800'000'000'123);
  EXPECT_EQ(reader.text(), "text");
  EXPECT_EQ(reader.identifier(), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(reader.identifier(), "user-alice");
  EXPECT_EQ(reader.identifier(), "");
  EXPECT_EQ(reader.words(), (std::vector<std::string>{"openid", "calendar.read", "pwd"}));
  EXPECT_TRUE(reader.complete());
}

TEST(FactBytes, CutAndLengthenedBytesAreNotComplete) {
  const auto bytes = sample();
  for (std::size_t size = 0; size <= bytes.size() + 1; ++size) {
    if (size == bytes.size()) continue;
    const auto changed = (bytes + "x").substr(0, size);
    FactReader reader(changed);
    reader.number(), reader.instant(), reader.text();
    reader.identifier(), reader.identifier(), reader.identifier(), reader.words();
    EXPECT_FALSE(reader.complete()) << size;
  }
}

TEST(FactBytes, AbsurdNumbersAreRefused) {
  FactReader endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11));
  endless.number();
  EXPECT_FALSE(endless.complete());
  FactReader many(std::string_view("\xff\xff\xff\x7f", 4));
  EXPECT_TRUE(many.words().empty());
  EXPECT_FALSE(many.complete());
  FactReader unknown_word(std::string_view("\x01\x7f", 2));
  unknown_word.words();
  EXPECT_FALSE(unknown_word.complete());
}

}  // namespace cardea::fact_bytes_test
