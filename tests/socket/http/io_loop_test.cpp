// How a loop learns of its sockets and in which order it does what it was given; see io_loop.h.
#include <gtest/gtest.h>

#include <netinet/tcp.h>

#include "running_listener.h"
#include "task/occupancy.h"

namespace cardea::http_socket_test {

std::string post(std::size_t size) {
  return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
         std::string(size, 'x');
}

// RFC9112-9.3.2: a change is told once, and what came before the loop looked, the peer's end among
// it, is read all the same. The idle deadline is far longer than the test.
TEST(IoLoop, ReadsWhatCameTogetherWithThePeersEnd) {
  RunningListener server;
  for (const std::size_t size : {0U, 1U, 16'384U, 60'000U}) {
    RawClient client(server.address());
    client.send(post(size) + post(size));
    client.half_close();
    EXPECT_EQ(client.read_response().status, 200) << size;
    EXPECT_EQ(client.read_response().body.size(), std::string("POST / 127.0.0.1 ").size() + size);
    EXPECT_TRUE(client.is_closed()) << size;
  }
}

// More than one read takes, in a burst and in pieces.
TEST(IoLoop, ReadsBodiesLargerThanItsRoom) {
  RunningListener server;
  RawClient client(server.address());
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(client.ask(post(60'000)).status, 200);
    const auto request = post(40'000);
    for (std::size_t at = 0; at < request.size(); at += 16'384) {
      client.send(request.substr(at, 16'384));
    }
    EXPECT_EQ(client.read_response().status, 200);
  }
}

// RFC9112-9.3.2: what comes while a request is handled is not forgotten over one that had come
// before and lay read already, as a second record of TLS does.
TEST(IoLoop, ReadsWhatCameWhileAnotherRequestLayReadAlready) {
  Certificates certificates;
  TlsClientContext tls(certificates.ca_file());
  std::promise<Delivery<int>::Sink> asked;
  RunningListener server(
      {.endpoints = {{.address = "127.0.0.1:0", .tls = certificates.files()}}, .io_contexts = 1},
      [&](http::Request request) -> Task<http::Response> {
        if (request.target == "/slow") {
          Delivery<int> delivery;
          asked.set_value(delivery.sink());
          co_await delivery;
        }
        co_return http::Response{.status = 200, .headers = {}, .body = request.target};
      });
  RawClient client(server.address(), tls.get(), "localhost");
  RawClient other(server.address(), tls.get(), "localhost");
  EXPECT_EQ(client.ask(get("/first")).body, "/first");
  const auto set = [&](int option, int value) {
    ::setsockopt(client.fd(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_NODELAY, 1);
  set(TCP_CORK, 1);  // two records, and one piece on the wire
  client.send(get("/slow"));
  client.send(get("/with-it"));
  set(TCP_CORK, 0);
  const auto sink = asked.get_future().get();
  client.send(get("/later"));
  EXPECT_EQ(other.ask(get("/")).status, 200);  // by now the loop was told
  sink.deliver(1);
  EXPECT_EQ(client.read_response().body, "/slow");
  EXPECT_EQ(client.read_response().body, "/with-it");
  EXPECT_EQ(client.read_response().body, "/later");
}

// J10: however much one client has sent, after what one read takes it is another's turn.
TEST(IoLoop, OneClientDoesNotKeepTheLoopToItself) {
  constexpr int many = 1000;
  std::promise<void> entered;
  std::promise<void> opened;
  int handled = 0;
  int before_the_other = -1;
  RunningListener server(
      {.endpoints = {}, .io_contexts = 1}, [&](http::Request request) -> Task<http::Response> {
        if (request.target == "/gate") {
          entered.set_value();
          opened.get_future().get();  // keeps the loop, so that all lies ready before it looks
        }
        if (request.target == "/many") ++handled;
        if (request.target == "/other") before_the_other = handled;
        co_return http::Response{.status = 200, .headers = {}, .body = request.target};
      });
  RawClient greedy(server.address());
  RawClient other(server.address());
  EXPECT_EQ(greedy.ask(get("/")).status, 200);
  EXPECT_EQ(other.ask(get("/")).status, 200);
  RawClient gate(server.address());
  gate.send(get("/gate"));
  entered.get_future().get();
  std::string burst;
  for (int at = 0; at < many; ++at) burst += get("/many");
  const auto in_one_read = static_cast<int>(16 * 1024 / get("/many").size()) + 1;
  ASSERT_GT(many, 2 * in_one_read);
  greedy.send(burst);
  other.send(get("/other"));
  opened.set_value();
  EXPECT_EQ(other.read_response().body, "/other");
  for (int at = 0; at < many; ++at) ASSERT_EQ(greedy.read_response().body, "/many") << at;
  EXPECT_LE(before_the_other, in_one_read);
}

// A peer that reads late: the rest of a large answer is sent when there is room again.
TEST(IoLoop, GoesOnWritingWhenThereIsRoomAgain) {
  RunningListener server({}, [](http::Request) -> Task<http::Response> {
    co_return http::Response{.status = 200, .headers = {}, .body = std::string(8'000'000, 'x')};
  });
  RawClient client(server.address());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int answer = 0; answer < 2; ++answer) {
    EXPECT_EQ(client.read_response().body.size(), 8'000'000U);
  }
}

// Requests that wait for one another, as those that share a commit do.
class Group {
 public:
  explicit Group(std::size_t size) : size_(size) {}
  Delivery<int> join() {
    Delivery<int> delivery;
    std::vector<Delivery<int>::Sink> all;
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(delivery.sink());
      if (waiting_.size() == size_) all = std::exchange(waiting_, {});
    }
    if (!all.empty()) deliver(std::move(all));
    return delivery;
  }

 private:
  // From a thread of its own, as the store does.
  void deliver(std::vector<Delivery<int>::Sink> all) {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([all = std::move(all)]() mutable {
      for (auto& sink : all) sink.deliver(1);
    });
  }

  const std::size_t size_;
  std::mutex mutex_;
  std::vector<Delivery<int>::Sink> waiting_;
  std::vector<std::jthread> threads_;
};

// What is held back until there is nothing else to do is done soon although there always is: one
// client asks without pause.
TEST(IoLoop, WhatItHoldsBackIsDoneUnderLoadToo) {
  constexpr std::size_t size = 24;
  constexpr int rounds = 30;
  Occupancy occupancy;
  occupancy.set_wait_ns(400'000);
  Group group(size);
  std::atomic<bool> done = false;
  const auto handler = [&](http::Request request) -> Task<http::Response> {
    if (request.target == "/quick") co_return http::Response{};
    co_await group.join();
    const auto until = monotonic_ns() + 300'000;
    while (monotonic_ns() < until) {
    }
    co_return http::Response{};
  };
  RunningListener server({.io_contexts = 1, .occupancy = &occupancy}, handler);
  std::jthread busy([&] {
    RawClient client(server.address());
    while (!done) EXPECT_EQ(client.ask("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
  });
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> clients;
    for (std::size_t at = 0; at < size; ++at) {
      clients.emplace_back([&] {
        RawClient client(server.address());
        for (int round = 0; round < rounds; ++round) {
          if (client.ask("GET /again HTTP/1.1\r\nHost: a\r\n\r\n").status == 200) ++answered;
        }
      });
    }
  }
  done = true;
  EXPECT_EQ(answered, static_cast<int>(size) * rounds);
}

}  // namespace cardea::http_socket_test
