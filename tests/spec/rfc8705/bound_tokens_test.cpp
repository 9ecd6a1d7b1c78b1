// RFC 8705 3 and 4: tokens that are bound to the certificate of the connection. Security corpus
// 1.11.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "crypto/hash.h"
#include "support/client_certificates.h"
#include "support/dpop_proof.h"
#include "support/harness.h"

namespace cardea::rfc8705_bound_tokens_test {

using test::is_json_refusal;

struct Rfc8705BoundTokens : testing::Test {
  test::Harness server{{.issuer = "https://id.example", .settings = [](Settings& settings) {
                          settings.has_mutual_tls = true;
                          settings.has_client_authorities = true;
                          settings.mtls_origin = "https://mtls.example";
                        }}};
  const std::string own = test::self_signed().der();
  const std::string other = test::self_signed().der();

  Rfc8705BoundTokens() {
    for (const auto* id : {"cA", "cc", "pS"}) {
      server.edit_client(
          id, [](Client& client) { client.tls_client_certificate_bound_access_tokens = true; });
    }
  }
  static http::Request with(http::Request request, const std::string& certificate) {
    if (!certificate.empty()) request.client_certificates = {certificate};
    return request;
  }
  static std::string thumbprint(const std::string& der) {
    return base64url_encode(crypto::sha256(der));
  }
  test::Tokens redeem(const std::string& client, const test::CodeWish& wish,
                      const std::string& certificate) {
    auto asked = wish;
    asked.client = client;
    const auto code = server.issue_code(asked);
    return test::tokens_of(server.send(with(server.redeem_request(client, code), certificate)));
  }
  test::Tokens refresh(const std::string& client, const std::string& token,
                       const std::string& certificate) {
    return test::tokens_of(server.send(with(server.refresh_request(client, token), certificate)));
  }
  http::Response userinfo(const std::string& token, const std::string& certificate,
                          const std::string& scheme = "Bearer") {
    return server.send(
        with(server.get("/userinfo", {{"Authorization", scheme + " " + token}}), certificate));
  }
  static std::optional<std::string> bound_to(const json::Object& claims) {
    const auto* cnf = claims.find("cnf");
    if (cnf == nullptr) return std::nullopt;
    return json::string_member(*cnf->if_object(), "x5t#S256");
  }
};

// RFC8705-3.1; RFC8705-3.2; 8705-03; asvs-10.3.5: cnf is the SHA-256 of the DER, in every token
TEST_F(Rfc8705BoundTokens, S3_TokensSayTheirCertificate) {
  const auto jwt = redeem("cA", {.scope = "openid calendar.read", .resource = test::api}, own);
  ASSERT_EQ(jwt.status, 200);
  EXPECT_EQ(bound_to(test::claims_of(jwt.access_token)), thumbprint(own));
  EXPECT_EQ(bound_to(server.introspect(jwt.access_token)), thumbprint(own));
  EXPECT_EQ(json::string_member(test::json_of(jwt.response), "token_type"), "Bearer");
  const auto opaque = redeem("cA", {}, own);
  EXPECT_EQ(bound_to(test::json_of(server.send(with(
                server.as_client("cA", "/introspect", {{"token", opaque.access_token}}), own)))),
            thumbprint(own));
  const auto refreshed = refresh("cA", jwt.refresh_token, other);
  ASSERT_EQ(refreshed.status, 200) << refreshed.error;
  EXPECT_EQ(bound_to(test::claims_of(refreshed.access_token)), thumbprint(other));
  const auto credentials =
      test::tokens_of(server.send(with(server.as_client("cc", "/token",
                                                        {{"grant_type", "client_credentials"},
                                                         {"scope", "calendar.read"},
                                                         {"resource", test::api}}),
                                       own)));
  ASSERT_EQ(credentials.status, 200) << credentials.error;
  EXPECT_EQ(bound_to(test::claims_of(credentials.access_token)), thumbprint(own));
}

// RFC8705-3; fapi-5.3.2.1-b: a client that registered for it gets no token that is not bound
TEST_F(Rfc8705BoundTokens, S3_NoCertificateNoToken) {
  const auto code = server.issue_code({.client = "cA"});
  const auto writes = server.writes();
  EXPECT_TRUE(
      is_json_refusal(server.send(server.redeem_request("cA", code)), 400, "invalid_request"));
  EXPECT_EQ(server.watcher.last().refusal->rule, "CARDEA-MTLS-001");
  EXPECT_EQ(server.writes(), writes);
  EXPECT_EQ(test::tokens_of(server.send(with(server.redeem_request("cA", code), own))).status, 200);
  // One that did not is not bound by a certificate that it happens to have.
  const auto plain = redeem("cB", {.scope = "openid calendar.read", .resource = test::api}, own);
  ASSERT_EQ(plain.status, 200);
  EXPECT_EQ(bound_to(test::claims_of(plain.access_token)), std::nullopt);
}

// RFC8705-3; 8705-04: a bound token comes with its certificate, or not at all
TEST_F(Rfc8705BoundTokens, S3_AtUserinfo) {
  const auto token = redeem("cA", {}, own).access_token;
  EXPECT_EQ(userinfo(token, own).status, 200);
  for (const auto& certificate : {other, std::string()}) {
    const auto refused = userinfo(token, certificate);
    EXPECT_EQ(refused.status, 401);
    EXPECT_NE(refused.headers.first("WWW-Authenticate").find("error=\"invalid_token\""),
              std::string::npos);
  }
  EXPECT_EQ(userinfo(token, own, "DPoP").status, 401);
  // A token that is bound to nothing does not mind.
  EXPECT_EQ(userinfo(redeem("cB", {}, "").access_token, own).status, 200);
}

// RFC8705-4; 8705-05; RT13: refresh tokens of public clients are bound as well, and stay
TEST_F(Rfc8705BoundTokens, S4_RefreshTokensOfPublicClients) {
  const auto first = redeem("pS", {}, own);
  ASSERT_EQ(first.status, 200) << first.error;
  EXPECT_TRUE(
      is_json_refusal(refresh("pS", first.refresh_token, other).response, 400, "invalid_grant"));
  EXPECT_TRUE(
      is_json_refusal(refresh("pS", first.refresh_token, "").response, 400, "invalid_request"));
  EXPECT_EQ(server.log.count("rt_wrong_key"), 1);
  const auto again = refresh("pS", first.refresh_token, own);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.refresh_token, first.refresh_token);
  // Also when the client's registration has changed since.
  server.edit_client(
      "pS", [](Client& client) { client.tls_client_certificate_bound_access_tokens = false; });
  EXPECT_TRUE(
      is_json_refusal(refresh("pS", first.refresh_token, "").response, 400, "invalid_grant"));
}

