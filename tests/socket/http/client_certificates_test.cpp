// Client certificates over real TLS and in the header of a proxy (RFC 8705 2, 5 and 6.5; security
// corpus 8705-06, 8705-07, 9700-13).
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <signal.h>

#include "base/base64url.h"
#include "base/url.h"
#include "crypto/hash.h"
#include "http/listener/certificate_header.h"
#include "http/outbound/curl_transport.h"
#include "http2_client.h"
#include "running_listener.h"
#include "support/client_certificates.h"

namespace cardea::http_socket_test::client_certificates_test {

using Asked = http::Endpoint::ClientCertificates;

// Answers with the thumbprints of what the request brought, and what is left of the header.
Task<http::Response> show_certificates(http::Request request) {
  http::Response response;
  for (const auto& der : request.client_certificates) {
    response.body += base64url_encode(crypto::sha256(der)) + " ";
  }
  for (const auto value : request.headers.all("client-cert")) {
    response.body += "header:" + std::string(value) + " ";
  }
  co_return response;
}

std::string shown(const test::ClientIdentity& identity) {
  return base64url_encode(crypto::sha256(identity.der())) + " ";
}
std::string rfc9440(const test::ClientIdentity& identity) {
  return ":" + base64_encode(identity.der()) + ":";
}

class ClientContext : public TlsClientContext {
 public:
  using TlsClientContext::TlsClientContext;
  void present(const test::ClientIdentity& identity) {
    EXPECT_EQ(SSL_CTX_use_certificate(get(), identity.certificate()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(get(), identity.key()), 1);
  }
};

class ClientCertificatesOverTls : public ::testing::Test {
 protected:
  std::string ask(std::size_t endpoint, const ClientContext& by, const std::string& headers = "") {
    RawClient client(server.address(endpoint), by.get(), "localhost");
    return client.ask(get("/", headers)).body;
  }

