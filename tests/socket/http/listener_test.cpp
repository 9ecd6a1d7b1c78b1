// The listener's life with well-behaved clients: requests, keep-alive, addresses, drain.
#include <gtest/gtest.h>

#include "http/listener/listener.h"

#include <sys/stat.h>

#include <atomic>

#include "running_listener.h"

namespace cardea::http_socket_test::listener_test {

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

TEST(Listener, DatesComeFromTheGivenClock) {
  SettableClock clock(Instant::from_seconds(784111777));
  RunningListener server({.clock = &clock});
  RawClient client(server.address());
  EXPECT_EQ(client.ask(get("/")).headers.first("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  clock.advance(Seconds{1});
  EXPECT_EQ(client.ask(get("/")).headers.first("date"), "Sun, 06 Nov 1994 08:49:38 GMT");
}

TEST(Listener, WhatTheHandlerSaysAboutFramingIsDropped) {
  RunningListener server({}, [](http::Request) -> Task<http::Response> {
    co_return http::Response{.status = 200,
                             .headers = {{"Content-Length", "1"},
                                         {"Transfer-Encoding", "chunked"},
                                         {"Date", "never"},
                                         {"Server", "name/1"},
                                         {"Connection", "upgrade"},
                                         {"Set-Cookie", "a=1"},
                                         {"Set-Cookie", "b=2"}},
                             .body = "four"};
  });
  RawClient client(server.address());
  const auto response = client.ask(get("/"));
  EXPECT_EQ(response.headers.single("content-length"), "4");
  EXPECT_EQ(response.headers.all("set-cookie").size(), 2u);
  for (const auto* name : {"transfer-encoding", "server", "connection"}) {
    EXPECT_FALSE(response.headers.contains(name)) << name;
  }
  EXPECT_NE(response.headers.single("date"), "never");
}

TEST(Listener, ServesAUnixSocketForItsGroupOnly) {
  const TemporaryDirectory directory;
  const auto path = directory / "http.sock";
  RunningListener server(
      {.endpoints = {{.address = "unix:" + path, .tls = nullptr}}, .trusted_proxies = {"unix"}});
  EXPECT_EQ(server.address(), "unix:" + path);
  struct ::stat file{};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0660u);
  RawClient client(server.address());
  EXPECT_EQ(client.ask(get("/")).body, "GET /  ");
  EXPECT_EQ(client.ask(get("/", "X-Forwarded-For: 203.0.113.7\r\n")).body, "GET / 203.0.113.7 ");

  NullLog log;
  const auto second = http::Listener::bind(
      {.endpoints = {{.address = server.address(), .tls = nullptr}}}, echo, log);
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(second.error().busy);
  EXPECT_EQ(RawClient(server.address()).ask(get("/")).status, 200);
}

TEST(Listener, ReplacesAUnixSocketThatNobodyListensOn) {
  const TemporaryDirectory directory;
  const auto path = directory / "http.sock";
  {
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::strncpy(at.sun_path, path.c_str(), sizeof at.sun_path - 1);
    ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    ::close(dead);
  }
  {
    RunningListener server({.endpoints = {{.address = "unix:" + path, .tls = nullptr}}});
    EXPECT_EQ(RawClient(server.address()).ask(get("/")).status, 200);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listener, LeavesAFileThatIsNoSocketAlone) {
  const TemporaryDirectory directory;
  const auto path = directory / "http.sock";
  std::ofstream(path) << "precious";
  NullLog log;
  EXPECT_FALSE(
      http::Listener::bind({.endpoints = {{.address = "unix:" + path, .tls = nullptr}}}, echo, log)
          .ok());
  EXPECT_EQ(std::filesystem::file_size(path), 8u);
}

TEST(Listener, AddressesThatAreNoneAreRefused) {
  for (const auto* address : {"", "9443", "localhost", "example.com:80", "127.0.0.1:x", "::1:80",
                              "[127.0.0.1]:80", "127.0.0.1:65536", "127.0.0.1:-1", "unix:"}) {
    NullLog log;
    const auto bound =
        http::Listener::bind({.endpoints = {{.address = address, .tls = nullptr}}}, echo, log);
    ASSERT_FALSE(bound.ok()) << address;
    EXPECT_EQ(bound.error().address, address);
    EXPECT_FALSE(bound.error().busy);
  }
}

// --- drain
// -------------------------------------------------------------------------------------------------

bool can_connect(const std::string& address) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port =
      htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const bool connected = ::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  ::close(socket);
  return connected;
}

TEST(Drain, FinishesRequestsUnderWayAndClosesIdleConnections) {
  std::promise<Delivery<int>::Sink> asked;
  RunningListener server({}, [&](http::Request request) -> Task<http::Response> {
    if (request.target == "/slow") {
      Delivery<int> delivery;
      asked.set_value(delivery.sink());
      co_await delivery;
    }
    co_return http::Response{.status = 200, .headers = {}, .body = "done"};
  });
  RawClient idle(server.address());
  EXPECT_EQ(idle.ask(get("/")).status, 200);
  RawClient slow(server.address());
  slow.send(get("/slow"));
  const auto sink = asked.get_future().get();
  RawClient half(server.address());
  half.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
  EXPECT_EQ(RawClient(server.address()).ask(get("/")).status,
            200);  // by now the others are accepted

  server.listener->shutdown();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(can_connect(server.address()));
  sink.deliver(1);
  const auto response = slow.read_response();
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.headers.first("connection"), "close");
  half.send("bc");
  EXPECT_EQ(half.read_response().status, 200);
  {
    const auto done = std::move(slow);
  }
  {
    const auto done = std::move(half);
  }
  server.stop();
}

// Suspends for good; `root` is what to destroy then.
struct Never {
  std::coroutine_handle<>& root;
  bool await_ready() const { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> waiting) {
    root = waiting.promise().continuation;
  }
  void await_resume() const {}
};

TEST(Drain, EndsAtItsDeadlineThoughAHandlerDoesNot) {
  std::coroutine_handle<> root;
  std::promise<void> asked;
  RunningListener server({.drain_deadline = http::Milliseconds(100)},
                         [&](http::Request) -> Task<http::Response> {
                           asked.set_value();
                           co_await Never{root};
                           co_return http::Response{};
                         });
  RawClient client(server.address());
  client.send(get("/"));
  asked.get_future().get();
  server.stop();
  EXPECT_TRUE(server.log.comes("http.drain_cut_short connections=1"));
  EXPECT_TRUE(client.is_closed());
  root.destroy();
}

TEST(Drain, MayBeAskedForBeforeRunAndTwice) {
  RunningListener server;
  server.listener->shutdown();
  server.listener->shutdown();
  server.stop();
  NullLog log;
  auto unused =
      http::Listener::bind({.endpoints = {{.address = "127.0.0.1:0", .tls = nullptr}}}, echo, log);
  ASSERT_TRUE(unused.ok());
  (*unused)->shutdown();
  (*unused)->run();
}

// Under load a request is answered whole or not at all, and what was handled was answered.
TEST(Drain, UnderLoadLosesNothingThatWasHandled) {
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> handled = 0;
    std::atomic<int> answered = 0;
    std::atomic<int> broken = 0;
    {
      RunningListener server({}, [&](http::Request) -> Task<http::Response> {
        ++handled;
        co_return http::Response{.status = 200, .headers = {}, .body = std::string(3000, 'x')};
      });
      std::vector<std::jthread> clients;
      for (int at = 0; at < 8; ++at) {
        // Connected before the first is answered: who comes after the shutdown is refused.
        clients.emplace_back([&, own = std::make_unique<RawClient>(server.address())] {
          RawClient& client = *own;
          for (;;) {
            if (!client.send(get("/"))) return;
            const auto response = client.read_response();
            if (response.status == 0) {
              if (!client.is_closed()) ++broken;
              return;
            }
            response.body.size() == 3000 ? ++answered : ++broken;
            if (response.headers.first("connection") == "close") return;
          }
        });
      }
      while (answered < 200) std::this_thread::yield();
      server.listener->shutdown();
    }
    EXPECT_EQ(broken, 0);
    EXPECT_EQ(handled, answered);
  }
}

}  // namespace cardea::http_socket_test::listener_test
