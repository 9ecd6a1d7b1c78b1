// What the listener refuses, over real sockets: the status, that the handler saw nothing, and that
// the client can read the answer. Security corpus 2.I, 2.J; asvs-4.2.1 to 4.
#include <gtest/gtest.h>

#include <atomic>

#include "malformed_requests.h"
#include "running_listener.h"

namespace cardea::http_socket_test::refused_requests_test {

// asvs-4.2.1; asvs-4.2.2; asvs-4.2.3; asvs-4.2.4; I06; I07; J04; J11: one framing, no line tricks,
// limits.
TEST(RefusedRequests, EveryMalformedRequestGetsItsStatus) {
  std::atomic<int> handled = 0;
  RunningListener server({}, [&](http::Request request) {
    ++handled;
    return echo(std::move(request));
  });
  for (const auto& one : raw_cases()) {
    const int before = handled;
    RawClient client(server.address());
    client.send(one.bytes);
    const auto response = client.read_response();
    EXPECT_EQ(response.status, one.status) << one.name;
    EXPECT_EQ(handled - before, one.status == 200 ? 1 : 0) << one.name;
    if (one.status == 200) continue;
    EXPECT_EQ(response.headers.first("connection"), "close") << one.name;
    EXPECT_EQ(response.headers.first("content-type"), "text/plain; charset=utf-8");
    EXPECT_TRUE(client.is_closed()) << one.name;
  }
}

// asvs-4.2.1: after a refusal nothing that follows on the connection is taken for a request.
TEST(RefusedRequests, NothingBehindARefusedRequestIsHandled) {
  std::atomic<int> handled = 0;
  RunningListener server({}, [&](http::Request request) {
    ++handled;
    return echo(std::move(request));
  });
  for (const auto& one : framing_cases()) {
    if (one.status == 200 || one.status == 413) continue;
    RawClient client(server.address());
    client.send(one.bytes + get("/smuggled"));
    const auto all = client.read_to_end();
    EXPECT_EQ(all.find("HTTP/1.1", 8), std::string::npos) << one.name << "\n" << all;
  }
  EXPECT_EQ(handled, 0);
}

TEST(RefusedRequests, TheAnswerIsReadableThoughTheClientStillSends) {
  RunningListener server;
  RawClient client(server.address());
  client.send(post("Content-Length: 700000\r\n", ""));
  client.send(std::string(700000, 'x'));
  EXPECT_EQ(client.read_response().status, 413);
}

// I11: the log names status, reason and peer, and nothing that the client wrote.
TEST(RefusedRequests, TheLogHoldsNothingOfTheRequest) {
  RunningListener server;
  RawClient client(server.address());
  client.ask("GET /?secret=1 HTTP/1.1\r\nHost: a\r\nAuthorization: hidden\r\nA : hidden\r\n\r\n");
  ASSERT_TRUE(server.log.comes("http.request_refused status=400"));
  EXPECT_TRUE(server.log.comes("peer=127.0.0.1"));
  EXPECT_EQ(server.log.text().find("secret"), std::string::npos);
  EXPECT_EQ(server.log.text().find("hidden"), std::string::npos);
}

// P8; I01: a Host that is not in the list is answered 421, whatever the handler would say.
TEST(RefusedRequests, AnUnknownHostIsMisdirected) {
  std::atomic<int> handled = 0;
  RunningListener server({.accepted_hosts = {"localhost:9443", "[::1]:9443"}},
                         [&](http::Request request) {
                           ++handled;
                           return echo(std::move(request));
                         });
  const auto ask = [&](const std::string& host, const std::string& target = "/") {
    return RawClient(server.address())
        .ask("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
        .status;
  };
  EXPECT_EQ(ask("LocalHost:9443"), 200);
  EXPECT_EQ(ask("[::1]:9443"), 200);
  EXPECT_EQ(ask("localhost:9443", "http://localhost:9443/"), 200);
  EXPECT_EQ(handled, 3);
  EXPECT_EQ(ask("localhost"), 421);
  EXPECT_EQ(ask("evil.example:9443"), 421);
  EXPECT_EQ(ask("localhost.evil.example:9443"), 421);
  EXPECT_EQ(ask("evil.example", "http://evil.example/"), 421);
  EXPECT_EQ(handled, 3);
}

TEST(RefusedRequests, AContinueLineIsSentBeforeTheBody) {
  RunningListener server;
  RawClient client(server.address());
  client.send(post("Expect: 100-continue\r\nContent-Length: 3\r\n", ""));
  EXPECT_EQ(client.read_response().status, 100);
  client.send("abc");
  EXPECT_EQ(client.read_response().body, "POST / 127.0.0.1 abc");
  client.send(post("Expect: 100-continue\r\nContent-Length: 70000\r\n", ""));
  EXPECT_EQ(client.read_response().status, 413);
}

// I06: what a handler puts into a header cannot become another header.
TEST(RefusedRequests, AResponseWithALineBreakInAHeaderIsNotSent) {
  RunningListener server({}, [](http::Request request) -> Task<http::Response> {
    http::Response response;
    if (request.target == "/name") response.headers.add("A\r\nB", "c");
    if (request.target == "/value") response.headers.add("Location", "/x\r\nSet-Cookie: a=b");
    if (request.target == "/lf") response.headers.add("Location", "/x\ny");
    if (request.target == "/nul") response.headers.add("Location", std::string("/x\0y", 4));
    if (request.target == "/status") response.status = 99;
    co_return response;
  });
  for (const auto* target : {"/name", "/value", "/lf", "/nul", "/status"}) {
    RawClient client(server.address());
    const auto response = client.ask(get(target));
    EXPECT_EQ(response.status, 500) << target;
    EXPECT_FALSE(response.headers.contains("location"));
    EXPECT_FALSE(response.headers.contains("set-cookie"));
  }
  EXPECT_TRUE(server.log.comes("http.response_unwritable"));
}

// 7.5: cut into single bytes on the wire, a request is the same request.
TEST(RefusedRequests, BytesThatArriveOneByOneMeanTheSame) {
  RunningListener server;
  for (const auto& one : raw_cases()) {
    if (one.bytes.size() > 300) continue;
    RawClient client(server.address());
    const int on = 1;
    ::setsockopt(client.fd(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    for (const char byte : one.bytes) {
      if (!client.send({&byte, 1})) break;
    }
    EXPECT_EQ(client.read_response().status, one.status) << one.name;
  }
}

}  // namespace cardea::http_socket_test::refused_requests_test
