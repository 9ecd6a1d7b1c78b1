// RFC 8705 2: clients that are known by the certificate of their connection. Security corpus 1.11.
#include <gtest/gtest.h>

#include "support/client_certificates.h"
#include "support/harness.h"

namespace cardea::rfc8705_authentication_test {

using test::CertificateWish;
using test::ClientIdentity;
using test::is_json_refusal;
using test::TestAuthority;

struct Rfc8705Authentication : testing::Test {
  test::Harness server{{.issuer = "https://id.example", .settings = [](Settings& settings) {
                          settings.has_mutual_tls = true;
                          settings.has_client_authorities = true;
                          settings.mtls_origin = "https://mtls.example";
                        }}};
  TestAuthority authority;
  TestAuthority stranger{"Another authority"};

  Rfc8705Authentication() {
    server.client_authorities = crypto::CertificateAuthorities::parse(authority.pem()).value();
  }

  void put(const std::function<void(Client&)>& change,
           ClientAuthMethod method = ClientAuthMethod::tls_client_auth) {
    Client client = server.client("cA");
    client.client_id = ClientId("cM");
    client.token_endpoint_auth_method = method;
    client.secrets.clear();
    change(client);
    for (const auto& problem : check_client(client)) ADD_FAILURE() << problem.reason;
    server.put_client(client);
  }
  http::Request request(std::vector<std::string> certificates, const std::string& client_id = "cM",
                        const std::string& endpoint = "/token") const {
    http::FormPairs form{{"grant_type", "refresh_token"}, {"refresh_token", "x"}, {"token", "x"}};
    if (!client_id.empty()) form.emplace_back("client_id", client_id);
    auto made = server.post(endpoint, form);
    made.client_certificates = std::move(certificates);
    return made;
  }
  // A client that is who it says learns that its grant is none.
  void expect_accepted(const ClientIdentity& identity) {
    EXPECT_TRUE(is_json_refusal(server.send(request({identity.der()})), 400, "invalid_grant"));
  }
  void expect_refused(std::vector<std::string> certificates) {
    const auto writes = server.writes();
    EXPECT_TRUE(
        is_json_refusal(server.send(request(std::move(certificates))), 401, "invalid_client"));
    EXPECT_EQ(server.writes(), writes);
    EXPECT_EQ(server.watcher.last().refusal->rule, "CARDEA-CLIENT-009");
  }
  void expect_refused(const ClientIdentity& identity) { expect_refused({identity.der()}); }
};

// RFC8705-2.1; RFC8705-2.1.2; 8705-01: exactly the registered attribute, from the right authority
TEST_F(Rfc8705Authentication, S2_1_TheRegisteredNameCounts) {
  const CertificateWish all{
      .names = "DNS:app.example,URI:urn:example:app,IP:192.0.2.7,IP:2001:db8::7,email:a@b.example"};
  struct Row {
    std::string Client::* member;
    std::string value;
    std::string other;
  };
  const std::vector<Row> rows{
      {&Client::tls_client_auth_subject_dn, "CN=app,O=Example", "O=Example,CN=app"},
      {&Client::tls_client_auth_subject_dn, "CN=app,O=Example", "CN=app"},
      {&Client::tls_client_auth_san_dns, "APP.example", "example"},
      {&Client::tls_client_auth_san_dns, "app.example", "*.example"},
      {&Client::tls_client_auth_san_uri, "urn:example:app", "urn:example:APP"},
      {&Client::tls_client_auth_san_ip, "192.0.2.7", "192.0.2.8"},
      {&Client::tls_client_auth_san_ip, "2001:db8:0:0::7", "2001:db8::8"},
      {&Client::tls_client_auth_san_email, "a@b.example", "A@b.example"}};
  const auto identity = authority.issue(all);
  const auto forged = stranger.issue(all);
  const auto own = test::self_signed(all);
  for (const auto& [member, value, other] : rows) {
    put([&, at = member](Client& client) { client.*at = value; });
    expect_accepted(identity);
    expect_refused(forged);
    expect_refused(own);
    expect_refused(authority.issue({.common_name = "other", .names = "DNS:other.example"}));
    put([&, at = member](Client& client) { client.*at = other; });
    expect_refused(identity);
  }
}

// RFC8705-2.1; 8705-01: one kind of name is not taken for another
TEST_F(Rfc8705Authentication, S2_1_NamesOfAnotherKindDoNotCount) {
  put([](Client& client) { client.tls_client_auth_san_dns = "app.example"; });
  expect_refused(authority.issue({.common_name = "app.example"}));
  expect_refused(authority.issue({.names = "URI:app.example,email:x@app.example"}));
  put([](Client& client) { client.tls_client_auth_subject_dn = "CN=app,O=Example"; });
  // An RDN whose text looks like two.
  expect_refused(authority.issue({.common_name = "app,O=Example"}));
  expect_refused(authority.issue({.common_name = std::string("app\0x", 5)}));
}

// RFC8705-2.1; 8705-01: the chain is judged: authorities between, ends, uses
TEST_F(Rfc8705Authentication, S2_1_TheChainIsJudged) {
  put([](Client& client) { client.tls_client_auth_san_dns = "app.example"; });
  const CertificateWish wish{.names = "DNS:app.example"};
  const TestAuthority between("Between", authority);
  const auto identity = between.issue(wish);
  expect_refused(identity);  // the way to the authority is missing
  EXPECT_TRUE(
      is_json_refusal(server.send(request({identity.der(), between.der()})), 400, "invalid_grant"));
  expect_refused({identity.der(), TestAuthority("Between", stranger).der()});
  expect_refused({identity.der(), "no certificate"});
  auto past = wish;
  past.until = test::start - Seconds{1};
  expect_refused(authority.issue(past));
  auto future = wish;
  future.from = test::start + Seconds{60};
  expect_refused(authority.issue(future));
  auto for_servers = wish;
  for_servers.usage = "serverAuth";
  expect_refused(authority.issue(for_servers));
  // A leaf is no authority.
  expect_refused({test::self_signed(wish).der(), authority.issue(wish).der()});
  expect_refused({std::string("\x30\x03\x02\x01\x01", 5)});
  expect_refused({authority.issue(wish).der() + "x"});
  // Without a list of authorities nobody is vouched for.
  const auto good = authority.issue(wish);
  expect_accepted(good);
  server.client_authorities = {};
  expect_refused(good);
}

// RFC8705-2.2; RFC8705-2.2.2; 8705-02: the certificate is one of the registered ones
TEST_F(Rfc8705Authentication, S2_2_SelfSignedCertificates) {
  const auto first = test::self_signed({.common_name = "one"});
  const auto second = test::self_signed({.common_name = "two"});
  const auto expired = test::self_signed({.common_name = "old", .until = test::start - Seconds{1}});
  put(
      [&](Client& client) {
        client.jwks =
            json::Object{{"keys", json::Array{first.jwk("1"), second.jwk("2"), expired.jwk("3")}}};
      },
      ClientAuthMethod::self_signed_tls_client_auth);
  expect_accepted(first);
  expect_accepted(second);
  expect_refused(expired);
  expect_refused(test::self_signed({.common_name = "one"}));  // the same names
  expect_refused(authority.issue());
  expect_refused(std::vector<std::string>{});
  // A registered one counts as the leaf alone.
  expect_refused({test::self_signed().der(), first.der()});
}

// RFC8705-2.2; RFC8705-2.2.2: certificates at the client's jwks_uri, rotated without a word
TEST_F(Rfc8705Authentication, S2_2_AtJwksUri) {
  const auto first = test::self_signed();
  const auto next = test::self_signed();
  put([](Client& client) { client.jwks_uri = "https://client.example/jwks"; },
      ClientAuthMethod::self_signed_tls_client_auth);
  const auto publish = [&](const ClientIdentity& identity) {
    server.fetcher.answer("https://client.example/jwks", 200,
                          json::write(json::Object{{"keys", json::Array{identity.jwk("1")}}}));
  };
  publish(first);
  expect_accepted(first);
  expect_refused(next);
  publish(next);
  server.clock.advance({20});
  expect_accepted(next);
}

// RFC7517-4.7; 8725-04: nor does one that speaks of no key at all; a set with it is read
TEST_F(Rfc8705Authentication, S4_7_ACertificateOfNoKeyCountsForNothing) {
  auto jwk = test::self_signed().jwk("1");
  jwk.set("x5c", json::Array{std::string(test::certificate_of_no_point)});
  const auto keys = jose::JwkSet::parse(json::Object{{"keys", json::Array{jwk}}});
  EXPECT_TRUE(keys.ok());
}

// RFC7517-4.7; 8725-09: x5c that speaks of another key than the one beside it counts for nothing
TEST_F(Rfc8705Authentication, S2_2_2_CertificatesFitTheirKeys) {
  const auto own = test::self_signed();
  const auto foreign = test::self_signed();
  auto jwk = own.jwk("1");
  jwk.set("x5c", *foreign.jwk("1").find("x5c"));
  const auto keys = jose::JwkSet::parse(json::Object{{"keys", json::Array{jwk}}});
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys->keys().size(), 1U);
  EXPECT_TRUE(keys->certificates().empty());
  for (const json::Value& odd :
       {json::Value("x"), json::Value(json::Array{}), json::Value(json::Array{"!"}),
        json::Value(json::Array{1}), json::Value(json::Array{"MAA="})}) {
    jwk.set("x5c", odd);
    EXPECT_TRUE(
        jose::JwkSet::parse(json::Object{{"keys", json::Array{jwk}}})->certificates().empty());
  }
}

