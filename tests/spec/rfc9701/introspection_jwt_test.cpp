// Introspection answered as a JWT. RFC 9701; what a caller may see is that of RFC 7662 in both
// forms.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::rfc9701_test {

using crypto::EncryptionKeyType;
using crypto::EncryptionPrivateKey;
using crypto::SignatureAlgorithm;
using test::Harness;

const std::string media_type = "application/token-introspection+jwt";

struct Rfc9701 : testing::Test {
  Harness server;
  std::string token =
      server.sign_up_tokens({.scope = "openid calendar.read offline_access", .resource = test::api})
          .access_token;

  http::Response ask(const std::string& about, const std::string& caller = "api",
                     const std::string& accept = media_type) {
    auto request = server.as_client(caller, "/introspect", {{"token", about}});
    if (!accept.empty()) request.headers.add("Accept", accept);
    return server.send(std::move(request));
  }
  // The claims of an answer that was verified with the published keys.
  json::Object verified(const http::Response& response,
                        SignatureAlgorithm algorithm = SignatureAlgorithm::RS256) {
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.first("Content-Type"), media_type);
    EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
    return claims_in(response.body, algorithm);
  }
  json::Object claims_in(const std::string& text, SignatureAlgorithm algorithm) {
    const auto jwt = jose::verify_jwt(text, *server.keys->verification_keys(), {algorithm});
    if (!jwt) {
      ADD_FAILURE() << jose::name_of(jwt.error()) << ": " << text;
      return {};
    }
    EXPECT_EQ(jwt->typ, "token-introspection+jwt");
    return jwt->claims;
  }
};

const json::Object inactive{{"active", false}};

// RFC9701-5; 9701-01: iss, aud, iat and the answer of RFC 7662 as one claim; nothing by which the
// JWT would pass for another kind.
TEST_F(Rfc9701, S5_TheAnswerIsAClaimOfAJwtForTheCaller) {
  const auto claims = verified(ask(token));
  EXPECT_EQ(claims.size(), 4U);
  EXPECT_EQ(json::string_member(claims, "iss"), "https://id.example");
  EXPECT_EQ(json::string_member(claims, "aud"), "api");
  EXPECT_EQ(json::integer_member(claims, "iat"), test::start.unix_seconds());
  const auto* described = claims.find("token_introspection")->if_object();
  ASSERT_NE(described, nullptr);
  EXPECT_EQ(*described, server.introspect(token));
  EXPECT_EQ(json::bool_member(*described, "active"), true);
  for (const auto* required : {"iss", "aud", "client_id", "scope"}) {
    EXPECT_TRUE(described->contains(required)) << required;
  }
}

// RFC9701-5; 9701-02; 7662-01: who may not see a token learns that it is inactive and nothing else,
// in JSON and in JWT form, in the same words as for garbage.
TEST_F(Rfc9701, S5_WhatIsNotTheCallersIsInactiveInBothForms) {
  for (const auto& [about, caller] : {std::pair{token, std::string("cB")},
                                      std::pair{std::string("garbage"), std::string("api")}}) {
    EXPECT_EQ(server.introspect(about, caller), inactive);
    const auto claims = verified(ask(about, caller));
    EXPECT_EQ(claims.size(), 4U);
    EXPECT_EQ(*claims.find("token_introspection"), json::Value(inactive));
  }
  server.revoke("cA", token);
  EXPECT_EQ(server.introspect(token), inactive);
  EXPECT_EQ(*verified(ask(token)).find("token_introspection"), json::Value(inactive));
}

// RFC9701-4; 9701-03: the Accept header asks; one that does not name the type gets JSON.
TEST_F(Rfc9701, S4_TheAcceptHeaderAsks) {
  for (const auto& accept :
       {media_type, std::string("APPLICATION/Token-Introspection+JWT"), media_type + ";q=0.5",
        "application/json;q=0.5, " + media_type, media_type + " ; q=1.0"}) {
    EXPECT_EQ(ask(token, "api", accept).headers.first("Content-Type"), media_type) << accept;
  }
  for (const std::string& accept :
       {std::string(), std::string("application/json"), std::string("*/*"),
        std::string("application/*"), std::string("application/jwt"), media_type + ";q=0",
        media_type + "; q=0.000", media_type + "x"}) {
    EXPECT_EQ(ask(token, "api", accept).headers.first("Content-Type"), "application/json")
        << accept;
  }
  // A refusal is the JSON of every refusal.
  auto unauthenticated = server.post("/introspect", {{"token", token}});
  unauthenticated.headers.add("Accept", media_type);
  EXPECT_TRUE(
      test::is_json_refusal(server.send(std::move(unauthenticated)), 401, "invalid_client"));
}