// RFC8705-3; RFC9449-5: a token is bound once, and a key is no certificate
TEST_F(Rfc8705BoundTokens, S3_KeysAndCertificatesAreApart) {
  const test::DpopKey key;
  const auto code = server.issue_code({.client = "cA"});
  const auto both =
      test::with_proof(with(server.redeem_request("cA", code), own), key.proof(server));
  EXPECT_TRUE(is_json_refusal(server.send(both), 400, "invalid_request"));
  const auto by_key = test::tokens_of(server.send(test::with_proof(
      server.redeem_request("cB", server.issue_code({.client = "cB"})), key.proof(server))));
  ASSERT_EQ(by_key.status, 200) << by_key.error;
  EXPECT_EQ(userinfo(by_key.access_token, own).status, 401);
  EXPECT_EQ(userinfo(by_key.access_token, own, "DPoP").status, 401);
}

// RFC8705-5; RFC9449-4.3; 9449-13: a proof may name the alias of the endpoint, and no other host
TEST_F(Rfc8705BoundTokens, S5_ProofsNameTheAlias) {
  const test::DpopKey key;
  const auto ask = [&](const std::string& url) {
    return server
        .send(test::with_proof(server.redeem_request("cB", server.issue_code({.client = "cB"})),
                               key.proof(server, {.url = url})))
        .status;
  };
  EXPECT_EQ(ask("https://id.example/token"), 200);
  EXPECT_EQ(ask("https://mtls.example/token"), 200);
  EXPECT_EQ(ask("https://mtls.example/userinfo"), 400);
  EXPECT_EQ(ask("https://evil.example/token"), 400);
}

}  // namespace cardea::rfc8705_bound_tokens_test
