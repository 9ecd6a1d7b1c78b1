// Slow, silent, half-open and too many clients. Security corpus J10. No test looks at how long
// anything took: the deadlines are short and every wait is bounded by the client's own time-out.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <atomic>

#include "malformed_requests.h"
#include "running_listener.h"

namespace cardea::http_socket_test::deadlines_test {

http::ListenerOptions short_deadlines() {
  http::ListenerOptions options;
  options.header_deadline = http::Milliseconds(150);
  options.body_deadline = http::Milliseconds(150);
  options.write_deadline = http::Milliseconds(150);
  options.idle_deadline = http::Milliseconds(150);
  options.linger_deadline = http::Milliseconds(150);
  return options;
}

// Sends one byte whenever nothing has come back for a moment.
void drip(RawClient& client, std::string_view bytes) {
  for (const char byte : bytes) {
    pollfd answer{.fd = client.fd(), .events = POLLIN, .revents = 0};
    if (::poll(&answer, 1, 20) != 0 || !client.send({&byte, 1})) return;
  }
}

// Asks on new connections until one is answered with 200.
bool answers_again(const std::string& address) {
  for (int attempt = 0; attempt < 2000; ++attempt) {
    RawClient client(address);
    if (client.ask(get("/")).status == 200) return true;
    ::poll(nullptr, 0, 10);
  }
  return false;
}

// J10: the deadline is for the whole head, however steadily its bytes drip.
TEST(Deadlines, ASlowHeadIsAnswered408) {
  RunningListener server(short_deadlines());
  RawClient client(server.address());
  drip(client, get("/" + std::string(2000, 'a')));
  const auto response = client.read_response();
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.body, "The request header took too long.\n");
  EXPECT_TRUE(client.is_closed());
}

TEST(Deadlines, ASlowBodyIsAnswered408) {
  RunningListener server(short_deadlines());
  RawClient client(server.address());
  client.send(post("Content-Length: 2000\r\n", ""));
  drip(client, std::string(2000, 'a'));
  const auto response = client.read_response();
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.body, "The body took too long.\n");
}

TEST(Deadlines, ASecondHeadHasADeadlineToo) {
  RunningListener server(short_deadlines());
  RawClient client(server.address());
  EXPECT_EQ(client.ask(get("/")).status, 200);
  client.send("GET /");
  EXPECT_EQ(client.read_response().status, 408);
}

TEST(Deadlines, SilentConnectionsAreClosedWithoutAWord) {
  const Certificates certificates;
  auto options = short_deadlines();
  options.endpoints = {{.address = "127.0.0.1:0", .tls = nullptr},
                       {.address = "127.0.0.1:0", .tls = certificates.files()}};
  RunningListener server(options);
  RawClient silent(server.address(0));
  EXPECT_TRUE(silent.is_closed());
  RawClient silent_tls(server.address(1));
  EXPECT_TRUE(silent_tls.is_closed());
  RawClient stuck_in_handshake(server.address(1));
  stuck_in_handshake.send("\x16\x03\x01\x02");
  EXPECT_TRUE(stuck_in_handshake.is_closed());
  RawClient idle(server.address(0));
  EXPECT_EQ(idle.ask(get("/")).status, 200);
  EXPECT_TRUE(idle.is_closed());
}

// J10: who does not read the response does not keep the connection.
TEST(Deadlines, ASlowReaderIsCutOff) {
  auto options = short_deadlines();
  options.connections_max = 1;
  std::atomic<bool> large = true;
  RunningListener server(options, [&](http::Request) -> Task<http::Response> {
    co_return http::Response{.status = 200,
                             .headers = {},
                             .body = std::string(large.exchange(false) ? 32u << 20 : 1u, 'x')};
  });
  RawClient slow(server.address());
  slow.send(get("/"));
  EXPECT_TRUE(answers_again(server.address()));
  EXPECT_LT(slow.read_to_end().size(), 32u << 20);
}

TEST(Deadlines, AClientThatStopsSendingIsStillAnswered) {
  RunningListener server;
  RawClient client(server.address());
  client.send(get("/"));
  client.half_close();
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_TRUE(client.is_closed());
  RawClient unfinished(server.address());
  unfinished.send("GET / HT");
  unfinished.half_close();
  EXPECT_TRUE(unfinished.is_closed());
}

