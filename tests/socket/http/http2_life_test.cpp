// The life of an HTTP/2 connection: its settings, many requests at once, windows, deadlines, resets
// and the drain. No test looks at how long anything took. Security corpus J10.
#include <gtest/gtest.h>

#include <poll.h>

#include <atomic>

#include "base/limits.h"
#include "http2_client.h"

namespace cardea::http_socket_test::http2_life_test {

// Handlers that wait until the test lets them go on.
class Gate {
 public:
  Task<http::Response> handle(http::Request request) {
    if (request.target != "/slow")
      co_return http::Response{.status = 200, .headers = {}, .body = "quick"};
    Delivery<int> delivery;
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(delivery.sink());
    }
    came_.notify_all();
    co_await delivery;
    ++finished;
    co_return http::Response{.status = 200, .headers = {}, .body = "slow"};
  }
  http::Handler handler() {
    return [this](http::Request request) { return handle(std::move(request)); };
  }
  bool await(std::size_t count) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds(20), [&] { return waiting_.size() >= count; });
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  void open() {
    std::vector<Delivery<int>::Sink> waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting.swap(waiting_);
    }
    for (auto& sink : waiting) sink.deliver(1);
  }

  std::atomic<int> finished = 0;

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Delivery<int>::Sink> waiting_;
};

http::ListenerOptions short_deadlines() {
  http::ListenerOptions options;
  options.header_deadline = http::Milliseconds(150);
  options.body_deadline = http::Milliseconds(150);
  options.write_deadline = http::Milliseconds(150);
  options.idle_deadline = http::Milliseconds(150);
  options.linger_deadline = http::Milliseconds(150);
  return options;
}

// Until the gate has let so many through.
bool comes_to(const std::atomic<int>& count, int wanted) {
  for (int attempt = 0; attempt < 2000 && count < wanted; ++attempt) ::poll(nullptr, 0, 10);
  return count >= wanted;
}

// RFC9113-6.5.2; 9113-09: what a client may do at once is told to it first thing.
TEST(Http2Life, S6_5_2_SettingsSayTheLimits) {
  Http2Server server;
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(get_fields("/")).status, 200);
  EXPECT_EQ(client.settings().at(3), 100u);                        // MAX_CONCURRENT_STREAMS
  EXPECT_EQ(client.settings().at(4), limits::body_bytes_max + 1);  // INITIAL_WINDOW_SIZE
  EXPECT_EQ(client.settings().at(6), limits::header_bytes_max);    // MAX_HEADER_LIST_SIZE
  EXPECT_FALSE(client.settings().contains(2));                     // ENABLE_PUSH is the client's
}

// RFC9113-3.4; 9113-10: whoever chose HTTP/2 and speaks something else is told, and gone.
TEST(Http2Life, S3_4_AConnectionBeginsWithThePreface) {
  Http2Server server;
  for (const auto* bytes :
       {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nXX"}) {
    Http2Client client(server.address(), server.client_tls(), Http2Client::Manners::none);
    client.send(bytes);
    EXPECT_EQ(client.await_end(), protocol_error);
  }
  Http2Client without_settings(server.address(), server.client_tls(), Http2Client::Manners::none);
  without_settings.send(Http2Client::preface() + frame(ping_frame, 0, 0, "12345678"));
  EXPECT_EQ(without_settings.await_end(), protocol_error);
  EXPECT_TRUE(server.listener.log.comes("http.connection_ended"));
  // Where TLS chose nothing HTTP/1.1 is spoken (RFC 9113 3.3).
  TlsClientContext plain(server.certificates.ca_file());
  RawClient h1(server.address(), plain.get(), "localhost");
  h1.send(Http2Client::preface());
  EXPECT_EQ(h1.read_response().status, 505);
}

// RFC9113-5.1.2; 9113-11: requests are answered as they are done, and no more than told at once.
TEST(Http2Life, S5_1_2_RequestsGoOnBesideEachOtherUpToTheLimit) {
  Gate gate;
  Http2Server server({}, gate.handler());
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(get_fields("/")).status, 200);
  std::vector<std::uint32_t> slow;
  for (int at = 0; at < 99; ++at) slow.push_back(client.request(get_fields("/slow")));
  EXPECT_EQ(client.ask(get_fields("/")).body, "quick");
  slow.push_back(client.request(get_fields("/slow")));
  ASSERT_TRUE(gate.await(100));
  gate.open();
  for (const auto stream : slow) EXPECT_EQ(client.await(stream).body, "slow");
  EXPECT_EQ(client.ask(get_fields("/")).body, "quick");
  for (int at = 0; at < 101; ++at) client.request(get_fields("/slow"));
  EXPECT_EQ(client.await_end(), protocol_error);
  EXPECT_EQ(gate.count(), 100u);
  gate.open();
}

