// The fetcher against real sockets: what it refuses to reach, what it bounds, how many it makes at
// once. Security corpus 2.E.
#include <gtest/gtest.h>

#include "http/outbound/curl_fetcher.h"

#include <atomic>
#include <chrono>
#include <future>

#include "running_listener.h"

namespace cardea::http_socket_test::curl_fetcher_test {

using Kind = http::TransportFailure::Kind;

http::Fetch get_of(const std::string& url) {
  return {.request = {.method = "GET", .url = url, .headers = {}, .body = {}}};
}

http::TransportResult fetch(http::Fetcher& fetcher, http::Fetch what) {
  std::promise<http::TransportResult> answer;
  auto future = answer.get_future();
  fetcher.submit(std::move(what),
                 [&](http::TransportResult result) { answer.set_value(std::move(result)); });
  EXPECT_EQ(future.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  return future.get();
}

class CurlFetcher : public ::testing::Test {
 protected:
  http::ListenerOptions tls() const {
    return {.endpoints = {{.address = "localhost:0", .tls = certificates.files()}}};
  }
  http::CurlFetcherOptions private_too() const {
    return {.reach = OutgoingReach::private_too, .extra_ca_file = certificates.ca_file()};
  }
  http::CurlFetcherOptions open_internet() const {
    return {.extra_ca_file = certificates.ca_file()};
  }
  static std::string port_of(const RunningListener& server) {
    const auto address = server.address();
    return address.substr(address.rfind(':') + 1);
  }
  static std::string url_of(const RunningListener& server, const std::string& path = "/") {
    return "https://localhost:" + port_of(server) + path;
  }

  Certificates certificates;
};

// E09: the name is fine, the address behind it is not: no connection is made, whoever listens.
TEST_F(CurlFetcher, ConnectsToNoPrivateAddressWhateverItsName) {
  std::atomic<int> handled = 0;
  RunningListener server(tls(), [&](http::Request) -> Task<http::Response> {
    ++handled;
    co_return http::Response{};
  });
  http::CurlFetcher fetcher(open_internet());
  for (const std::string& host :
       {"localhost", "localhost.", "x.localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"}) {
    const auto refused =
        fetch(fetcher, get_of("https://" + host + ":" + port_of(server) + "/keys"));
    ASSERT_FALSE(refused.ok()) << host;
    // Not every resolver knows the names below or with the root's dot.
    const bool is_name = host == "x.localhost" || host == "localhost.";
    EXPECT_TRUE(refused.error().kind == Kind::refused || is_name)
        << host << ": " << refused.error().reason;
    EXPECT_EQ(refused.error().reason.find("/keys"), std::string::npos);
  }
  EXPECT_EQ(handled, 0);
}

TEST_F(CurlFetcher, AnOperatorMayAdmitThem) {
  RunningListener server(tls());
  http::CurlFetcher fetcher(private_too());
  const auto got = fetch(fetcher, get_of(url_of(server, "/keys")));
  ASSERT_TRUE(got.ok()) << got.error().reason;
  EXPECT_EQ(got->status, 200);
  auto post = get_of(url_of(server));
  post.request.method = "POST";
  post.request.body = "logout_token=x";
  const auto posted = fetch(fetcher, std::move(post));
  ASSERT_TRUE(posted.ok()) << posted.error().reason;
  EXPECT_TRUE(posted->body.ends_with("logout_token=x"));
}

TEST_F(CurlFetcher, PlainHttpReachesThisMachineOnly) {
  RunningListener server({.endpoints = {{.address = "127.0.0.1:0", .tls = nullptr}}});
  const auto url = "http://127.0.0.1:" + port_of(server) + "/";
  http::CurlFetcher admitted(private_too());
  EXPECT_TRUE(fetch(admitted, get_of(url)).ok());
  http::CurlFetcher strict(open_internet());
  const auto refused = fetch(strict, get_of(url));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Kind::refused);
}

// E03: a redirect is an answer; nothing is asked of the place that it names.
TEST_F(CurlFetcher, FollowsNoRedirect) {
  std::atomic<int> handled = 0;
  RunningListener server(tls(), [&](http::Request) -> Task<http::Response> {
    ++handled;
    co_return http::Response{.status = 302, .headers = {{"Location", "/next"}}, .body = ""};
  });
  http::CurlFetcher fetcher(private_too());
  const auto got = fetch(fetcher, get_of(url_of(server)));
  ASSERT_TRUE(got.ok()) << got.error().reason;
  EXPECT_EQ(got->status, 302);
  EXPECT_EQ(handled, 1);
}

TEST_F(CurlFetcher, BoundsSizeAndHeaders) {
  RunningListener server(tls(), [](http::Request request) -> Task<http::Response> {
    http::Response response;
    if (request.target == "/body") response.body = std::string(2000, 'x');
    if (request.target == "/headers") {
      for (int i = 0; i < 40; ++i) {
        response.headers.add("X-Filler-" + std::to_string(i), std::string(500, 'x'));
      }
    }
    co_return response;
  });
  http::CurlFetcher fetcher(private_too());
  for (const std::string& path : {"/body", "/headers"}) {
    auto what = get_of(url_of(server, path));
    what.body_bytes_max = 1999;
    const auto refused = fetch(fetcher, std::move(what));
    ASSERT_FALSE(refused.ok()) << path;
    EXPECT_EQ(refused.error().kind, Kind::too_large) << path;
  }
  auto fits = get_of(url_of(server, "/body"));
  fits.body_bytes_max = 2000;
  EXPECT_TRUE(fetch(fetcher, std::move(fits)).ok());
}

// A socket that takes connections and says nothing, for as long as it lives.
class SilentPeer {
 public:
  SilentPeer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(fd_, 64), 0);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  ~SilentPeer() { ::close(fd_); }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  int fd_ = -1;
  int port_ = 0;
};

