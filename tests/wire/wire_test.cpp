// The flow tests over real connections: every request of theirs goes through TLS and the listener
// twice, in HTTP/1.1 and in HTTP/2. It must arrive as the same request, and the server's answer to
// it, made once, must come back as the same answer. What a flow test then looks at is what HTTP/2
// brought. This program holds all flow tests and this file.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "base/ascii.h"
#include "base/limits.h"
#include "server/routes.h"
#include "socket/http/http2_client.h"
#include "support/carrier.h"
#include "support/harness.h"
#include "task/delivery.h"

namespace cardea::wire_test {

using namespace http_socket_test;
using FieldList = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view authority = "localhost";

// What a client may not send, and the listener says so itself: tests of the server alone.
bool can_travel(const http::Request& request) {
  static constexpr std::array<std::string_view, 7> not_in_both{
      "connection",      "te", "transfer-encoding", "upgrade", "expect", "content-length",
      "content-encoding"};
  std::size_t size = request.target.size();
  for (const auto& [name, value] : request.headers.fields()) {
    size += name.size() + value.size() + 40;
    const bool is_plain =
        http::is_field_name(name) && http::is_field_value(value) && ascii::trim(value) == value;
    const bool is_barred = std::ranges::any_of(
        not_in_both, [&](auto barred) { return ascii::equal_ignoring_case(barred, name); });
    if (!is_plain || is_barred) return false;
  }
  for (const char c : request.target) {
    if (c <= 0x20 || c >= 0x7f || c == '#') return false;
  }
  return request.target.starts_with('/') && request.method != "TRACE" &&
         request.method != "CONNECT" && !request.method.empty() && size < 12 * 1024 &&
         request.headers.all("host").size() <= 1 && request.headers.all("cookie").size() <= 1 &&
         request.body.size() <= limits::body_bytes_max;
}

FieldList fields_of(const http::Headers& headers) {
  FieldList fields;
  for (const auto& [name, value] : headers.fields()) {
    fields.emplace_back(ascii::lower(name), value);
  }
  return fields;
}

FieldList sorted(FieldList fields) {
  std::ranges::sort(fields);
  return fields;
}

class Wire final : public test::Carrier {
 public:
  Wire()
      : server_({.header_deadline = Seconds{3600},
                 .idle_deadline = Seconds{3600},
                 .linger_deadline = http::Milliseconds(100),
                 .clock = &clock_},
                [this](http::Request request) { return hand_over(std::move(request)); }),
        http1_(server_.address(), plain_tls_.get(), "localhost"),
        http2_(server_.address(), server_.client_tls()) {}

  http::Response carry(http::Request request, const test::Answer& answer) override {
    // The listener's threads are not in a child that a test forks.
    if (::getpid() != owner_ || !can_travel(request)) return answer(std::move(request));
    const auto sent = request;
    http::Request arrived;
    http::Response made;
    const auto first = over_http1(sent, [&](http::Request got) {
      arrived = got;
      got.peer_address = sent.peer_address;
      got.client_certificates = sent.client_certificates;
      made = answer(std::move(got));
      return made;
    });
    auto second = over_http2(sent, [&](const http::Request& got) {
      expect_same(arrived, got);
      return made;
    });
    EXPECT_EQ(first.status, second.status) << sent.target;
    EXPECT_EQ(fields_of(first.headers), fields_of(second.headers)) << sent.target;
    EXPECT_EQ(first.body, second.body) << sent.target;
    EXPECT_EQ(second.status, made.status) << sent.target;
    if (sent.method == "HEAD") {
      EXPECT_EQ(second.body, "") << sent.target;
      second.body = made.body;
    }
    ++carried_;
    return second;
  }

  int carried() const { return carried_; }

 private:
  static void expect_same(const http::Request& a, const http::Request& b) {
    EXPECT_EQ(a.method, b.method);
    EXPECT_EQ(a.target, b.target);
    EXPECT_EQ(a.body, b.body) << a.target;
    EXPECT_EQ(a.peer_address, b.peer_address);
    EXPECT_EQ(sorted(fields_of(a.headers)), sorted(fields_of(b.headers))) << a.target;
  }

  // On the loop's thread: to the test's, which has the server.
  Task<http::Response> hand_over(http::Request request) {
    Delivery<http::Response> delivery;
    {
      const std::lock_guard lock(mutex_);
      arrived_ = std::move(request);
      answer_to_.emplace(delivery.sink());
    }
    came_.notify_all();
    co_return co_await delivery;
  }

