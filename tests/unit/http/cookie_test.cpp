// Cookie reading and writing.
#include "http/cookie.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace cardea::cookie_test {

std::optional<std::string> read(std::initializer_list<std::string> headers, std::string_view name) {
  http::Headers all;
  for (const auto& header : headers) all.add("Cookie", header);
  return http::cookie(all, name);
}

TEST(Cookie, ReadsOneOfSeveral) {
  EXPECT_EQ(read({"a=1; b=2;c=3"}, "a"), "1");
  EXPECT_EQ(read({"a=1; b=2;c=3"}, "b"), "2");
  EXPECT_EQ(read({"a=1; b=2;c=3"}, "c"), "3");
  EXPECT_EQ(read({"a=1", "b=2"}, "b"), "2");
  EXPECT_EQ(read({"a=x=y=="}, "a"), "x=y==");
  EXPECT_EQ(read({"a="}, "a"), "");
}

TEST(Cookie, IsAbsentWhenItIsNotThere) {
  EXPECT_EQ(read({}, "a"), std::nullopt);
  EXPECT_EQ(read({"", ";", ";;=", "a", "A=1", "aa=1", "b=a=1"}, "a"), std::nullopt);
  EXPECT_EQ(read({"$Version=1; __Host-b=1"}, "b"), std::nullopt);
}

// 7.6: a cookie that was sent twice is none: one of the two may be an attacker's.
TEST(Cookie, IsAbsentWhenItCameTwice) {
  EXPECT_EQ(read({"a=1; a=2"}, "a"), std::nullopt);
  EXPECT_EQ(read({"a=1; a=1"}, "a"), std::nullopt);
  EXPECT_EQ(read({"a=1", "b=1; a=2"}, "a"), std::nullopt);
  std::string many;
  for (int at = 0; at < 300; ++at) many += "c" + std::to_string(at) + "=1; ";
  EXPECT_EQ(read({many + "a=1"}, "a"), "1");
}

TEST(Cookie, IsWrittenForHttpOnlyAndTheWholeSite) {
  EXPECT_EQ(http::write_set_cookie({.name = "__Host-a", .value = "b"}),
            "__Host-a=b; Path=/; HttpOnly; Secure; SameSite=Lax");
  EXPECT_EQ(http::write_set_cookie({.name = "a",
                                    .value = "b",
                                    .secure = false,
                                    .same_site = http::SetCookie::SameSite::strict,
                                    .max_age = Seconds{60}}),
            "a=b; Path=/; HttpOnly; SameSite=Strict; Max-Age=60");
  EXPECT_EQ(http::write_set_cookie({.name = "__Host-a", .value = "b", .http_only = false}),
            "__Host-a=b; Path=/; Secure; SameSite=Lax");
  EXPECT_EQ(http::write_set_cookie({.name = "a",
                                    .value = "",
                                    .same_site = http::SetCookie::SameSite::none,
                                    .max_age = Seconds{0}}),
            "a=; Path=/; HttpOnly; Secure; SameSite=None; Max-Age=0");
}

}  // namespace cardea::cookie_test