// RFC8705-2; 8705-08: client_id is required; nobody is found by a certificate
TEST_F(Rfc8705Authentication, S2_ClientIdIsRequired) {
  put([](Client& client) { client.tls_client_auth_san_dns = "app.example"; });
  const auto identity = authority.issue({.names = "DNS:app.example"});
  expect_accepted(identity);
  EXPECT_TRUE(is_json_refusal(server.send(request({identity.der()}, "")), 401, "invalid_client"));
  EXPECT_TRUE(is_json_refusal(server.send(request({identity.der()}, "cA")), 401, "invalid_client"));
  EXPECT_TRUE(
      is_json_refusal(server.send(request({identity.der()}, "nobody")), 401, "invalid_client"));
  expect_refused(std::vector<std::string>{});
  server.edit_client("cM", [](Client& client) { client.enabled = false; });
  EXPECT_TRUE(is_json_refusal(server.send(request({identity.der()})), 401, "invalid_client"));
}

// RFC8705-2; RFC6749-2.3; D10: the method is the registered one, at every endpoint
TEST_F(Rfc8705Authentication, S2_OneMethodEverywhere) {
  put([](Client& client) { client.tls_client_auth_san_dns = "app.example"; });
  const auto identity = authority.issue({.names = "DNS:app.example"});
  for (const auto* endpoint : {"/introspect", "/revoke"}) {
    EXPECT_EQ(server.send(request({identity.der()}, "cM", endpoint)).status, 200) << endpoint;
    EXPECT_TRUE(is_json_refusal(server.send(request({}, "cM", endpoint)), 401, "invalid_client"));
  }
  auto by_secret = request({identity.der()}, "");
  by_secret.headers.add("Authorization", test::basic("cM", test::secret_of("cA")));
  EXPECT_TRUE(is_json_refusal(server.send(by_secret), 401, "invalid_client"));
  // A certificate is no credential of a client that registered another method.
  EXPECT_EQ(server.send(server.as_client("cA", "/introspect", {{"token", "x"}})).status, 200);
}