// RFC9701-6; 9701-04: a registered algorithm is used, and asks by itself; every advertised one
// works.
TEST_F(Rfc9701, S6_TheRegistrationChoosesTheAlgorithm) {
  const auto metadata = json::parse_object(server.discovery.body).value();
  const auto algorithms =
      json::strings_member(metadata, "introspection_signing_alg_values_supported").value();
  EXPECT_EQ(algorithms.size(), server.settings.signing_algorithms.size());
  for (const auto& name : algorithms) {
    const auto algorithm = jose::algorithm_named(name).value();
    server.edit_client(
        "api", [&](Client& client) { client.introspection_signed_response_alg = algorithm; });
    for (const std::string& accept : {std::string(), std::string("application/json")}) {
      EXPECT_TRUE(verified(ask(token, "api", accept), algorithm).contains("iat")) << name;
    }
  }
  server.edit_client("api", [](Client& client) {
    client.introspection_signed_response_alg = SignatureAlgorithm::PS256;  // has no key here
  });
  EXPECT_TRUE(test::is_json_refusal(ask(token), 500, "server_error"));
}

// RFC9701-6; 9701-05: signed, then encrypted to the caller's key, by every advertised algorithm.
TEST_F(Rfc9701, S6_TheAnswerIsEncryptedToTheCaller) {
  const auto metadata = json::parse_object(server.discovery.body).value();
  const auto names = [&](const std::string& name) {
    return json::strings_member(metadata, "introspection_encryption_" + name).value();
  };
  const std::vector<jose::DecryptionKey> keys{
      {"r", EncryptionPrivateKey::generate(EncryptionKeyType::RSA)},
      {"e", EncryptionPrivateKey::generate(EncryptionKeyType::P256)}};
  json::Array set;
  for (const auto& key : keys) set.emplace_back(jose::write_encryption_jwk(key.key, key.kid));
  int seen = 0;
  for (const auto& alg : names("alg_values_supported")) {
    for (const auto& enc : names("enc_values_supported")) {
      server.edit_client("api", [&](Client& client) {
        client.jwks = json::Object{{"keys", set}};
        client.introspection_encrypted_response_alg = jose::key_management_named(alg);
        client.introspection_encrypted_response_enc = jose::content_encryption_named(enc);
      });
      const auto response = ask(token);
      EXPECT_EQ(response.headers.first("Content-Type"), media_type);
      const auto opened = jose::decrypt(
          response.body, keys,
          {{*jose::key_management_named(alg)}, {*jose::content_encryption_named(enc)}});
      ASSERT_TRUE(opened) << alg << " " << enc << " " << jose::name_of(opened.error());
      EXPECT_EQ(opened->cty, "JWT");
      EXPECT_TRUE(claims_in(opened->plaintext, SignatureAlgorithm::RS256).contains("aud"));
      ++seen;
    }
  }
  EXPECT_EQ(seen, 6);
  // Whoever registered encryption is never answered in clear, whatever is accepted.
  EXPECT_EQ(ask(token, "api", "").headers.first("Content-Type"), media_type);
  EXPECT_EQ(ask(token, "api", "application/json").headers.first("Content-Type"), media_type);
  server.edit_client("api", [](Client& client) { client.jwks.reset(); });
  EXPECT_TRUE(test::is_json_refusal(ask(token), 400, "invalid_request"));
}

// RFC9701-8.1; 8725-10; 9701-06: the JWT is accepted in no other place.
TEST_F(Rfc9701, S8_1_TheAnswerPassesForNothingElse) {
  const auto answer = ask(token).body;
  EXPECT_EQ(server.userinfo(answer).status, 401);
  EXPECT_FALSE(server.is_active(answer));
  const auto hinted = server.send(server.get("/logout?id_token_hint=" + answer));
  EXPECT_EQ(hinted.status, 400);
}

}  // namespace cardea::rfc9701_test
