// The security best current practice on the token side. RFC 9700; security corpus 1.6; decision
// Q18.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::token_side_test {

using test::Harness;
using test::is_json_refusal;

std::string allowed_origin(const http::Response& response) {
  EXPECT_FALSE(response.headers.contains("Access-Control-Allow-Credentials"));
  return std::string(response.headers.first("Access-Control-Allow-Origin"));
}

// RFC9700-2.6; 9700-06; 10017-04: a successful token answer is for the client's own origins.
TEST(Rfc9700, S2_6_SuccessIsForTheClientsOrigins) {
  Harness server;
  const auto asked_from = [&](const std::string& origin) {
    auto request = server.redeem_request("pS", server.issue_code({.client = "pS"}));
    if (!origin.empty()) request.headers.add("Origin", origin);
    const auto response = server.send(std::move(request));
    EXPECT_EQ(response.status, 200);
    return allowed_origin(response);
  };
  EXPECT_EQ(asked_from("https://spa.example"), "https://spa.example");
  for (const auto* other : {"", "null", "https://evil.example", "https://spa.example.evil.example",
                            "http://spa.example", "https://spa.example:8443", "https://app.example",
                            "https://SPA.example"}) {
    EXPECT_EQ(asked_from(other), "") << other;
  }
  server.edit_client("pS",
                     [](Client& client) { client.allowed_origins = {"https://other.example"}; });
  EXPECT_EQ(asked_from("https://other.example"), "https://other.example");
  EXPECT_EQ(asked_from("https://spa.example"), "");
}

// RFC9700-2.6; 9700-06; Q18: refusals and preflights of the token side may be read by anybody but
// opaque origins.
TEST(Rfc9700, S2_6_RefusalsAndPreflightsAreForAnybody) {
  Harness server;
  for (const auto* path : {"/token", "/userinfo", "/revoke"}) {
    auto refused = server.post(path, {}, {{"Origin", "https://any.example"}});
    EXPECT_EQ(allowed_origin(server.send(refused)), "*") << path;
    refused.headers.set("Origin", "null");
    EXPECT_EQ(allowed_origin(server.send(refused)), "") << path;

    http::Request preflight = server.get(
        path, {{"Origin", "https://any.example"}, {"Access-Control-Request-Method", "POST"}});
    preflight.method = "OPTIONS";
    const auto response = server.send(preflight);
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(allowed_origin(response), "*");
    EXPECT_NE(response.headers.first("Access-Control-Allow-Headers").find("Authorization"),
              std::string_view::npos);
    EXPECT_EQ(response.headers.first("Vary"), "Origin");
  }
  auto introspection = server.post("/introspect", {}, {{"Origin", "https://any.example"}});
  EXPECT_EQ(allowed_origin(server.send(introspection)), "");
}

// RFC9700-2.6; 9700-06: userinfo answers the origins of the token's client.
TEST(Rfc9700, S2_6_UserinfoIsForTheOriginsOfTheTokensClient) {
  Harness server;
  const auto token = server.sign_up_tokens({.client = "pS"}).access_token;
  const auto from = [&](const std::string& origin) {
    return allowed_origin(server.send(
        server.get("/userinfo", {{"Authorization", "Bearer " + token}, {"Origin", origin}})));
  };
  EXPECT_EQ(from("https://spa.example"), "https://spa.example");
  EXPECT_EQ(from("https://evil.example"), "");
}

// RFC9700-4.14.2; 9700-09; 21-04: a public client's refresh token is used once.
TEST(Rfc9700, S4_14_2_APublicClientsRefreshTokenRotates) {
  Harness server;
  for (const auto* client : {"pN", "pS"}) {
    const auto first = server.sign_up_tokens({.client = client});
    const auto second = server.refresh(client, first.refresh_token);
    EXPECT_NE(second.refresh_token, first.refresh_token);
    const auto third = server.refresh(client, second.refresh_token);
    EXPECT_EQ(server.refresh(client, first.refresh_token).error, "invalid_grant");
    EXPECT_EQ(server.refresh(client, third.refresh_token).error, "invalid_grant");
  }
}