  const Certificates certificates;
  ClientContext tls{certificates.ca_file()};
  RunningListener server{{.endpoints = {{.address = "127.0.0.1:0", .tls = certificates.files()},
                                        {.address = "127.0.0.1:0",
                                         .tls = certificates.files(),
                                         .client_certificates = Asked::asked}},
                          .client_certificate_header = "Client-Cert"},
                         show_certificates};
};

// RFC8705-2; RFC8705-2.2; 8705-07: asked for at one address, where any passes and none is needed,
// and at no other
TEST_F(ClientCertificatesOverTls, AreAskedForWhereTheyAreWanted) {
  EXPECT_EQ(ask(0, tls), "");
  EXPECT_EQ(ask(1, tls), "");
  const auto identity = test::self_signed();
  tls.present(identity);
  EXPECT_EQ(ask(0, tls), "");
  EXPECT_EQ(ask(1, tls), shown(identity));
  ClientContext tls12{certificates.ca_file()};
  SSL_CTX_set_max_proto_version(tls12.get(), TLS1_2_VERSION);
  tls12.present(identity);
  EXPECT_EQ(ask(1, tls12), shown(identity));
}

// RFC8705-2; RFC9113-9.2.3: a connection of HTTP/2 has its certificate for every request
TEST_F(ClientCertificatesOverTls, AreAskedForInHttp2Too) {
  const auto identity = test::self_signed();
  tls.present(identity);
  tls.offer("\x02h2");
  Http2Client client(server.address(1), tls.get());
  EXPECT_EQ(client.ask(get_fields("/a")).body, shown(identity));
  EXPECT_EQ(client.ask(get_fields("/b", {{"client-cert", "x"}})).body, shown(identity));
  Http2Client unasked(server.address(0), tls.get());
  EXPECT_EQ(unasked.ask(get_fields("/")).body, "");
}

// RFC8705-2: the transport of cardea::client presents one where it is asked for; a missing file is
// an error and no request without
TEST_F(ClientCertificatesOverTls, AreWhatTheTransportPresents) {
  const TemporaryDirectory files;
  const auto identity = test::self_signed();
  const auto certificate = files / "app.pem";
  const auto key = files / "app.key";
  std::ofstream(certificate) << identity.pem();
  std::FILE* out = std::fopen(key.c_str(), "w");
  ASSERT_NE(out, nullptr);
  PEM_write_PrivateKey(out, identity.key(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  const auto got = [&](const std::string& certificate_file, std::size_t endpoint) {
    const auto transport = http::curl_transport({.ca_file = certificates.ca_file(),
                                                 .certificate_file = certificate_file,
                                                 .key_file = certificate_file.empty() ? "" : key});
    return transport({.url = "https://" + server.address(endpoint) + "/"});
  };
  EXPECT_EQ(got(certificate, 1)->body, shown(identity));
  EXPECT_EQ(got(certificate, 0)->body, "");
  EXPECT_EQ(got("", 1)->body, "");
  const auto missing = got(certificate + ".not", 1);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, http::TransportFailure::Kind::tls) << missing.error().reason;
}

// RFC8705-2.1: what leads to an authority comes along, the leaf first
TEST_F(ClientCertificatesOverTls, BringTheirChain) {
  const test::TestAuthority authority;
  const auto identity = authority.issue();
  tls.present(identity);
  X509* above = nullptr;
  const auto der = authority.der();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  above = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  ASSERT_EQ(SSL_CTX_add0_chain_cert(tls.get(), above), 1);
  EXPECT_EQ(ask(1, tls), shown(identity) + base64url_encode(crypto::sha256(der)) + " ");
}

// RFC8705-2: the certificate stays with its connection and is nobody else's
TEST_F(ClientCertificatesOverTls, StayWithTheirConnection) {
  const auto identity = test::self_signed();
  tls.present(identity);
  RawClient client(server.address(1), tls.get(), "localhost");
  EXPECT_EQ(client.ask(get("/a")).body, shown(identity));
  EXPECT_EQ(client.ask(get("/b")).body, shown(identity));
  ClientContext without{certificates.ca_file()};
  EXPECT_EQ(ask(1, without), "");
  // No session is resumed: a resumed one would not have the chain.
  SSL_SESSION* session = SSL_get1_session(client.ssl());
  RawClient again(server.address(1));
  again.begin_tls(tls.get(), "localhost", session);
  ASSERT_TRUE(again.handshaken());
  EXPECT_EQ(SSL_session_reused(again.ssl()), 0);
  EXPECT_EQ(again.ask(get("/")).body, shown(identity));
  SSL_SESSION_free(session);
}

// RFC8705-7.5: a chain of more than can lead anywhere counts for nothing, and is bounded in bytes
TEST_F(ClientCertificatesOverTls, AreNotTooMany) {
  const auto identity = test::self_signed();
  const auto other = test::self_signed();
  tls.present(identity);
  const auto add = [&](int count) {
    for (int at = 0; at < count; ++at) {
      ASSERT_EQ(SSL_CTX_add1_chain_cert(tls.get(), other.certificate()), 1);
    }
  };
  add(7);
  EXPECT_TRUE(ask(1, tls).starts_with(shown(identity)));
  add(1);
  EXPECT_EQ(ask(1, tls), "");
  add(100);
  // The server hangs up while its client still writes.
  ::signal(SIGPIPE, SIG_IGN);
  RawClient client(server.address(1), tls.get(), "localhost");
  EXPECT_EQ(client.read_response().status, 0);
  EXPECT_TRUE(server.log.comes("http.tls_refused"));
}

// RFC8705-6.5; 8705-06; 9700-13: a header that no trusted proxy sent is dropped, whatever it says
TEST_F(ClientCertificatesOverTls, StrangersHeadersAreDropped) {
  const auto identity = test::self_signed();
  const auto victim = test::self_signed();
  const auto header = "Client-Cert: " + rfc9440(victim) + "\r\n";
  EXPECT_EQ(ask(1, tls, header), "");
  EXPECT_EQ(ask(0, tls, header + "client-cert: x\r\n"), "");
  tls.present(identity);
  EXPECT_EQ(ask(1, tls, header), shown(identity));
  EXPECT_EQ(ask(1, tls, "Client_Cert: " + rfc9440(victim) + "\r\n"), shown(identity));
}

RawResponse through(RunningListener& server, const std::string& headers) {
  return RawClient(server.address()).ask(get("/", headers));
}

// RFC8705-6.5; 8705-06: from a trusted proxy, in either form, exactly once
TEST(ClientCertificateHeader, IsBelievedFromTrustedProxies) {
  RunningListener server(
      {.trusted_proxies = {"127.0.0.1"}, .client_certificate_header = "Client-Cert"},
      show_certificates);
  const auto identity = test::self_signed();
  EXPECT_EQ(through(server, "Client-Cert: " + rfc9440(identity) + "\r\n").body, shown(identity));
  EXPECT_EQ(through(server, "client-cert: " + url::encode(identity.pem()) + "\r\n").body,
            shown(identity));
  EXPECT_EQ(through(server, "").body, "");
  EXPECT_EQ(through(server, "Client-Cert:\r\n").body, "");
  for (const auto& headers :
       {"Client-Cert: " + rfc9440(identity) + "\r\nClient-Cert: " + rfc9440(identity) + "\r\n",
        "Client-Cert: " + rfc9440(identity) + ", " + rfc9440(identity) + "\r\n",
        std::string("Client-Cert: ::\r\n"), std::string("Client-Cert: (null)\r\n")}) {
    EXPECT_EQ(through(server, headers).status, 400) << headers;
  }
}

// RFC8705-6.5; 8705-06: a listed proxy's own certificate is not its client's, and a client behind
// PROXY v2 is no proxy
TEST(ClientCertificateHeader, IsTheOnlyWordOfAProxy) {
  const Certificates certificates;
  ClientContext tls{certificates.ca_file()};
  const auto own = test::self_signed();
  const auto victim = test::self_signed();
  tls.present(own);
  RunningListener server({.endpoints = {{.address = "127.0.0.1:0",
                                         .tls = certificates.files(),
                                         .client_certificates = Asked::asked}},
                          .trusted_proxies = {"127.0.0.1"},
                          .client_certificate_header = "Client-Cert"},
                         show_certificates);
  RawClient proxy(server.address(), tls.get(), "localhost");
  EXPECT_EQ(proxy.ask(get("/")).body, "");
  EXPECT_EQ(proxy.ask(get("/", "Client-Cert: " + rfc9440(victim) + "\r\n")).body, shown(victim));
  RawClient behind(server.address());
  behind.send(std::string("\r\n\r\n\0\r\nQUIT\n", 12) + "\x21\x11" + std::string("\0\x0c", 2) +
              std::string("\xcb\x00\x71\x07\x7f\x00\x00\x01\x30\x39\x01\xbb", 12));
  behind.begin_tls(tls.get(), "localhost");
  ASSERT_TRUE(behind.handshaken());
  EXPECT_EQ(behind.ask(get("/", "Client-Cert: " + rfc9440(victim) + "\r\n")).body, shown(own));
}

// 8705-06; 7.12: one certificate, in full lines, and not a byte around it
TEST(ClientCertificateHeader, IsReadStrictly) {
  const auto identity = test::self_signed();
  const auto pem = identity.pem();
  const auto read = [](const std::string& text) {
    return http::read_certificate_header(url::encode(text));
  };
  EXPECT_EQ(read(pem), identity.der());
  EXPECT_EQ(read(pem.substr(0, pem.size() - 1)), identity.der());
  const auto at = pem.find('\n') + 1;
  for (const auto& odd :
       {pem + pem, " " + pem, pem + "\n", pem.substr(1), "x\n" + pem, pem + "x",
        pem.substr(0, at) + "\n" + pem.substr(at),            // an empty line
        pem.substr(0, at + 10) + "\n" + pem.substr(at + 10),  // a short line
        pem.substr(0, at) + "Header: x\n" + pem.substr(at), pem.substr(0, at) + pem.substr(at + 65),
        std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
        std::string("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"),
        std::string("-----BEGIN CERTIFICATE-----")}) {
    EXPECT_FALSE(read(odd).has_value()) << odd;
  }
  auto crlf = pem;
  for (std::size_t i = 0; (i = crlf.find('\n', i)) != std::string::npos; i += 2) {
    crlf.replace(i, 1, "\r\n");
  }
  EXPECT_FALSE(read(crlf).has_value());
  const auto base64 = base64_encode(identity.der());
  EXPECT_EQ(http::read_certificate_header(":" + base64 + ":"), identity.der());
  for (const auto& odd : {base64, ":" + base64, base64 + ":", ":" + base64 + ":;x=1",
                          ":" + base64 + "=:", ":" + base64_encode(identity.der() + "x") + ":",
                          std::string(":"), std::string("%"), std::string()}) {
    EXPECT_FALSE(http::read_certificate_header(odd).has_value()) << odd;
  }
  EXPECT_FALSE(http::read_certificate_header(":" + std::string(40'000, 'A') + ":").has_value());
}

}  // namespace cardea::http_socket_test::client_certificates_test
