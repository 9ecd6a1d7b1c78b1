// The reader by itself: every case, cut in every way, gives the same requests and the same refusal.
#include "http/listener/request_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/ascii.h"
#include "malformed_requests.h"

namespace cardea::http_socket_test::request_reader_test {

// What a stream means: its requests and how it ends, as text.
class Outcome {
 public:
  void feed(std::string_view bytes) {
    while (!bytes.empty() && reader_.state() != http::RequestReader::State::refused) {
      bytes.remove_prefix(reader_.feed(bytes));
      if (reader_.state() == http::RequestReader::State::complete) describe(reader_.take());
    }
  }
  std::string text() const {
    std::string all = text_;
    switch (reader_.state()) {
      case http::RequestReader::State::refused:
        return all + std::to_string(reader_.refusal().status) + " " +
               std::string(reader_.refusal().reason);
      case http::RequestReader::State::empty:
        return all + "end";
      default:
        return all + "unfinished";
    }
  }

 private:
  void describe(const http::RequestHead& head) {
    text_ += head.request.method + " " + head.request.target;
    for (const auto& [name, value] : head.request.headers.fields())
      text_.append(" ").append(name).append("=").append(value);
    text_ += " [" + head.request.body + "]";
    text_ += head.persistence == http::RequestHead::Persistence::close ? " close\n" : "\n";
  }

  http::RequestReader reader_;
  std::string text_;
};

std::string whole(const std::string& bytes) {
  Outcome outcome;
  outcome.feed(bytes);
  return outcome.text();
}

// The cases, alone and as the second of two pipelined requests.
std::vector<std::string> streams() {
  std::vector<std::string> all;
  for (const auto& one : raw_cases()) {
    all.push_back(one.bytes);
    all.push_back(post("Content-Length: 5\r\n", "01234") + one.bytes);
    all.push_back(post("Transfer-Encoding: chunked\r\n", "5;x\r\n01234\r\n0\r\n\r\n") + one.bytes +
                  one.bytes);
  }
  return all;
}

// 7.5; asvs-4.2.1: the meaning of a stream does not depend on how it was cut.
TEST(RequestReader, GivesTheSameForAnySplit) {
  std::mt19937 chance(20260731);
  for (const auto& bytes : streams()) {
    const auto expected = whole(bytes);
    Outcome bytewise;
    for (const char byte : bytes) bytewise.feed({&byte, 1});
    ASSERT_EQ(bytewise.text(), expected) << bytes.substr(0, 200);
    for (int round = 0; round < 20; ++round) {
      Outcome pieces;
      std::string_view rest = bytes;
      while (!rest.empty()) {
        const auto size = std::min<std::size_t>(rest.size(), 1 + chance() % (round < 10 ? 7 : 400));
        pieces.feed(rest.substr(0, size));
        rest.remove_prefix(size);
      }
      ASSERT_EQ(pieces.text(), expected) << bytes.substr(0, 200);
    }
  }
}

// 7.5: bytes that differ in one place end in a request, a refusal or a wait, never in anything
// else.
TEST(RequestReader, SurvivesMutatedRequests) {
  std::mt19937 chance(7);
  for (const auto& one : raw_cases()) {
    if (one.bytes.size() > 2000) continue;
    for (int round = 0; round < 200; ++round) {
      auto bytes = one.bytes;
      for (int change = 0; change < 3; ++change) {
        auto& byte = bytes[chance() % bytes.size()];
        byte = static_cast<char>(chance() % 3 == 0 ? "\r\n\0 :;0"[chance() % 7] : chance() % 256);
      }
      const auto outcome = whole(bytes);
      Outcome bytewise;
      for (const char byte : bytes) bytewise.feed({&byte, 1});
      ASSERT_EQ(bytewise.text(), outcome);
      const bool has_request = outcome.find('[') != std::string::npos;
      ASSERT_TRUE(!has_request || ascii::lower(outcome).find(" host=") != std::string::npos);
    }
  }
}

TEST(RequestReader, StopsAtTheEndOfARequest) {
  http::RequestReader reader;
  const auto first = post("Content-Length: 3\r\n", "abc");
  EXPECT_EQ(reader.feed(first + "GET"), first.size());
  EXPECT_EQ(reader.take().request.body, "abc");
  EXPECT_EQ(reader.state(), http::RequestReader::State::empty);
}

TEST(RequestReader, TurnsAnAbsoluteTargetIntoItsPath) {
  for (const auto& [target, path] : std::vector<std::pair<std::string, std::string>>{
           {"http://a/x?y=z", "/x?y=z"}, {"HTTPS://A", "/"}, {"http://a?y", "/?y"}}) {
    http::RequestReader reader;
    reader.feed("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(reader.state(), http::RequestReader::State::complete) << target;
    EXPECT_EQ(reader.take().request.target, path);
  }
}

TEST(RequestReader, AsksForTheContinueLineOnce) {
  http::RequestReader reader;
  reader.feed(post("Expect: 100-continue\r\nContent-Length: 3\r\n", ""));
  EXPECT_TRUE(reader.take_continue());
  EXPECT_FALSE(reader.take_continue());
  reader.feed("abc");
  EXPECT_EQ(reader.take().request.body, "abc");

  http::RequestReader with_body;
  with_body.feed(post("Expect: 100-continue\r\nContent-Length: 3\r\n", "a"));
  EXPECT_FALSE(with_body.take_continue());
}

}  // namespace cardea::http_socket_test::request_reader_test