// RFC9700-4.9; 9700-18; B04: each once-only value works at its own endpoint alone.
TEST(Rfc9700, S4_9_NoValueWorksInAnothersPlace) {
  Harness server;
  const auto code = server.issue_code();
  const auto tokens = server.sign_up_tokens({.user = "bob"});
  for (const auto& value :
       {code.code, tokens.refresh_token, tokens.id_token, std::string(code.grant_id.value())}) {
    EXPECT_EQ(server.userinfo(value).status, 401);
    EXPECT_FALSE(value == tokens.refresh_token ? false : server.is_active(value, "cA"));
  }
  for (const auto& value : {code.code, tokens.access_token, tokens.id_token}) {
    EXPECT_EQ(server.refresh("cA", value).error, "invalid_grant");
  }
  for (const auto& value : {tokens.access_token, tokens.refresh_token, tokens.id_token}) {
    auto form = server.redeem_form(code);
    form[1].second = value;
    EXPECT_EQ(test::error_of(server.send(server.as_client("cA", "/token", form))), "invalid_grant");
  }
  EXPECT_EQ(server.redeem("cA", code).status, 200);
  EXPECT_EQ(server.refresh("cA", tokens.refresh_token).status, 200);
}

// RFC9700-4.9; 9700-18: a JWT with all the claims of an access token, signed by a key of ours, is
// none when its typ or its iss says otherwise.
TEST(Rfc9700, S4_9_WhatOurKeysSignedForAnotherPurposeIsNoAccessToken) {
  Harness server;
  const auto key = server.keys->signing_key(crypto::SignatureAlgorithm::ES256);
  ASSERT_NE(key, nullptr);
  const auto genuine = server.sign_up_tokens({.resource = test::api});
  const auto signed_as = [&](std::string_view typ, const std::string& issuer) {
    auto claims = test::claims_of(genuine.access_token);
    claims.set("iss", issuer);
    return jose::sign_jwt(key->key, key->kid.value(), typ, claims);
  };
  const std::string issuer = server.settings.issuer;
  EXPECT_EQ(server.userinfo(signed_as("at+jwt", issuer)).status, 200);
  for (const auto& token : {signed_as("JWT", issuer), signed_as("", issuer),
                            signed_as("logout+jwt", issuer), signed_as("at+jwt", "https://id.test"),
                            signed_as("at+jwt", issuer + "/"), signed_as("at+jwt", "")}) {
    EXPECT_EQ(server.userinfo(token).status, 401) << token;
    EXPECT_FALSE(server.is_active(token));
  }
}

// RFC9700-4.15; 9700-08: the subject of a client is not the subject of a person.
TEST(Rfc9700, S4_15_AClientIsNotAPerson) {
  Harness server;
  const auto person = server.issue_code();
  const auto tokens = server.redeem("cA", person);
  const auto claims = test::claims_of(tokens.id_token);
  EXPECT_EQ(json::string_member(claims, "sub"), person.user_id.value());
  for (const auto& client : server.registry->all()) {
    EXPECT_NE(client->client_id.value(), person.user_id.value());
  }
}

// RFC9700-4.13; 9700-13: headers that a proxy would set change nothing.
TEST(Rfc9700, S4_13_ForgedProxyHeadersChangeNothing) {
  Harness server;
  auto request = server.redeem_request("cA", server.issue_code());
  for (const auto* name : {"X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded",
                           "X_Forwarded_Host", "X-SSL-Client-Cert", "X-Real-IP"}) {
    request.headers.add(name, "evil.example");
  }
  const auto tokens = test::tokens_of(server.send(request));
  EXPECT_EQ(json::string_member(test::claims_of(tokens.id_token), "iss"), "https://id.example");
}

}  // namespace cardea::token_side_test