// RFC8705-3.3; RFC8705-5; 8705-07; 9700-16: metadata names the methods and the aliases, or nothing
TEST_F(Rfc8705Authentication, S5_AliasesArePublished) {
  const auto document = test::json_of(server.send(server.get("/.well-known/openid-configuration")));
  const auto methods =
      json::strings_member(document, "token_endpoint_auth_methods_supported").value();
  EXPECT_EQ(std::ranges::count(methods, "tls_client_auth"), 1);
  EXPECT_EQ(std::ranges::count(methods, "self_signed_tls_client_auth"), 1);
  EXPECT_EQ(json::bool_member(document, "tls_client_certificate_bound_access_tokens"), true);
  const auto aliases = *document.find("mtls_endpoint_aliases")->if_object();
  EXPECT_FALSE(aliases.contains("authorization_endpoint"));
  for (const auto& member : aliases.members()) {
    const auto conventional = json::string_member(document, member.name).value();
    EXPECT_EQ(*member.value.if_string(),
              "https://mtls.example" + conventional.substr(server.settings.issuer.size()));
  }
  test::Harness without;
  const auto plain = test::json_of(without.send(without.get("/.well-known/openid-configuration")));
  EXPECT_FALSE(plain.contains("mtls_endpoint_aliases"));
  EXPECT_FALSE(plain.contains("tls_client_certificate_bound_access_tokens"));
  EXPECT_EQ(std::ranges::count(
                json::strings_member(plain, "token_endpoint_auth_methods_supported").value(),
                "tls_client_auth"),
            0);
}

}  // namespace cardea::rfc8705_authentication_test
