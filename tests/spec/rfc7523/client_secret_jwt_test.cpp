// client_secret_jwt: assertions authenticated by a MAC under the client's secret. OIDC Core 9, RFC
// 7523 3, RFC 7518 3.2, RFC 8725; security corpus 1.12; decision Q2.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "crypto/hash.h"
#include "server/client_auth/kept_secret.h"
#include "support/harness.h"

namespace cardea::client_secret_jwt_test {

using test::is_json_refusal;

const std::string jwt_bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const std::string secret = "cJ-secret-of-a-client-that-makes-MACs-0123";

struct ClientSecretJwt : testing::Test {
  test::Harness server;

  ClientSecretJwt() { register_client("cJ", {secret}); }

  void register_client(const std::string& client_id, const std::vector<std::string>& secrets) {
    Client client = server.client("cA");
    client.client_id = ClientId(client_id);
    client.token_endpoint_auth_method = ClientAuthMethod::client_secret_jwt;
    client.secrets.clear();
    for (const auto& each : secrets) {
      client.secrets.push_back(
          keep_secret(client, each, *server.seals, server.random, test::start));
    }
    server.put_client(client);
  }
  json::Object claims(const json::Object& changed = {}, const std::string& client_id = "cJ") {
    const auto now = server.clock.now().unix_seconds();
    json::Object all{
        {"iss", client_id}, {"sub", client_id}, {"aud", server.settings.issuer},
        {"exp", now + 60},  {"iat", now},       {"jti", new_identifier(server.random)}};
    for (const auto& member : changed.members()) {
      if (member.value.is_null()) {
        all.erase(member.name);
      } else {
        all.set(member.name, member.value);
      }
    }
    return all;
  }
  static std::string sign(const json::Object& claims, const std::string& by = secret,
                          std::string_view typ = "JWT") {
    return jose::make_mac_jwt(jose::MacSecret(by), typ, claims);
  }
  http::Response present(const std::string& assertion) {
    return server.send(server.post("/token", {{"grant_type", "refresh_token"},
                                              {"refresh_token", "x"},
                                              {"client_assertion_type", jwt_bearer},
                                              {"client_assertion", assertion}}));
  }
  // A client that is who it says learns that its grant is none.
  void expect_accepted(const std::string& assertion) {
    EXPECT_TRUE(is_json_refusal(present(assertion), 400, "invalid_grant"));
  }
  void expect_refused(const std::string& assertion) {
    const auto writes = server.writes();
    EXPECT_TRUE(is_json_refusal(present(assertion), 401, "invalid_client")) << assertion;
    EXPECT_EQ(server.writes(), writes);
  }
};

// OIDC-Core-9; RFC7518-3.2: a whole exchange by client_secret_jwt, at every endpoint
TEST_F(ClientSecretJwt, S9_AMacAuthenticatesTheClient) {
  expect_accepted(sign(claims()));
  const auto answer =
      server.send(server.post("/introspect", {{"token", "x"},
                                              {"client_assertion_type", jwt_bearer},
                                              {"client_assertion", sign(claims())}}));
  EXPECT_EQ(answer.status, 200);
  expect_refused(sign(claims(), "another-secret-of-43-characters-0123456789"));
  expect_refused(sign(claims()).substr(0, 40));
}

// RFC7523-3; 8725-08; 8725-10; 8725-12; 8725-13: the claims are judged as those of signatures are
TEST_F(ClientSecretJwt, S3_TheSameRules) {
  const auto now = test::start.unix_seconds();
  for (const json::Object& changed : std::vector<json::Object>{
           {{"aud", "https://other.example"}},
           {{"aud", json::Array{server.settings.issuer, "https://other.example"}}},
           {{"iss", "cA"}},
           {{"iss", nullptr}},
           {{"sub", "cA"}},
           {{"exp", nullptr}},
           {{"exp", now - 60}},
           {{"exp", now + 48 * 3600}},
           {{"nbf", now + 61}},
           {{"iat", now + 61}},
           {{"jti", nullptr}},
           {{"jti", ""}}}) {
    expect_refused(sign(claims(changed)));
  }
  for (const auto* typ : {"at+jwt", "logout+jwt", "dpop+jwt", "oauth-authz-req+jwt"}) {
    expect_refused(sign(claims(), secret, typ));
  }
}

// RFC7523-3; 8725-13; B09: a jti is used once
TEST_F(ClientSecretJwt, S3_AnAssertionIsUsedOnce) {
  const auto assertion = sign(claims());
  expect_accepted(assertion);
  EXPECT_TRUE(is_json_refusal(present(assertion), 401, "invalid_client"));
}

// RFC8725-2.1; RFC8725-3.1; 8725-01; 8725-02: a public key is no secret and a secret is no key;
// the registration decides, not the header
TEST_F(ClientSecretJwt, S2_1_KeysAndSecretsAreApart) {
  // cK registered a key, which everybody knows: a MAC under any spelling of it is no signature.
  const auto jwk = *server.client("cK").jwks->find("keys")->if_array()->front().if_object();
  for (const auto& known :
       {json::write(jwk), json::write(*server.client("cK").jwks),
        json::string_member(jwk, "x").value(), std::string(64, '\0'), std::string()}) {
    expect_refused(sign(claims({}, "cK"), known));
  }
  // And a signature by whatever key is none for a client of secrets.
  for (const auto algorithm :
       {crypto::SignatureAlgorithm::ES256, crypto::SignatureAlgorithm::EdDSA}) {
    expect_refused(jose::sign_jwt(crypto::PrivateKey::generate(algorithm), "k1", "JWT", claims()));
  }
  // A method is one way in: neither basic nor post with the same secret.
  EXPECT_TRUE(
      is_json_refusal(server.send(server.post("/token", {{"grant_type", "refresh_token"}},
                                              {{"Authorization", test::basic("cJ", secret)}})),
                      401, "invalid_client"));
  EXPECT_TRUE(is_json_refusal(server.send(server.post("/token", {{"grant_type", "refresh_token"},
                                                                 {"client_id", "cJ"},
                                                                 {"client_secret", secret}})),
                              401, "invalid_client"));
}

// RFC8725-3.1; 8725-01: a MAC comes under the name of the MAC and no other, nor with extensions
TEST_F(ClientSecretJwt, S3_1_TheHeaderNamesTheMac) {
  const auto with_header = [&](const std::string& header) {
    const auto text = base64url_encode(header) + "." + base64url_encode(json::write(claims()));
    return text + "." + base64url_encode(crypto::hmac_sha256(secret, text));
  };
  expect_accepted(with_header(R"({"alg":"HS256"})"));
  for (const auto* header :
       {R"({"alg":"none"})", R"({"alg":"hs256"})", R"({"alg":"HS512"})", R"({"alg":"ES256"})",
        R"({})", R"({"alg":["HS256"]})", R"({"alg":"HS256","crit":["exp"]})",
        R"({"alg":"HS256","b64":false})", R"({"alg":"HS256","alg":"HS256"})"}) {
    expect_refused(with_header(header));
  }
  // And without any MAC.
  const auto signed_one = with_header(R"({"alg":"HS256"})");
  expect_refused(signed_one.substr(0, signed_one.rfind('.') + 1));
}

// RFC8725-3.5; RFC7518-3.2; 8725-05: a secret shorter than the hash authenticates nobody
TEST_F(ClientSecretJwt, S3_5_ShortSecretsAreRefused) {
  for (const auto* weak : {"", "12345678", "0123456789abcdef0123456789abcde"}) {
    register_client("weak", {weak});
    expect_refused(sign(claims({}, "weak"), weak));
  }
  register_client("weak", {"0123456789abcdef0123456789abcdef"});
  expect_accepted(sign(claims({}, "weak"), "0123456789abcdef0123456789abcdef"));
}

// OIDC-Registration-2; RFC8725-3.1: token_endpoint_auth_signing_alg pins the algorithm
TEST_F(ClientSecretJwt, S2_TheRegisteredAlgorithm) {
  server.edit_client("cK",
                     [](Client& client) { client.token_endpoint_auth_signing_alg = "ES256"; });
  expect_accepted(server.assertion());
  server.edit_client("cK",
                     [](Client& client) { client.token_endpoint_auth_signing_alg = "PS256"; });
  expect_refused(server.assertion());
}

// RFC6749-2.3.1; Q2: two secrets may be valid, until their ends
TEST_F(ClientSecretJwt, S2_3_1_SecretsEnd) {
  const std::string old = "the-old-secret-of-43-characters-0123456789";
  register_client("cJ", {secret, old});
  expect_accepted(sign(claims()));
  expect_accepted(sign(claims(), old));
  server.edit_client(
      "cJ", [](Client& client) { client.secrets.back().expires_at = test::start + Seconds{60}; });
  expect_accepted(sign(claims(), old));
  server.clock.advance({61});
  expect_refused(sign(claims(), old));
  expect_accepted(sign(claims()));
}

// Q2: nothing of the secret is in the store in clear, and it opens for its own client alone
TEST_F(ClientSecretJwt, Q2_SecretsAreKeptSealed) {
  const auto client = server.client("cJ");
  EXPECT_EQ(write_client(client).find(secret), std::string::npos);
  ASSERT_FALSE(client.secrets.front().sealed.empty());
  const auto opened = open_secret(client, client.secrets.front(), *server.seals);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->reveal(), secret);
  auto other = client;
  other.client_id = ClientId("other");
  EXPECT_FALSE(open_secret(other, client.secrets.front(), *server.seals).has_value());
  // A moved row lets nobody in.
  server.put_client(other);
  expect_refused(sign(claims({}, "other")));
  // Another method keeps the digest alone.
  auto changed = client;
  changed.token_endpoint_auth_method = ClientAuthMethod::client_secret_basic;
  EXPECT_TRUE(
      keep_secret(changed, secret, *server.seals, server.random, test::start).sealed.empty());
  EXPECT_FALSE(lacks_sealed_secret(changed));
  forget_sealed_secrets(changed);
  EXPECT_TRUE(changed.secrets.front().sealed.empty());
  changed.token_endpoint_auth_method = ClientAuthMethod::client_secret_jwt;
  EXPECT_TRUE(lacks_sealed_secret(changed));
}

// RFC8414-2; 9700-16: discovery names the method and its algorithm; request objects are not MACed
TEST_F(ClientSecretJwt, S2_DiscoveryNamesIt) {
  const auto document = test::json_of(server.send(server.get("/.well-known/openid-configuration")));
  const auto holds = [&](const std::string& name, const std::string& word) {
    const auto list = json::strings_member(document, name).value();
    return std::ranges::find(list, word) != list.end();
  };
  for (const std::string endpoint : {"token", "introspection", "revocation"}) {
    EXPECT_TRUE(holds(endpoint + "_endpoint_auth_methods_supported", "client_secret_jwt"));
    EXPECT_TRUE(holds(endpoint + "_endpoint_auth_signing_alg_values_supported", "HS256"));
  }
  EXPECT_FALSE(holds("request_object_signing_alg_values_supported", "HS256"));
}

}  // namespace cardea::client_secret_jwt_test