// E2; 9113-12: a client that takes a request back cancels nothing, and its answer is dropped; the
// handlers at work still count.
TEST(Http2Life, AResetDoesNotCancelTheHandler) {
  Gate gate;
  Http2Server server({}, gate.handler());
  Http2Client client(server.address(), server.client_tls());
  for (int at = 0; at < 100; ++at) {
    const auto stream = client.request(get_fields("/slow"));
    ASSERT_TRUE(gate.await(static_cast<std::size_t>(at) + 1));
    client.send(frame(reset_frame, 0, stream, big_endian(cancel)));
  }
  const auto refused = client.ask(get_fields("/slow"));
  EXPECT_EQ(refused.reset, refused_stream);
  EXPECT_EQ(gate.count(), 100u);
  gate.open();
  EXPECT_TRUE(comes_to(gate.finished, 100));
  EXPECT_EQ(client.ask(get_fields("/")).body, "quick");
}

// RFC9113-5.2; 9113-13: an answer waits for the window, and goes on when it opens.
TEST(Http2Life, S5_2_AnswersKeepToTheWindow) {
  const std::string large(200'000, 'x');
  Http2Server server({}, [&](http::Request) -> Task<http::Response> {
    co_return http::Response{.status = 200, .headers = {}, .body = large};
  });
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(get_fields("/")).body, large);
  Http2Client careful(server.address(), server.client_tls(), Http2Client::Manners::none);
  careful.send(Http2Client::preface() +
               frame(settings_frame, 0, 0, big_endian(4, 2) + big_endian(10)));  // windows of ten
  const auto stream = careful.request(get_fields("/"));
  while (careful.answer(stream).body.size() < 10 && careful.read_frame()) {
  }
  EXPECT_EQ(careful.answer(stream).body.size(), 10u);
  careful.send(frame(window_frame, 0, stream, big_endian(5)));
  while (careful.answer(stream).body.size() < 15 && careful.read_frame()) {
  }
  EXPECT_EQ(careful.answer(stream).body.size(), 15u);
}

// RFC9113-8.7; 9113-14: bodies that no handler has yet are bounded together, however many they are:
// what is too much may be sent again.
TEST(Http2Life, S8_7_UnfinishedBodiesAreBoundedTogether) {
  Http2Server server;
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(get_fields("/")).status, 200);
  const auto post = [&] {
    const auto stream = client.next_stream();
    client.send(frame(headers_frame, end_headers, stream, hpack(post_fields("/"))));
    return stream;
  };
  const std::string piece(16384, 'x');
  std::uint32_t last = 0;
  for (int body = 0; body < 8; ++body) {
    last = post();
    for (int at = 0; at < 4; ++at) client.send(frame(data_frame, 0, last, piece));
  }
  // The eight fill it. One that ends makes room for another.
  client.send(frame(data_frame, end_stream, last));
  EXPECT_EQ(client.await(last).status, 200);
  const auto more = post();
  client.send(frame(data_frame, end_stream, more, piece));
  EXPECT_EQ(client.await(more).status, 200);
  const auto largest = post();
  for (int at = 0; at < 4; ++at) client.send(frame(data_frame, 0, largest, piece));
  const auto beyond = post();
  client.send(frame(data_frame, 0, beyond, "x"));
  EXPECT_EQ(client.await(beyond).reset, refused_stream);
  EXPECT_EQ(client.ask(get_fields("/")).status, 200);
}

// --- deadlines
// -----------------------------------------------------------------------------------------------

TEST(Http2Life, SilentConnectionsAreClosed) {
  Http2Server server(short_deadlines());
  Http2Client without_preface(server.address(), server.client_tls(), Http2Client::Manners::none);
  EXPECT_EQ(without_preface.await_end(), no_error);
  Http2Client without_request(server.address(), server.client_tls());
  EXPECT_EQ(without_request.await_end(), no_error);
  Http2Client idle(server.address(), server.client_tls());
  EXPECT_EQ(idle.ask(get_fields("/")).status, 200);
  EXPECT_EQ(idle.await_end(), no_error);
}

// J10; 9113-15: pings are no sign of life.
TEST(Http2Life, PingsDoNotKeepAConnection) {
  Http2Server server(short_deadlines());
  Http2Client client(server.address(), server.client_tls());
  EXPECT_EQ(client.ask(get_fields("/")).status, 200);
  while (client.send(frame(ping_frame, 0, 0, "12345678")) && client.read_frame()) {
    ::poll(nullptr, 0, 5);
  }
  EXPECT_EQ(client.await_end(), no_error);
}

// J10; 9113-15: a head that does not end ends the connection, for nothing else can be read in it.
TEST(Http2Life, ASlowHeadEndsTheConnection) {
  Http2Server server(short_deadlines());
  Http2Client client(server.address(), server.client_tls(), Http2Client::Manners::none);
  client.send(Http2Client::preface() + frame(settings_frame, 0, 0));
  client.send(frame(headers_frame, 0, client.next_stream(), hpack(get_fields("/"))));
  EXPECT_EQ(client.await_end(), enhance_your_calm);
  EXPECT_TRUE(server.listener.log.comes("reason=The request header took too long."));
}

