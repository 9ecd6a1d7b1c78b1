// The TLS edge: versions, ALPN, plain HTTP on the wrong port, certificates reloaded without a drop.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <fstream>

#include "running_listener.h"

namespace cardea::http_socket_test::tls_test {

class Tls : public ::testing::Test {
 protected:
  http::ListenerOptions options() const {
    return {.endpoints = {{.address = "127.0.0.1:0", .tls = certificates.files()}}};
  }
  // The server's certificate as that client saw it.
  static std::string certificate_of(const RawClient& client) {
    X509* certificate = SSL_get1_peer_certificate(client.ssl());
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate, &der);
    std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    X509_free(certificate);
    return bytes;
  }

  Certificates certificates;
  TlsClientContext client_tls{certificates.ca_file()};
};

TEST_F(Tls, Speaks12And13AndNothingOlder) {
  RunningListener server(options());
  for (const int version : {TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientContext tls(certificates.ca_file());
    SSL_CTX_set_cipher_list(tls.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(tls.get(), version);
    SSL_CTX_set_max_proto_version(tls.get(), version);
    RawClient client(server.address(), tls.get(), "localhost");
    EXPECT_EQ(client.handshaken(), version != TLS1_1_VERSION) << version;
    if (client.handshaken()) EXPECT_EQ(client.ask(get("/")).status, 200);
  }
  EXPECT_TRUE(server.log.comes("http.tls_refused reason=unsupported protocol peer=127.0.0.1"));
}

// RFC9325-4.2: TLS 1.2 has the recommended ciphers alone
TEST_F(Tls, RefusesCiphersThatAreNotRecommended) {
  RunningListener server(options());
  for (const auto* cipher : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
                             "AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
    TlsClientContext tls(certificates.ca_file());
    SSL_CTX_set_max_proto_version(tls.get(), TLS1_2_VERSION);
    ASSERT_EQ(SSL_CTX_set_cipher_list(tls.get(), cipher), 1);
    EXPECT_FALSE(RawClient(server.address(), tls.get(), "localhost").handshaken()) << cipher;
  }
}

// RFC7301-3.2; RFC9113-3.2; 9113-10: of what a client offers HTTP/2 is taken first, and nothing
// that is not ours. Who offers nothing speaks HTTP/1.1.
TEST_F(Tls, ChoosesHttp2OrHttp11OrRefuses) {
  RunningListener server(options());
  const auto chosen = [&](std::string_view offered) {
    TlsClientContext tls(certificates.ca_file());
    if (!offered.empty()) tls.offer(offered);
    RawClient client(server.address(), tls.get(), "localhost");
    return client.handshaken() ? "=" + client.protocol() : "refused";
  };
  EXPECT_EQ(chosen("\x02h2\x08http/1.1"), "=h2");
  EXPECT_EQ(chosen("\x08http/1.1\x02h2"), "=h2");
  EXPECT_EQ(chosen("\x02h2"), "=h2");
  EXPECT_EQ(chosen("\x08http/1.1"), "=http/1.1");
  EXPECT_EQ(chosen("\x03h2c\x08http/1.0"), "refused");
  EXPECT_EQ(chosen(""), "=");
}

TEST_F(Tls, TellsAPlainHttpClientWhatToDo) {
  RunningListener server(options());
  RawClient client(server.address());
  const auto response = client.ask(get("/?code=hidden"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, "This port speaks HTTPS: use an https:// address.\n");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Tls, LargeMessagesCrossRecords) {
  const std::string large(5 << 20, 'x');
  RunningListener server(options(), [&](http::Request request) -> Task<http::Response> {
    co_return http::Response{
        .status = 200, .headers = {}, .body = request.body.empty() ? large : request.body};
  });
  RawClient client(server.address(), client_tls.get(), "localhost");
  EXPECT_EQ(client.ask(get("/")).body, large);
  const std::string body(65536, 'y');
  EXPECT_EQ(client.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n" + body).body,
            body);
  std::string pipelined;
  for (int at = 0; at < 300; ++at)
    pipelined += "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nz";
  client.send(pipelined);
  for (int at = 0; at < 300; ++at) ASSERT_EQ(client.read_response().body, "z");
}

// A reload makes new ticket keys: a session from before is then a full handshake, not a failure.
TEST_F(Tls, ResumesASessionUntilTheCertificateIsReloaded) {
  RunningListener server(options());
  RawClient first(server.address(), client_tls.get(), "localhost");
  ASSERT_EQ(first.ask(get("/")).status, 200);
  SSL_SESSION* session = SSL_get1_session(first.ssl());
  const auto resumes = [&] {
    RawClient client(server.address());
    client.begin_tls(client_tls.get(), "localhost", session);
    EXPECT_EQ(client.ask(get("/")).status, 200);
    return SSL_session_reused(client.ssl()) == 1;
  };
  EXPECT_TRUE(resumes());
  ASSERT_TRUE(server.listener->reload_certificates().ok());
  EXPECT_FALSE(resumes());
  SSL_SESSION_free(session);
}

// RFC8446-4.6.1; RFC5077-4: the keys of tickets change by the hour, a ticket opens for two, and one
// of an older key is renewed. So in both versions of TLS.
TEST_F(Tls, TicketKeysChangeByTheHour) {
  SettableClock clock(SystemClock().now());
  auto with_clock = options();
  with_clock.clock = &clock;
  RunningListener server(with_clock);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientContext tls(certificates.ca_file());
    SSL_CTX_set_max_proto_version(tls.get(), version);
    std::deque<RawClient> kept;  // the end of a connection would spoil its session
    const auto connect = [&](SSL_SESSION* session) -> const RawClient& {
      auto& client = kept.emplace_back(server.address());
      client.begin_tls(tls.get(), "localhost", session);
      EXPECT_EQ(client.ask(get("/")).status, 200);
      return client;
    };
    const auto session_of = [](const RawClient& client) { return SSL_get1_session(client.ssl()); };
    const auto resumed = [](const RawClient& client) {
      return SSL_session_reused(client.ssl()) == 1;
    };
    SSL_SESSION* first = session_of(connect(nullptr));
    EXPECT_TRUE(resumed(connect(first)));
    clock.advance(minutes(90));  // by now another key seals
    const auto& client = connect(first);
    EXPECT_TRUE(resumed(client));
    SSL_SESSION* renewed = session_of(client);
    clock.advance(minutes(91));
    EXPECT_FALSE(resumed(connect(first)));
    EXPECT_TRUE(resumed(connect(renewed)));
    SSL_SESSION_free(first);
    SSL_SESSION_free(renewed);
  }
}

// RFC9113-9.2: a session is resumed into HTTP/2, too, which is chosen anew.
TEST_F(Tls, ResumesIntoHttp2) {
  RunningListener server(options());
  client_tls.offer("\x02h2\x08http/1.1");
  RawClient first(server.address(), client_tls.get(), "localhost");
  first.read_exactly(9);  // SETTINGS, and with it the ticket
  SSL_SESSION* session = SSL_get1_session(first.ssl());
  RawClient second(server.address());
  second.begin_tls(client_tls.get(), "localhost", session);
  EXPECT_EQ(SSL_session_reused(second.ssl()), 1);
  EXPECT_EQ(second.protocol(), "h2");
  SSL_SESSION_free(session);
}

// Certificates are reloaded without dropping a connection.
TEST_F(Tls, ReloadGivesNewConnectionsTheNewCertificate) {
  RunningListener server(options());
  RawClient before(server.address(), client_tls.get(), "localhost");
  const auto old_certificate = certificate_of(before);
  certificates.renew();
  ASSERT_TRUE(server.listener->reload_certificates().ok());
  EXPECT_EQ(before.ask(get("/")).status, 200);
  RawClient after(server.address(), client_tls.get(), "localhost");
  ASSERT_TRUE(after.handshaken());
  EXPECT_NE(certificate_of(after), old_certificate);
  EXPECT_EQ(after.ask(get("/")).status, 200);
}

TEST_F(Tls, AFailedReloadKeepsTheOldCertificate) {
  RunningListener server(options());
  const auto old_certificate =
      certificate_of(RawClient(server.address(), client_tls.get(), "localhost"));
  const auto key = certificates.files()->key;
  std::ofstream(key) << "no key";
  const auto reloaded = server.listener->reload_certificates();
  ASSERT_FALSE(reloaded.ok());
  EXPECT_TRUE(reloaded.error().starts_with("cannot use key file " + key)) << reloaded.error();
  EXPECT_EQ(certificate_of(RawClient(server.address(), client_tls.get(), "localhost")),
            old_certificate);
}

TEST_F(Tls, ReloadUnderLoadFailsNoConnection) {
  RunningListener server(options());
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  // One each: OpenSSL notes in a shared certificate what it has read of it, in a way that TSan does
  // not see through.
  std::deque<TlsClientContext> contexts;
  std::vector<std::jthread> clients;
  for (int at = 0; at < 4; ++at) {
    contexts.emplace_back(certificates.ca_file());
    clients.emplace_back([&, tls = contexts.back().get()] {
      while (!stop) {
        RawClient client(server.address(), tls, "localhost");
        const bool ok = client.handshaken() && client.ask(get("/")).status == 200 &&
                        client.ask(get("/")).status == 200;
        ++(ok ? answered : failed);
      }
    });
  }
  for (int at = 0; at < 10; ++at) {
    certificates.renew();
    EXPECT_TRUE(server.listener->reload_certificates().ok());
    const int before = answered;
    while (answered < before + 5 && failed == 0) std::this_thread::yield();
  }
  stop = true;
  clients.clear();
  EXPECT_EQ(failed, 0);
}

TEST_F(Tls, FilesThatDoNotBelongTogetherAreRefusedAtStart) {
  const Certificates other;
  NullLog log;
  const auto files = std::make_shared<http::TlsFiles>(
      http::TlsFiles{.certificate = certificates.files()->certificate, .key = other.files()->key});
  const auto bound =
      http::Listener::bind({.endpoints = {{.address = "127.0.0.1:0", .tls = files}}}, echo, log);
  ASSERT_FALSE(bound.ok());
  EXPECT_FALSE(bound.error().busy);
  EXPECT_NE(bound.error().reason.find(other.files()->key), std::string::npos);
  const auto absent = std::make_shared<http::TlsFiles>(
      http::TlsFiles{.certificate = "/nowhere/c.pem", .key = "/nowhere/k.pem"});
  EXPECT_FALSE(
      http::Listener::bind({.endpoints = {{.address = "127.0.0.1:0", .tls = absent}}}, echo, log)
          .ok());
}

}  // namespace cardea::http_socket_test::tls_test