TEST_F(CurlFetcher, WaitsForNobodyLongerThanItSays) {
  SilentPeer silent;
  http::CurlFetcher fetcher(private_too());
  auto what = get_of(silent.url());
  what.timeout = Seconds{1};
  const auto began = monotonic_ms();
  const auto refused = fetch(fetcher, std::move(what));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Kind::timeout);
  EXPECT_LT(monotonic_ms() - began, 3000);
}

// E10: a host that hangs holds its own share of the threads and no more, and strangers' addresses
// theirs; what is too much is refused at once.
TEST_F(CurlFetcher, OneHostCannotHoldUpTheOthers) {
  SilentPeer silent;
  RunningListener server(tls());
  http::CurlFetcher fetcher(private_too());
  std::atomic<int> ended = 0;
  std::atomic<int> overloaded = 0;
  constexpr int sent = 100;
  for (int i = 0; i < sent; ++i) {
    auto what = get_of(silent.url());
    what.timeout = Seconds{30};
    fetcher.submit(std::move(what), [&](const http::TransportResult& result) {
      ++ended;
      if (!result && result.error().kind == Kind::overloaded) ++overloaded;
    });
  }
  // At most two under way and 32 waiting; the others were refused at once.
  const int held =
      static_cast<int>(limits::fetches_per_host_max + limits::fetches_waiting_per_host_max);
  EXPECT_GE(overloaded, sent - held);
  EXPECT_EQ(ended, overloaded);
  EXPECT_TRUE(fetch(fetcher, get_of(url_of(server))).ok());
  const auto began = monotonic_ms();
  fetcher.stop();
  EXPECT_LT(monotonic_ms() - began, 10'000);
  EXPECT_EQ(ended, sent);
}

// E10: what anybody may name has threads and places of its own.
TEST_F(CurlFetcher, StrangersAddressesLeaveRoomForRegisteredOnes) {
  std::vector<std::unique_ptr<SilentPeer>> peers;
  RunningListener server(tls());
  http::CurlFetcher fetcher(private_too());
  std::atomic<int> overloaded = 0;
  std::atomic<int> ended = 0;
  for (int i = 0; i < 100; ++i) {
    if (i < 50) peers.push_back(std::make_unique<SilentPeer>());
    auto what = get_of(peers[static_cast<std::size_t>(i) / 2]->url());
    what.lane = http::FetchLane::anybody;
    what.timeout = Seconds{30};
    fetcher.submit(std::move(what), [&](const http::TransportResult& result) {
      ++ended;
      if (!result && result.error().kind == Kind::overloaded) ++overloaded;
    });
  }
  EXPECT_GE(overloaded, 100 - static_cast<int>(limits::fetches_of_strangers_max +
                                               limits::fetches_waiting_of_strangers_max));
  EXPECT_TRUE(fetch(fetcher, get_of(url_of(server))).ok());
  fetcher.stop();
  EXPECT_EQ(ended, 100);
  const auto late = fetch(fetcher, get_of(url_of(server)));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().kind, Kind::overloaded);
}

TEST_F(CurlFetcher, TrustsItsOwnCertificatesBesidesTheSystems) {
  RunningListener server(tls());
  http::CurlFetcher fetcher({.reach = OutgoingReach::private_too});
  const auto refused = fetch(fetcher, get_of(url_of(server)));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Kind::tls);
}

}  // namespace cardea::http_socket_test::curl_fetcher_test
