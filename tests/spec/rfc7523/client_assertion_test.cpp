// private_key_jwt at the token endpoint. RFC 7523 3, RFC 7521 4.2, RFC 8725; security corpus 1.12;
// decision Q13.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::client_assertion_test {

using test::Harness;
using test::is_json_refusal;

const std::string jwt_bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// Asks for a refresh with this assertion, which says whether authentication passed: the answer to a
// client that is who it says is then invalid_grant.
http::Response present(Harness& server, const std::string& assertion,
                       const std::string& type = jwt_bearer, const http::FormPairs& more = {}) {
  http::FormPairs form{{"grant_type", "refresh_token"},
                       {"refresh_token", "x"},
                       {"client_assertion_type", type},
                       {"client_assertion", assertion}};
  form.insert(form.end(), more.begin(), more.end());
  return server.send(server.post("/token", form));
}

void expect_accepted(Harness& server, const json::Object& changed, std::string_view typ = "JWT") {
  EXPECT_TRUE(
      is_json_refusal(present(server, server.assertion(changed, typ)), 400, "invalid_grant"));
}

void expect_refused(Harness& server, const std::string& assertion) {
  const auto writes = server.writes();
  EXPECT_TRUE(is_json_refusal(present(server, assertion), 401, "invalid_client"));
  EXPECT_EQ(server.writes(), writes);
}

// RFC7523-2.2: a whole exchange by private_key_jwt.
TEST(Rfc7523, S2_2_AnAssertionAuthenticatesTheClient) {
  Harness server;
  EXPECT_EQ(server.sign_up_tokens({.client = "cK"}).status, 200);
}

// RFC7523-3; 8725-08; D11: aud is the issuer, the token endpoint, or an array of only these.
TEST(Rfc7523, S3_AudienceIsOurselvesAlone) {
  Harness server;
  const std::string issuer = server.settings.issuer;
  const std::string endpoint = issuer + "/token";
  expect_accepted(server, {{"aud", issuer}});
  expect_accepted(server, {{"aud", endpoint}});
  expect_accepted(server, {{"aud", json::Array{issuer}}});
  expect_accepted(server, {{"aud", json::Array{issuer, endpoint}}});
  const std::vector<json::Value> bad{"https://other.example",
                                     issuer + "/",
                                     issuer + "/par",
                                     "https://other.example/token",
                                     "",
                                     json::Array{},
                                     json::Array{issuer, "https://other.example"},
                                     json::Array{issuer, 1},
                                     7,
                                     json::Object{{"iss", issuer}},
                                     nullptr};
  for (const auto& aud : bad) expect_refused(server, server.assertion({{"aud", aud}}));
}

// RFC7523-3; 8725-08: iss and sub are the client.
TEST(Rfc7523, S3_IssuerAndSubjectAreTheClient) {
  Harness server;
  for (const auto* name : {"iss", "sub"}) {
    for (const json::Value& value : {json::Value("cA"), json::Value("nobody"), json::Value(""),
                                     json::Value(7), json::Value(json::Array{"cK"}),
                                     json::Value(nullptr), json::Value("https://id.example")}) {
      expect_refused(server, server.assertion({{name, value}}));
    }
  }
}

// RFC7523-3; 8725-12; 8725-13; D12: exp is a sane date within the hour.
TEST(Rfc7523, S3_ExpiryIsSaneAndNear) {
  Harness server;
  const auto now = test::start.unix_seconds();
  expect_accepted(server, {{"exp", now + 3600}});
  expect_accepted(server, {{"exp", static_cast<double>(now) + 60.5}});
  const std::vector<json::Value> bad{
      nullptr, now - 60, now + 48 * 3600,      "soon", std::to_string(now + 60), -1,
      0,       1e300,    json::Array{now + 60}};
  for (const auto& exp : bad) expect_refused(server, server.assertion({{"exp", exp}}));
}

// RFC7523-3: nbf and iat, where present, are not ahead.
TEST(Rfc7523, S3_DatesAreNotAhead) {
  Harness server;
  const auto now = test::start.unix_seconds();
  expect_accepted(server, {{"nbf", now}, {"iat", nullptr}});
  for (const auto* name : {"nbf", "iat"}) {
    for (const json::Value& value : {json::Value(now + 61), json::Value("x")}) {
      expect_refused(server, server.assertion({{name, value}}));
    }
  }
}