// J10; 9113-15: a slow body is refused, and the requests beside it go on.
TEST(Http2Life, ASlowBodyIsAnswered408) {
  auto options = short_deadlines();
  options.idle_deadline = Seconds{60};
  Http2Server server(options);
  Http2Client client(server.address(), server.client_tls());
  const auto stream = client.next_stream();
  client.send(frame(headers_frame, end_headers, stream, hpack(post_fields("/"))));
  client.send(frame(data_frame, 0, stream, "a"));
  const auto answer = client.await(stream);
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.body, "The body took too long.\n");
  EXPECT_EQ(client.ask(get_fields("/")).status, 200);
}

// J10; 9113-16: who does not open the window is cut off, and so is who does not read.
TEST(Http2Life, AStalledWindowEndsTheConnection) {
  auto options = short_deadlines();
  options.idle_deadline = Seconds{60};
  Http2Server server(options, [&](http::Request request) -> Task<http::Response> {
    co_return http::Response{
        .status = 200,
        .headers = {},
        .body = std::string(request.target == "/large" ? 8u << 20 : 100u, 'x')};
  });
  Http2Client stalled(server.address(), server.client_tls(), Http2Client::Manners::none);
  stalled.send(Http2Client::preface() +
               frame(settings_frame, 0, 0, big_endian(4, 2) + big_endian(0)));
  for (int at = 0; at < 100; ++at) stalled.request(get_fields("/"));
  EXPECT_EQ(stalled.await_end(), enhance_your_calm);
  EXPECT_TRUE(server.listener.log.comes("reason=The client does not read."));

  Http2Client deaf(server.address(), server.client_tls(), Http2Client::Manners::none);
  const auto wide = big_endian(0x7fffffff - 65535);
  deaf.send(Http2Client::preface() +
            frame(settings_frame, 0, 0, big_endian(4, 2) + big_endian(0x7fffffff)) +
            frame(window_frame, 0, 0, wide));
  const auto stream = deaf.request(get_fields("/large"));
  // It reads nothing until the server has given up: then the rest is missing.
  for (;;) {
    const auto text = server.listener.log.text();
    const auto first = text.find("does not read");
    if (text.find("does not read", first + 1) != std::string::npos) break;
    ::poll(nullptr, 0, 10);
  }
  EXPECT_FALSE(deaf.await(stream).ended);
  EXPECT_TRUE(server.answers());
}

// --- drain
// -----------------------------------------------------------------------------------------------

// RFC9113-6.8; 9113-17: first a word that the server leaves, then the last stream that it answers;
// what is under way is finished, and what came before the client heard is answered, too.
TEST(Http2Life, S6_8_ADrainFinishesStreams) {
  Gate gate;
  Http2Server server({}, gate.handler());
  Http2Client client(server.address(), server.client_tls());
  const auto slow = client.request(get_fields("/slow"));
  ASSERT_TRUE(gate.await(1));
  Http2Client idle(server.address(), server.client_tls());
  EXPECT_EQ(idle.ask(get_fields("/")).status, 200);

  server.listener.listener->shutdown();
  EXPECT_EQ(idle.await_end(), no_error);
  const auto late = client.request(get_fields("/"));
  EXPECT_EQ(client.await_goaway(), 0x7fffffffu);
  EXPECT_EQ(client.await(late).body, "quick");
  EXPECT_EQ(client.await_goaway(), late);
  client.request(get_fields("/slow"));
  gate.open();
  EXPECT_EQ(client.await(slow).body, "slow");
  EXPECT_EQ(client.await_end(), no_error);
  EXPECT_EQ(gate.finished, 1);
  server.listener.stop();
}

// 9113-17: a client that does not hear is not waited for.
TEST(Http2Life, S6_8_ADrainDoesNotWaitForTheDeaf) {
  Http2Server server({.linger_deadline = http::Milliseconds(50)});
  Http2Client client(server.address(), server.client_tls(), Http2Client::Manners::none);
  client.send(Http2Client::preface() + frame(settings_frame, 0, 0));
  EXPECT_EQ(client.ask(get_fields("/")).status, 200);
  server.listener.stop();
  EXPECT_EQ(client.await_end(), no_error);
  EXPECT_EQ(server.listener.log.text().find("drain_cut_short"), std::string::npos);
}

// RFC 9113 6.8: a client that says goodbye is answered first.
TEST(Http2Life, AClientsGoawayFinishesStreams) {
  Gate gate;
  Http2Server server({}, gate.handler());
  Http2Client client(server.address(), server.client_tls());
  const auto slow = client.request(get_fields("/slow"));
  ASSERT_TRUE(gate.await(1));
  client.send(frame(goaway_frame, 0, 0, big_endian(0) + big_endian(no_error)));
  gate.open();
  EXPECT_EQ(client.await(slow).body, "slow");
  EXPECT_FALSE(client.await_end().has_value());
}

}  // namespace cardea::http_socket_test::http2_life_test
