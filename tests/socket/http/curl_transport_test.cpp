// The libcurl transport against the real listener.
#include <gtest/gtest.h>

#include "http/outbound/curl_transport.h"

#include <atomic>
#include <set>

#include "running_listener.h"

namespace cardea::http_socket_test::curl_transport_test {

using Kind = http::TransportFailure::Kind;

class CurlTransport : public ::testing::Test {
 protected:
  http::ListenerOptions options() const {
    return {.endpoints = {{.address = "localhost:0", .tls = certificates.files()}}};
  }
  http::CurlOptions trusting() const { return {.ca_file = certificates.ca_file()}; }
  static std::string url(const RunningListener& server, const std::string& path) {
    return "https://" + server.address() + path;
  }

  Certificates certificates;
};

TEST_F(CurlTransport, CarriesMethodHeadersAndBodies) {
  RunningListener server(options(), [](http::Request request) -> Task<http::Response> {
    http::Response response{
        .status = 201, .headers = {{"X-Twice", "a"}, {"X-Twice", "b"}}, .body = ""};
    response.body = request.method + " " + request.target + " " +
                    std::string(request.headers.first("x-mine")) + "|" +
                    std::string(request.headers.first("user-agent")) + "|" + request.body;
    co_return response;
  });
  const auto transport = http::curl_transport(trusting());
  const auto got = transport({.url = url(server, "/a?b"), .headers = {{"X-Mine", "1"}}});
  ASSERT_TRUE(got.ok()) << got.error().reason;
  EXPECT_EQ(got->status, 201);
  EXPECT_EQ(got->body, "GET /a?b 1|cardea|");
  EXPECT_EQ(got->headers.all("x-twice").size(), 2u);
  const auto posted =
      transport({.method = "POST", .url = url(server, "/"), .body = std::string("a\0b", 3)});
  ASSERT_TRUE(posted.ok());
  EXPECT_EQ(posted->body, "POST / |cardea|" + std::string("a\0b", 3));
  const auto empty = transport({.method = "POST", .url = url(server, "/")});
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->body, "POST / |cardea|");
  const auto deleted = transport({.method = "DELETE", .url = url(server, "/")});
  ASSERT_TRUE(deleted.ok());
  EXPECT_EQ(deleted->body, "DELETE / |cardea|");
  const auto head = transport({.method = "HEAD", .url = url(server, "/")});
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->body, "");
}

// RFC 9700 4.12: a redirect is an answer like any other; nothing is sent on.
TEST_F(CurlTransport, FollowsNoRedirect) {
  std::atomic<int> handled = 0;
  RunningListener server(options(), [&](http::Request) -> Task<http::Response> {
    ++handled;
    co_return http::Response{.status = 307, .headers = {{"Location", "/elsewhere"}}, .body = ""};
  });
  const auto got = http::curl_transport(trusting())(
      {.method = "POST", .url = url(server, "/"), .body = "secret"});
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->status, 307);
  EXPECT_EQ(handled, 1);
}

TEST_F(CurlTransport, TrustsItsCaFileOnly) {
  RunningListener server(options());
  const Certificates others;
  const auto refused =
      http::curl_transport({.ca_file = others.ca_file()})({.url = url(server, "/")});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Kind::tls);
  const auto system = http::curl_transport()({.url = url(server, "/")});
  ASSERT_FALSE(system.ok());
  EXPECT_EQ(system.error().kind, Kind::tls);
  const auto no_file =
      http::curl_transport({.ca_file = "/nowhere/ca.pem"})({.url = url(server, "/")});
  ASSERT_FALSE(no_file.ok());
  EXPECT_EQ(no_file.error().kind, Kind::tls);
}

TEST_F(CurlTransport, RefusesLargeResponses) {
  RunningListener server(options(), [](http::Request request) -> Task<http::Response> {
    http::Response response;
    if (request.target == "/body") response.body = std::string(1001, 'x');
    if (request.target == "/fits") response.body = std::string(1000, 'x');
    if (request.target == "/headers") {
      for (int at = 0; at < 100; ++at) response.headers.add("X", std::string(1000, 'x'));
    }
    co_return response;
  });
  auto options_with_limit = trusting();
  options_with_limit.body_bytes_max = 1000;
  const auto transport = http::curl_transport(options_with_limit);
  EXPECT_TRUE(transport({.url = url(server, "/fits")}).ok());
  for (const auto* path : {"/body", "/headers"}) {
    const auto got = transport({.url = url(server, path)});
    ASSERT_FALSE(got.ok()) << path;
    EXPECT_EQ(got.error().kind, Kind::too_large) << path;
  }
}

TEST_F(CurlTransport, GivesUpAtItsTimeout) {
  std::promise<Delivery<int>::Sink> asked;
  RunningListener server(options(), [&](http::Request) -> Task<http::Response> {
    Delivery<int> delivery;
    asked.set_value(delivery.sink());
    co_await delivery;
    co_return http::Response{};
  });
  auto impatient = trusting();
  impatient.timeout = Seconds{1};
  const auto got = http::curl_transport(impatient)({.url = url(server, "/")});
  asked.get_future().get().deliver(1);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Kind::timeout);
}

// D13: no other scheme is followed, whoever names it
TEST_F(CurlTransport, SpeaksHttpAndHttpsOnly) {
  const auto transport = http::curl_transport();
  for (const auto* bad : {"file:///etc/passwd", "ftp://localhost/", "gopher://localhost/",
                          "localhost", "", "https://user@localhost/"}) {
    EXPECT_FALSE(transport({.url = bad}).ok()) << bad;
  }
}

// I06: a value with a line break is not sent.
TEST_F(CurlTransport, RefusesHeadersWithLineBreaks) {
  std::atomic<int> handled = 0;
  RunningListener server(options(), [&](http::Request request) {
    ++handled;
    return echo(std::move(request));
  });
  const auto transport = http::curl_transport(trusting());
  EXPECT_FALSE(transport({.url = url(server, "/"), .headers = {{"A", "b\r\nC: d"}}}).ok());
  EXPECT_FALSE(transport({.url = url(server, "/"), .headers = {{"A\n", "b"}}}).ok());
  EXPECT_FALSE(
      transport({.method = "GET / HTTP/1.1\r\nA: b\r\n\r\nGET", .url = url(server, "/")}).ok());
  EXPECT_EQ(handled, 0);
}

TEST_F(CurlTransport, SaysThatNobodyListens) {
  std::string gone;
  {
    const RunningListener server(options());
    gone = url(server, "/");
  }
  const auto got = http::curl_transport(trusting())({.url = gone});
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Kind::connect);
}

TEST_F(CurlTransport, ReusesItsConnection) {
  auto one_only = options();
  one_only.connections_max = 1;
  RunningListener server(one_only);
  const auto transport = http::curl_transport(trusting());
  for (int at = 0; at < 5; ++at) {
    const auto got = transport({.url = url(server, "/")});
    ASSERT_TRUE(got.ok()) << got.error().reason;
  }
}

TEST_F(CurlTransport, ServesManyThreads) {
  RunningListener server(options());
  const auto transport = http::curl_transport(trusting());
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> threads;
    for (int at = 0; at < 8; ++at) {
      threads.emplace_back([&, at] {
        const auto path = "/" + std::to_string(at);
        for (int round = 0; round < 25; ++round) {
          const auto got = transport({.url = url(server, path)});
          if (got.ok() && got->body.starts_with("GET " + path + " ")) ++answered;
        }
      });
    }
  }
  EXPECT_EQ(answered, 200);
}

}  // namespace cardea::http_socket_test::curl_transport_test
