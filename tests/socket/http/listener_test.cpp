// The listener's life with well-behaved clients: requests, keep-alive, addresses, drain.
#include "http/listener/listener.h"

#include <sys/stat.h>

#include <atomic>

#include "running_listener.h"

namespace cardea::listener_test {

using namespace http_socket_test;

TEST(Listener, AnswersARequestWithDateAndLengthAndNoServerName) {
  RunningListener server;
  RawClient client(server.address());
  const auto response = client.ask(get("/a?b=c"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "GET /a?b=c 127.0.0.1 ");
  EXPECT_TRUE(response.headers.single("date"));
  EXPECT_TRUE(response.headers.single("content-length"));
  EXPECT_FALSE(response.headers.contains("server"));
  EXPECT_FALSE(response.headers.contains("connection"));
}

TEST(Listener, KeepsTheConnectionForFurtherRequests) {
  RunningListener server;
  RawClient client(server.address());
  for (int at = 0; at < 20; ++at) {
    EXPECT_EQ(client.ask(get("/" + std::to_string(at))).body,
              "GET /" + std::to_string(at) + " 127.0.0.1 ");
  }
}

TEST(Listener, AnswersPipelinedRequestsInOrder) {
  RunningListener server;
  RawClient client(server.address());
  std::string all;
  for (int at = 0; at < 500; ++at) {
    all += "POST /" + std::to_string(at) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  }
  std::jthread sender([&] { client.send(all); });
  for (int at = 0; at < 500; ++at) {
    ASSERT_EQ(client.read_response().body, "POST /" + std::to_string(at) + " 127.0.0.1 abc");
  }
}

TEST(Listener, ClosesWhenTheClientAsksForIt) {
  RunningListener server;
  RawClient client(server.address());
  const auto response = client.ask(get("/", "Connection: Keep-Alive, Close\r\n"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.first("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(Listener, AnswersHeadWithoutABody) {
  RunningListener server;
  RawClient client(server.address());
  const auto response = client.ask("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.first("content-length"), "18");
  EXPECT_EQ(client.ask(get("/y")).body, "GET /y 127.0.0.1 ");
}

TEST(Listener, ListensOnBothLoopbackFamiliesAtOnePort) {
  RunningListener server({.endpoints = {{.address = "localhost:0", .tls = nullptr}}});
  const auto address = server.address();
  ASSERT_TRUE(address.starts_with("localhost:"));
  const auto port = address.substr(10);
  EXPECT_EQ(RawClient("127.0.0.1:" + port).ask(get("/")).body, "GET / 127.0.0.1 ");
  EXPECT_EQ(RawClient("[::1]:" + port).ask(get("/")).body, "GET / ::1 ");
}

TEST(Listener, SaysThatAPortIsTaken) {
  RunningListener server;
  NullLog log;
  const auto second = http::Listener::bind(
      {.endpoints = {{.address = server.address(), .tls = nullptr}}}, echo, log);
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(second.error().busy);
  EXPECT_EQ(second.error().address, server.address());
  EXPECT_EQ(second.error().reason, "address already in use");
}

TEST(Listener, AnExceptionBecomesOne500AndTheConnectionGoesOn) {
  RunningListener server({}, [](http::Request request) -> Task<http::Response> {
    if (request.target == "/bad") throw std::runtime_error("the reason");
    co_return http::Response{.status = 204, .headers = {}, .body = ""};
  });
  RawClient client(server.address());
  const auto response = client.ask(get("/bad"));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "The server made an error.\n");
  EXPECT_TRUE(server.log.comes("http.handler_failed reason=the reason"));
  const auto next = client.ask(get("/good"));
  EXPECT_EQ(next.status, 204);
  EXPECT_FALSE(next.headers.contains("content-length"));
}

TEST(ListenerTls, ServesOverTls) {
  const Certificates certificates;
  const TlsClientContext tls(certificates.ca_file());
  RunningListener server({.endpoints = {{.address = "127.0.0.1:0", .tls = certificates.files()}}});
  RawClient client(server.address(), tls.get(), "localhost");
  ASSERT_TRUE(client.handshaken());
  for (int at = 0; at < 5; ++at) EXPECT_EQ(client.ask(get("/t")).body, "GET /t 127.0.0.1 ");
}

}  // namespace cardea::listener_test
