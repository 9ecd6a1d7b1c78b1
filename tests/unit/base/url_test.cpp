// Percent-encoding and the strict look at URLs.
#include "base/url.h"

#include <gtest/gtest.h>

#include <array>

namespace cardea::url_test {

TEST(UrlEncoding, WritesAndReadsPercentEscapes) {
  EXPECT_EQ(url::encode("a b&c=\xc3\xa4~"), "a%20b%26c%3D%C3%A4~");
  EXPECT_EQ(url::form_encode("a b+c"), "a+b%2Bc");
  EXPECT_EQ(url::decode("a+b%2f"), "a+b/");
  EXPECT_EQ(url::form_decode("a+b%2B"), "a b+");
  EXPECT_EQ(url::form_decode("%00"), std::string(1, '\0'));
}

TEST(UrlEncoding, RefusesMalformedEscapes) {
  for (const std::string_view bad : {"%", "%4", "a%", "%zz", "%4g", "%%41"}) {
    EXPECT_FALSE(url::decode(bad)) << bad;
    EXPECT_FALSE(url::form_decode(bad)) << bad;
  }
}

TEST(Url, TakesThePartsApart) {
  const auto parts = url::parse("HTTPS://Example.COM:8443/a/b?x=1&y=2#frag");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->scheme, "https");
  EXPECT_EQ(parts->host, "example.com");
  EXPECT_EQ(parts->port, 8443);
  EXPECT_EQ(parts->path, "/a/b");
  EXPECT_EQ(parts->query, "x=1&y=2");
  EXPECT_EQ(parts->fragment, "frag");
  EXPECT_EQ(parts->origin(), "https://example.com:8443");
}

TEST(Url, TellsAbsentFromEmpty) {
  const auto bare = url::parse("https://a");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->path, "");
  EXPECT_FALSE(bare->port || bare->query || bare->fragment);
  EXPECT_EQ(bare->effective_port(), 443);
  const auto marked = url::parse("http://a/?#");
  ASSERT_TRUE(marked);
  EXPECT_EQ(marked->query, "");
  EXPECT_EQ(marked->fragment, "");
  EXPECT_EQ(marked->effective_port(), 80);
}

TEST(Url, LeavesTheDefaultPortOutOfTheOrigin) {
  EXPECT_EQ(url::parse("https://a:443/")->origin(), "https://a");
  EXPECT_EQ(url::parse("http://a:443/")->origin(), "http://a:443");
  EXPECT_EQ(url::parse("https://[::1]:9443")->origin(), "https://[::1]:9443");
}

TEST(Url, RefusesWhatBrowsersAndServersReadDifferently) {
  constexpr std::array<std::string_view, 35> bad = {
      "",
      "https:/a",
      "//a",
      "a",
      "ftp://a",
      "javascript:alert(1)",
      "https://",
      "https:///path",
      "https://user@a",
      "https://user:pw@a",
      "https://a:0",
      "https://a:",
      "https://a:65536",
      "https://a:080",
      "https://a:8a",
      "https://a\\b",
      "https://a b",
      "https://a/\t",
      "https://a/\n",
      "https://\xc3\xa4",
      "https://a/%zz",
      "https://[::1",
      "https://[]",
      "https://a%2eb",
      // Found by fuzzing against curl: no IPv6 address, and other spellings of 127.0.0.1.
      "https://[::::]",
      "https://[1.2.3.4]",
      "https://[::1%25lo]",
      "https://127.1",
      "https://2130706433",
      "https://0x7f000001",
      "https://0x",
      "https://0177.0.0.1",
      "https://127.0.0.1.",
      "https://127.0.0.256",
      "https://a.1",
  };
  for (const std::string_view text : bad) EXPECT_FALSE(url::parse(text)) << text;
}

TEST(Url, KnowsLoopbackHosts) {
  for (const std::string_view host :
       {"localhost", "app.localhost", "localhost.", "app.localhost.", "127.0.0.1", "127.255.0.3",
        "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"}) {
    EXPECT_TRUE(url::is_loopback_host(host)) << host;
  }
  for (const std::string_view host :
       {"localhost.example", "127.0.0.1.example", "127.1", "128.0.0.1", "127.0.0.0001", "127.a.b.c",
        "notlocalhost", "[::2]", "[::ffff:128.0.0.1]", "127.0.0.256", "[127.0.0.1]", "0.0.0.0",
        ""}) {
    EXPECT_FALSE(url::is_loopback_host(host)) << host;
  }
}

}  // namespace cardea::url_test
