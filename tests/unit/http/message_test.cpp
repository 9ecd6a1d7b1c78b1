// Header lookup and request targets.
#include "http/message.h"

#include <gtest/gtest.h>

namespace cardea::message_test {

TEST(Headers, AreFoundWithoutCase) {
  const http::Headers headers{{"Content-Type", "a"}, {"X-Twice", "b"}, {"x-twice", "c"}};
  EXPECT_EQ(headers.single("content-TYPE"), "a");
  EXPECT_EQ(headers.first("X-TWICE"), "b");
  EXPECT_EQ(headers.all("x-Twice"), (std::vector<std::string_view>{"b", "c"}));
  EXPECT_TRUE(headers.contains("x-twice"));
}

// A field that decides something is read through single(): twice is as good as never.
TEST(Headers, AFieldThatCameTwiceHasNoSingleValue) {
  const http::Headers headers{{"Authorization", "a"}, {"authorization", "a"}};
  EXPECT_EQ(headers.single("authorization"), std::nullopt);
  EXPECT_EQ(headers.single("absent"), std::nullopt);
  EXPECT_EQ(headers.first("absent"), "");
  EXPECT_FALSE(headers.contains("absent"));
}

TEST(Headers, SetReplacesAllOfThatName) {
  http::Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  headers.set("a", "4");
  EXPECT_EQ(headers.all("A"), (std::vector<std::string_view>{"4"}));
  EXPECT_EQ(headers.fields().size(), 2u);
}

const http::SharedFields& shared() {
  static const http::SharedFields fields{{"Cache-Control", "no-store"}, {"X-Shared", "s"}};
  return fields;
}

TEST(Headers, SharedFieldsAreFieldsLikeTheirOwn) {
  http::Headers headers(shared());
  headers.add("X-Own", "o");
  EXPECT_EQ(headers.first("cache-control"), "no-store");
  EXPECT_EQ(headers.single("x-shared"), "s");
  EXPECT_TRUE(headers.contains("X-OWN"));
  headers.add("X-Shared", "t");
  EXPECT_EQ(headers.all("X-Shared"), (std::vector<std::string_view>{"s", "t"}));
  EXPECT_EQ(headers.single("X-Shared"), std::nullopt);
  EXPECT_EQ(headers.fields().size(), 4u);
  EXPECT_EQ(shared().text(), "Cache-Control: no-store\r\nX-Shared: s\r\n");
}

// Only for this response: the constant stays as it is.
TEST(Headers, ASharedFieldCanBeSet) {
  http::Headers headers(shared());
  headers.set("CACHE-CONTROL", "public");
  EXPECT_EQ(headers.all("Cache-Control"), (std::vector<std::string_view>{"public"}));
  EXPECT_EQ(headers.first("X-Shared"), "s");
  EXPECT_EQ(headers.fields().size(), 2u);
  EXPECT_EQ(http::Headers(shared()).first("Cache-Control"), "no-store");
}

TEST(Headers, WhatIsAddedMayBeAViewIntoThem) {
  http::Headers headers{{"A", std::string(40, 'a')}, {"B", std::string(40, 'b')}};
  for (int i = 0; i < 20; ++i) headers.add("C", headers.first("A"));
  EXPECT_EQ(headers.all("C"), std::vector<std::string_view>(20, std::string(40, 'a')));
  headers.set("A", headers.first("B"));
  EXPECT_EQ(headers.single("A"), std::string(40, 'b'));
  headers.remove(headers.fields().back().name);
  EXPECT_FALSE(headers.contains("A"));
}

TEST(Headers, TheOwnFieldsAreOneText) {
  http::Headers headers(shared());
  headers.add("X-Own", "o");
  headers.add("X-Empty", "");
  EXPECT_EQ(headers.own_text(), "X-Own: o\r\nX-Empty: \r\n");
  ASSERT_EQ(headers.own_count(), 2u);
  EXPECT_EQ(headers.own_field(1), (http::FieldView{"X-Empty", ""}));
}

// RFC 9110 5.1 and 5.5 (security corpus I06).
TEST(Headers, NamesAreTokensAndValuesHoldNoControlCharacters) {
  EXPECT_TRUE(http::is_field_name("X-Request_Id!"));
  for (const auto name : {"", "a b", "a:", "\xc3\xa4", "a\r\n"}) {
    EXPECT_FALSE(http::is_field_name(name)) << name;
  }
  EXPECT_TRUE(http::is_field_value("a\tb \xc3\xa4"));
  for (const auto value : {"a\rb", "a\nb", "\x7f", "\x01"})
    EXPECT_FALSE(http::is_field_value(value));
  EXPECT_FALSE(http::is_field_value(std::string_view("\0", 1)));
}

TEST(Request, SplitsItsTargetAtTheFirstQuestionMark) {
  http::Request request;
  request.target = "/a/b?c=d?e";
  EXPECT_EQ(request.path(), "/a/b");
  EXPECT_EQ(request.query(), "c=d?e");
  request.target = "/a?";
  EXPECT_EQ(request.path(), "/a");
  EXPECT_EQ(request.query(), "");
  request.target = "/a";
  EXPECT_EQ(request.query(), std::nullopt);
}

}  // namespace cardea::message_test
