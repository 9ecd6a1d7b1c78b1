// Responses are framed as RFC 9112 6 says, however their bytes are cut, and members are found in
// JSON as providers write it.
#include <gtest/gtest.h>

#include "app/bench/reply_reader.h"

namespace cardea::bench_reply_test {

using app::bench::find_text_member;
using app::bench::has_literal_member;
using app::bench::ReplyReader;
using Seen = ReplyReader::Seen;

// Feeds byte by byte, which is every way to cut at once.
Seen feed_slowly(ReplyReader& reader, std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const auto seen = reader.feed(bytes.substr(at, 1));
    if (seen != Seen::more || at + 1 == bytes.size()) return seen;
  }
  return Seen::more;
}

TEST(ReplyReaderTest, ABodyWithALength) {
  ReplyReader reader;
  ASSERT_EQ(feed_slowly(reader,
                        "HTTP/1.1 401 Unauthorized\r\ncontent-length:  5 \r\nX-A: 1\r\n"
                        "x-a: 2\r\n\r\nhello"),
            Seen::reply);
  EXPECT_EQ(reader.reply().status, 401);
  EXPECT_EQ(reader.reply().body, "hello");
  EXPECT_EQ(reader.reply().field("X-a"), "1");
  EXPECT_EQ(reader.reply().fields("x-A"), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(reader.reply().field("absent"), "");
  EXPECT_TRUE(reader.reply().keeps_alive);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.is_empty());
}

TEST(ReplyReaderTest, ABodyInChunks) {
  ReplyReader reader;
  ASSERT_EQ(feed_slowly(reader,
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5\r\nhello\r\nA;x=y\r\n, 0\r\n\r\nbye\r\n0\r\nTrailer: x\r\n\r\n"),
            Seen::reply);
  EXPECT_EQ(reader.reply().body, "hello, 0\r\n\r\nbye");
  EXPECT_FALSE(reader.next());
}

TEST(ReplyReaderTest, ABodyUpToTheEnd) {
  ReplyReader reader;
  EXPECT_EQ(feed_slowly(reader, "HTTP/1.0 200 OK\r\n\r\nhel"), Seen::more);
  EXPECT_EQ(reader.feed("lo"), Seen::more);
  ASSERT_EQ(reader.end(), Seen::reply);
  EXPECT_EQ(reader.reply().body, "hello");
  EXPECT_FALSE(reader.reply().keeps_alive);
}

TEST(ReplyReaderTest, NoBodyAndInterimResponses) {
  ReplyReader reader;
  ASSERT_EQ(feed_slowly(reader,
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n"
                        "Connection: Close\r\n\r\n"),
            Seen::reply);
  EXPECT_EQ(reader.reply().status, 204);
  EXPECT_EQ(reader.reply().body, "");
  EXPECT_FALSE(reader.reply().keeps_alive);
}

TEST(ReplyReaderTest, TwoRepliesInOnePiece) {
  const std::string one = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
  ReplyReader reader;
  ASSERT_EQ(reader.feed(one + "a" + one + "b"), Seen::reply);
  EXPECT_EQ(reader.reply().body, "a");
  EXPECT_TRUE(reader.next());  // the second came without a request
}

TEST(ReplyReaderTest, WhatIsNoResponse) {
  for (const auto* bytes :
       {"SSH-2.0-x\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n"}) {
    ReplyReader reader;
    EXPECT_EQ(reader.feed(bytes), Seen::malformed) << bytes;
  }
  ReplyReader cut;
  EXPECT_EQ(cut.feed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), Seen::more);
  EXPECT_EQ(cut.end(), Seen::malformed);
  ReplyReader endless;
  EXPECT_EQ(endless.feed(std::string(ReplyReader::bytes_max + 1, 'x')), Seen::malformed);
}

TEST(ReplyReaderTest, MembersOfAnswers) {
  EXPECT_EQ(find_text_member(R"({"access_token":"abc"})", "access_token"), "abc");
  EXPECT_EQ(find_text_member("{\n  \"access_token\" : \"abc\"\n}", "access_token"), "abc");
  EXPECT_EQ(find_text_member(R"({"a":"access_token","access_token":"x"})", "access_token"), "x");
  EXPECT_EQ(find_text_member(R"({"x_access_token":"no"})", "access_token"), "");
  EXPECT_EQ(find_text_member(R"({"error":7})", "error"), "");
  EXPECT_EQ(find_text_member(R"({"error":"a\"b"})", "error"), "");
  EXPECT_EQ(find_text_member(R"({"error":"cut)", "error"), "");
  EXPECT_TRUE(has_literal_member(R"({"active":true,"sub":"x"})", "active", "true"));
  EXPECT_TRUE(has_literal_member(R"({"active": true})", "active", "true"));
  EXPECT_FALSE(has_literal_member(R"({"active":false})", "active", "true"));
  EXPECT_FALSE(has_literal_member(R"({"active":"true"})", "active", "true"));
  EXPECT_FALSE(has_literal_member(R"({"active":trueish})", "active", "true"));
}

}  // namespace cardea::bench_reply_test