  void await_request(const test::Answer& answer) {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, std::chrono::seconds(20), [&] { return answer_to_.has_value(); })) {
      ADD_FAILURE() << "a request did not arrive";
      return;
    }
    auto sink = *std::exchange(answer_to_, std::nullopt);
    auto request = std::move(arrived_);
    lock.unlock();
    sink.deliver(answer(std::move(request)));
  }

  http::Response over_http1(const http::Request& request, const test::Answer& answer) {
    std::string bytes = request.method + " " + request.target + " HTTP/1.1\r\n";
    for (const auto& [name, value] : request.headers.fields()) {
      bytes.append(name).append(": ").append(value).append("\r\n");
    }
    if (!request.headers.contains("host")) bytes.append("Host: ").append(authority).append("\r\n");
    if (!request.body.empty()) {
      bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    http1_.send(bytes + "\r\n" + request.body);
    await_request(answer);
    auto response = http1_.read_response(request.method);
    return {response.status, std::move(response.headers), std::move(response.body)};
  }

  http::Response over_http2(const http::Request& request, const test::Answer& answer) {
    const auto host = request.headers.single("host").value_or(authority);
    Fields fields{{":method", request.method},
                  {":scheme", "https"},
                  {":authority", std::string(host)},
                  {":path", request.target}};
    for (const auto& [name, value] : request.headers.fields()) {
      if (!ascii::equal_ignoring_case(name, "host")) {
        fields.emplace_back(ascii::lower(name), value);
      }
    }
    if (!request.body.empty()) {
      fields.emplace_back("content-length", std::to_string(request.body.size()));
    }
    const auto stream = http2_.request(fields, request.body);
    await_request(answer);
    auto response = http2_.await(stream);
    http2_.forget(stream);
    return {response.status, std::move(response.headers), std::move(response.body)};
  }

  const pid_t owner_ = ::getpid();
  const SettableClock clock_{Instant::from_seconds(784111777)};  // both answers have one Date
  std::mutex mutex_;
  std::condition_variable came_;
  http::Request arrived_;
  std::optional<Delivery<http::Response>::Sink> answer_to_;
  Http2Server server_;
  TlsClientContext plain_tls_{server_.certificates.ca_file()};
  RawClient http1_;
  Http2Client http2_;
  int carried_ = 0;
};

// Puts the wire in place before the first test and takes it away behind the last.
class Between final : public ::testing::Environment {
 public:
  void SetUp() override {
    wire_ = std::make_unique<Wire>();
    test::carrier() = wire_.get();
  }
  void TearDown() override {
    test::carrier() = nullptr;
    EXPECT_GT(wire_->carried(), 0);
    wire_.reset();
  }

 private:
  std::unique_ptr<Wire> wire_;
};

const auto* const between = ::testing::AddGlobalTestEnvironment(new Between);

// When an answer is not the same in both versions then a test of this program fails.
TEST(Wire, CarriesWhatAFlowTestSends) {
  ASSERT_NE(test::carrier(), nullptr);
  const http::Request request{.method = "POST",
                              .target = "/token?x=1",
                              .headers = {{"Cookie", "a=1"}, {"Content-Type", "text/plain"}},
                              .body = "body",
                              .peer_address = "192.0.2.9"};
  const auto response = test::carrier()->carry(request, [](const http::Request& got) {
    EXPECT_EQ(got.peer_address, "192.0.2.9");
    EXPECT_EQ(got.headers.first("host"), "localhost");
    return http::Response{
        .status = 202, .headers = {{"Set-Cookie", "b=2"}, {"X-Y", "z"}}, .body = got.body};
  });
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, "body");
  EXPECT_EQ(response.headers.first("set-cookie"), "b=2");
}

// 9113-02: every route, by every method, whatever the flow tests happen to ask.
TEST(Wire, EveryRouteIsTheSameInBothVersions) {
  test::Harness server({.settings = [](Settings& settings) {
    settings.registration.mode = RegistrationSettings::Mode::open;
    settings.session_management = true;
  }});
  for (const auto& route : routes()) {
    const auto target = std::string(route.path) + (route.path.ends_with('/') ? "x" : "");
    for (const auto* method : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW"}) {
      auto request = server.get(target + "?client_id=cA", {{"Accept-Language", "de"}});
      request.method = method;
      EXPECT_NE(server.send(std::move(request)).status, 500) << method << " " << target;
    }
    EXPECT_NE(
        server.send(server.post(target, {{"client_id", "cA"}}, {{"Origin", "https://a.example"}}))
            .status,
        500)
        << target;
  }
  EXPECT_EQ(server.send(server.get("/nowhere")).status, 404);
}

}  // namespace cardea::wire_test