// RFC7523-3; 8725-13; B09: a jti is used once within its life, and asked for.
TEST(Rfc7523, S3_AnAssertionIsUsedOnce) {
  Harness server;
  const auto assertion = server.assertion();
  EXPECT_TRUE(is_json_refusal(present(server, assertion), 400, "invalid_grant"));
  EXPECT_TRUE(is_json_refusal(present(server, assertion), 401, "invalid_client"));
  server.clock.advance({65});
  EXPECT_TRUE(is_json_refusal(present(server, assertion), 401, "invalid_client"));
  for (const json::Value& jti : {json::Value(nullptr), json::Value(""), json::Value(7),
                                 json::Value(std::string(257, 'j'))}) {
    expect_refused(server, server.assertion({{"jti", jti}}));
  }
}

// RFC7523-3; 8725-13: 32 at once: one is first.
TEST(Rfc7523, S3_ParallelReplaysHaveOneWinner) {
  Harness server;
  const auto assertion = server.assertion();
  std::vector<http::Request> requests;
  for (int i = 0; i < 32; ++i) {
    requests.push_back(server.post("/token", {{"grant_type", "refresh_token"},
                                              {"refresh_token", "x"},
                                              {"client_assertion_type", jwt_bearer},
                                              {"client_assertion", assertion}}));
  }
  int winners = 0;
  for (const auto& response : server.send_all(std::move(requests))) {
    winners += response.status == 400 ? 1 : 0;
  }
  EXPECT_EQ(winners, 1);
}

// RFC8725-3.11; 8725-10; Q5: no other kind of JWT passes, and nothing that we signed.
TEST(Rfc7523, S3_OtherKindsOfJwtAreRefused) {
  Harness server;
  expect_accepted(server, {}, "JWT");
  expect_accepted(server, {}, "");
  expect_accepted(server, {}, "client-authentication+jwt");
  for (const auto* typ : {"at+jwt", "logout+jwt", "dpop+jwt", "oauth-authz-req+jwt", "x"}) {
    expect_refused(server, server.assertion({}, typ));
  }
  const auto tokens =
      server.sign_up_tokens({.scope = "openid calendar.read", .resource = test::api});
  expect_refused(server, tokens.id_token);
  expect_refused(server, tokens.access_token);
}

// RFC8725-3.1; 8725-01; 8725-02: the key decides the algorithm; forged and unsigned ones fail.
TEST(Rfc7523, S3_TheSignatureIsTheClientsOwn) {
  Harness server;
  const auto good = server.assertion();
  const auto other_key = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  const auto claims = test::claims_of(good);
  expect_refused(server, jose::sign_jwt(other_key, "k1", "JWT", claims));
  expect_refused(server, good.substr(0, good.size() - 4));
  expect_refused(server, good.substr(0, good.rfind('.') + 1));
  expect_refused(server, "x");
  expect_refused(server, good + ".x");
  expect_refused(server, std::string(20'000, 'a') + ".b.c");
}

// RFC7521-4.2: the type is stated, and client_id names the same client.
TEST(Rfc7521, S4_2_TypeAndClientIdFit) {
  Harness server;
  EXPECT_TRUE(is_json_refusal(present(server, server.assertion(), "jwt"), 401, "invalid_client"));
  EXPECT_TRUE(is_json_refusal(present(server, server.assertion(), ""), 401, "invalid_client"));
  EXPECT_TRUE(
      is_json_refusal(present(server, server.assertion(), jwt_bearer, {{"client_id", "cA"}}), 401,
                      "invalid_client"));
  EXPECT_TRUE(
      is_json_refusal(present(server, server.assertion(), jwt_bearer, {{"client_id", "cK"}}), 400,
                      "invalid_grant"));
}

// RFC7523-3; D10: a client of private_key_jwt has no other way in, and others cannot use an
// assertion.
TEST(Rfc7523, S3_TheMethodIsTheRegisteredOne) {
  Harness server;
  const auto basic = server.send(server.post("/token", {{"grant_type", "refresh_token"}},
                                             {{"Authorization", test::basic("cK", "x")}}));
  EXPECT_TRUE(is_json_refusal(basic, 401, "invalid_client"));
  server.edit_client(
      "cK", [](Client& client) { client.token_endpoint_auth_method = ClientAuthMethod::none; });
  expect_refused(server, server.assertion());
}

}  // namespace cardea::client_assertion_test
