// Who the peer is: X-Forwarded-For and PROXY v2, believed from listed proxies alone. Security
// corpus I01, I02, 7.23.
#include <gtest/gtest.h>

#include "http/listener/peer.h"

#include "http/listener/proxy_v2.h"
#include "running_listener.h"

namespace cardea::http_socket_test::proxies_test {

std::string proxy_header(char command, char family, const std::string& addresses) {
  const auto size = addresses.size();
  return std::string("\r\n\r\n\0\r\nQUIT\n", 12) + static_cast<char>(0x20 | command) + family +
         static_cast<char>(size >> 8) + static_cast<char>(size & 0xff) + addresses;
}
const std::string v4_header =
    proxy_header(1, 0x11, std::string("\xcb\x00\x71\x07\x7f\x00\x00\x01\x30\x39\x01\xbb", 12));
const std::string v6_header =
    proxy_header(1, 0x21,
                 std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x05" +
                     std::string(16, '\0') + "\x30\x39\x01\xbb" + "TLV");

std::string peer_seen(RunningListener& server, const std::string& headers) {
  const auto body = RawClient(server.address()).ask(get("/", headers)).body;
  return body.size() < 7 ? body : body.substr(6, body.size() - 7);
}

// RFC9700-4.13; 9700-13; I02: a forwarded address counts from a listed proxy only, and only as far
// as listed proxies vouch for it.
TEST(TrustedProxies, ForwardedAddressesAreWalkedFromTheRight) {
  RunningListener trusting({.trusted_proxies = {"127.0.0.0/8", "10.0.0.0/8", "2001:db8:1::/48"}});
  const std::vector<std::pair<std::string, std::string>> rows{
      {"", "127.0.0.1"},
      {"X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
      {"x-forwarded-for: 198.51.100.1, 203.0.113.7\r\n", "203.0.113.7"},
      {"X-Forwarded-For: 198.51.100.1, 203.0.113.7, 10.1.2.3\r\n", "203.0.113.7"},
      {"X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.7, 10.1.2.3\r\n",
       "203.0.113.7"},
      {"X-Forwarded-For: 2001:db8:2::7, 2001:db8:1::1\r\n", "2001:db8:2::7"},
      {"X-Forwarded-For: ::ffff:203.0.113.7\r\n", "203.0.113.7"},
      {"X-Forwarded-For: 10.9.9.9\r\n", "10.9.9.9"},
      {"X-Forwarded-For: a.b.c\r\n", "127.0.0.1"},
      {"X-Forwarded-For: 203.0.113.7, unknown\r\n", "127.0.0.1"},
      {"X-Forwarded-For: 203.0.113.7, _hidden, 10.1.2.3\r\n", "10.1.2.3"},
      {"X-Forwarded-For: fe80::1%eth0\r\n", "127.0.0.1"},
      {"X-Forwarded-For: 203.0.113.07\r\n", "127.0.0.1"},
      {"X-Forwarded-For:\r\n", "127.0.0.1"},
      {"Forwarded: for=203.0.113.7\r\nX-Real-IP: 203.0.113.7\r\n", "127.0.0.1"},
  };
  for (const auto& [headers, peer] : rows) EXPECT_EQ(peer_seen(trusting, headers), peer) << headers;

  RunningListener wary;
  EXPECT_EQ(peer_seen(wary, "X-Forwarded-For: 203.0.113.7\r\n"), "127.0.0.1");
  RunningListener trusting_others({.trusted_proxies = {"10.0.0.0/8", "unix"}});
  EXPECT_EQ(peer_seen(trusting_others, "X-Forwarded-For: 203.0.113.7\r\n"), "127.0.0.1");
}

// 9700-13; I01: forwarded host and scheme change nothing, whoever sends them.
TEST(TrustedProxies, ForwardedHostDoesNotReplaceHost) {
  RunningListener server({.trusted_proxies = {"127.0.0.1"}, .accepted_hosts = {"localhost"}});
  RawClient client(server.address());
  EXPECT_EQ(
      client.ask("GET / HTTP/1.1\r\nHost: evil\r\nX-Forwarded-Host: localhost\r\n\r\n").status,
      421);
}

// 7.23: a thousand hops are one walk.
TEST(TrustedProxies, ManyHopsEndSomewhere) {
  const auto trusted = http::TrustedProxies::parse({"127.0.0.1", "10.0.0.0/8"});
  std::string hops = "203.0.113.7";
  for (int at = 0; at < 1000; ++at) hops += ", 10.0.0.1";
  const auto peer =
      http::forwarded_peer(*trusted, parse_ip("127.0.0.1"), {{"X-Forwarded-For", hops}});
  EXPECT_EQ(http::write_peer(peer), "203.0.113.7");
}

TEST(TrustedProxies, EntriesAreCheckedAtStart) {
  for (const auto* bad : {"localhost", "10.0.0.0/33", "10.0.0.1/8", "::/129", "10.0.0.0/",
                          "10.0.0.0/x", "", "Unix", "10.0.0.0/-1"}) {
    NullLog log;
    const auto bound = http::Listener::bind(
        {.endpoints = {{.address = "127.0.0.1:0", .tls = nullptr}}, .trusted_proxies = {bad}}, echo,
        log);
    ASSERT_FALSE(bound.ok()) << bad;
    EXPECT_EQ(bound.error().address, "trusted_proxies");
  }
  const auto any = http::TrustedProxies::parse({"0.0.0.0/0", "::1"});
  ASSERT_TRUE(any.ok());
  EXPECT_TRUE(any->contains(parse_ip("203.0.113.7")));
  EXPECT_FALSE(any->contains(parse_ip("2001:db8::1")));
  EXPECT_FALSE(any->contains(std::nullopt));
}

TEST(ProxyV2, NamesThePeerWhenAListedProxySendsIt) {
  RunningListener server({.trusted_proxies = {"127.0.0.1"}});
  const auto peer = [&](const std::string& header) {
    return RawClient(server.address()).ask(header + get("/")).body;
  };
  EXPECT_EQ(peer(v4_header), "GET / 203.0.113.7 ");
  EXPECT_EQ(peer(v6_header), "GET / 2001:db8::5 ");
  EXPECT_EQ(peer(proxy_header(0, 0, "")), "GET / 127.0.0.1 ");
  EXPECT_EQ(peer(proxy_header(1, 0, "")), "GET / 127.0.0.1 ");
  EXPECT_EQ(peer(proxy_header(1, 0x31, std::string(216, 'a'))), "GET /  ");
  EXPECT_EQ(peer(""), "GET / 127.0.0.1 ");
}

TEST(ProxyV2, HoldsForTheWholeConnection) {
  RunningListener server({.trusted_proxies = {"127.0.0.1"}});
  RawClient client(server.address());
  for (const char byte : v4_header) client.send({&byte, 1});
  EXPECT_EQ(client.ask(get("/")).body, "GET / 203.0.113.7 ");
  // The proxied peer is no proxy itself: what it claims does not count.
  EXPECT_EQ(client.ask(get("/", "X-Forwarded-For: 198.51.100.1\r\n")).body, "GET / 203.0.113.7 ");
}

// 9700-13; 7.23: a PROXY header from anyone else is refused.
TEST(ProxyV2, IsRefusedFromAnyoneElse) {
  RunningListener server({.trusted_proxies = {"10.0.0.0/8"}});
  RawClient client(server.address());
  const auto response = client.ask(v4_header + get("/"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, "A PROXY header is accepted from trusted proxies only.\n");
  EXPECT_TRUE(client.is_closed());
}

TEST(ProxyV2, MalformedHeadersAreRefused) {
  RunningListener server({.trusted_proxies = {"127.0.0.1"}});
  auto version_1 = v4_header;
  version_1[12] = 0x11;
  for (const auto& header :
       {version_1, proxy_header(2, 0x11, std::string(12, 'a')), proxy_header(1, 0x11, "short"),
        proxy_header(1, 0x21, std::string(35, 'a')), proxy_header(1, 0x41, std::string(12, 'a')),
        proxy_header(1, 0x11, std::string(3000, 'a'))}) {
    RawClient client(server.address());
    EXPECT_EQ(client.ask(header + get("/")).status, 400);
  }
}

TEST(ProxyV2, ComesBeforeTls) {
  const Certificates certificates;
  const TlsClientContext tls(certificates.ca_file());
  RunningListener server({.endpoints = {{.address = "127.0.0.1:0", .tls = certificates.files()}},
                          .trusted_proxies = {"127.0.0.1"}});
  RawClient client(server.address());
  client.send(v4_header);
  client.begin_tls(tls.get(), "localhost");
  ASSERT_TRUE(client.handshaken());
  EXPECT_EQ(client.ask(get("/")).body, "GET / 203.0.113.7 ");
}

// 7.23: every prefix of a header asks for more, and no byte beyond it is taken.
TEST(ProxyV2, AnySplitMeansTheSame) {
  for (const auto& header : {v4_header, v6_header}) {
    for (std::size_t size = 0; size < header.size(); ++size) {
      EXPECT_EQ(http::parse_proxy_v2(header.substr(0, size)).verdict,
                http::ProxyHeader::Verdict::more);
    }
    const auto parsed = http::parse_proxy_v2(header + "GET");
    EXPECT_EQ(parsed.verdict, http::ProxyHeader::Verdict::present);
    EXPECT_EQ(parsed.size, header.size());
  }
  EXPECT_EQ(http::parse_proxy_v2("\r\n\r\nG").verdict, http::ProxyHeader::Verdict::absent);
}

}  // namespace cardea::http_socket_test::proxies_test