// E2: a client that leaves does not stop the work that it asked for.
TEST(Deadlines, TheHandlerGoesOnWhenTheClientHasGone) {
  std::promise<Delivery<int>::Sink> asked;
  std::promise<int> finished;
  RunningListener server({.connections_max = 1},
                         [&](http::Request request) -> Task<http::Response> {
                           if (request.target == "/slow") {
                             Delivery<int> delivery;
                             asked.set_value(delivery.sink());
                             finished.set_value(co_await delivery);
                           }
                           co_return http::Response{};
                         });
  {
    RawClient client(server.address());
    client.send(get("/slow"));
    const auto sink = asked.get_future().get();
    {
      const RawClient gone = std::move(client);
    }
    sink.deliver(42);
  }
  EXPECT_EQ(finished.get_future().get(), 42);
  EXPECT_TRUE(answers_again(server.address()));
}

// E3: a request that waited for another thread goes on where it began.
TEST(Deadlines, ARequestStaysOnItsThread) {
  std::promise<Delivery<int>::Sink> asked;
  RunningListener server({}, [&](http::Request) -> Task<http::Response> {
    const auto before = std::this_thread::get_id();
    Delivery<int> delivery;
    asked.set_value(delivery.sink());
    co_await delivery;
    co_return http::Response{
        .status = before == std::this_thread::get_id() ? 200 : 500, .headers = {}, .body = ""};
  });
  RawClient client(server.address());
  client.send(get("/"));
  asked.get_future().get().deliver(1);
  EXPECT_EQ(client.read_response().status, 200);
}

// J10: the caps hold, and a place that becomes free is given again.
TEST(Deadlines, ConnectionsBeyondTheCapAreTurnedAway) {
  RunningListener server({.connections_max = 2});
  RawClient first(server.address());
  EXPECT_EQ(first.ask(get("/")).status, 200);
  {
    RawClient second(server.address());
    EXPECT_EQ(second.ask(get("/")).status, 200);
    RawClient third(server.address());
    const auto response = third.read_response();
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.headers.first("retry-after"), "1");
    EXPECT_TRUE(response.headers.single("date"));
    EXPECT_TRUE(third.is_closed());
    EXPECT_TRUE(server.log.comes("status=503"));
    EXPECT_EQ(first.ask(get("/")).status, 200);
  }
  EXPECT_TRUE(answers_again(server.address()));
}

TEST(Deadlines, OneAddressGetsOnlyItsShare) {
  RunningListener server({.endpoints = {{.address = "localhost:0", .tls = nullptr}},
                          .connections_per_address_max = 1});
  const auto port = server.address().substr(10);
  RawClient first("127.0.0.1:" + port);
  EXPECT_EQ(first.ask(get("/")).status, 200);
  RawClient second("127.0.0.1:" + port);
  EXPECT_EQ(second.read_response().status, 503);
  RawClient other("[::1]:" + port);
  EXPECT_EQ(other.ask(get("/")).status, 200);
}

TEST(Deadlines, ATrustedProxyIsNotCountedByAddress) {
  RunningListener server({.trusted_proxies = {"127.0.0.1"}, .connections_per_address_max = 1});
  RawClient first(server.address());
  RawClient second(server.address());
  EXPECT_EQ(first.ask(get("/")).status, 200);
  EXPECT_EQ(second.ask(get("/")).status, 200);
}

// Takes all file descriptors of the process until it ends.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit less = before_;
    less.rlim_cur = 200;
    ::setrlimit(RLIMIT_NOFILE, &less);
    for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) taken_.push_back(fd);
  }
  ~NoDescriptorsLeft() {
    for (const int fd : taken_) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  void give_one_back() {
    ::close(taken_.back());
    taken_.pop_back();
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST(Deadlines, WithoutDescriptorsTheListenerWaitsAndGoesOn) {
  RunningListener server;
  NoDescriptorsLeft exhausted;
  exhausted.give_one_back();
  RawClient client(server.address());  // takes that one; the server finds none
  EXPECT_TRUE(server.log.comes("http.accept_paused"));
  exhausted.give_one_back();
  EXPECT_EQ(client.ask(get("/")).status, 200);
}

}  // namespace cardea::http_socket_test::deadlines_test
