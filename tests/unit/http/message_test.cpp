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
