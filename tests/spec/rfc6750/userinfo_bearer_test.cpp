// How a bearer token arrives at userinfo and how it is refused. RFC 6750 2 and 3; security corpus
// 1.2.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::userinfo_bearer_test {

using test::Harness;

http::Response with_header(Harness& server, const std::string& value) {
  return server.send(server.get("/userinfo", {{"Authorization", value}}));
}

void expect_refused(const http::Response& response, int status, std::string_view error) {
  EXPECT_EQ(response.status, status) << response.body;
  EXPECT_EQ(test::error_of(response), error);
  const auto challenge = response.headers.first("WWW-Authenticate");
  EXPECT_TRUE(challenge.starts_with("Bearer realm=\"https://id.example\"")) << challenge;
  EXPECT_NE(challenge.find("error=\"" + std::string(error) + "\""), challenge.npos) << challenge;
  EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
}

void expect_bare(const http::Response& response) {
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.headers.first("WWW-Authenticate"), "Bearer realm=\"https://id.example\"");
  EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
  EXPECT_EQ(response.body, "{}");
}

// RFC6750-2; 6750-01: one transport in a request.
TEST(Rfc6750, S2_OneTransportInARequest) {
  Harness server;
  const auto token = server.sign_up_tokens().access_token;
  const http::Headers header{{"Authorization", "Bearer " + token}};
  const std::vector<http::Request> requests{
      server.post("/userinfo", {{"access_token", token}}, header),
      server.get("/userinfo?access_token=" + token, header),
      server.post("/userinfo", {{"access_token", token}, {"access_token", token}})};
  for (const auto& request : requests) {
    expect_refused(server.send(request), 400, "invalid_request");
  }
  auto two = server.get("/userinfo", header);
  two.headers.add("Authorization", "Bearer " + token);
  expect_refused(server.send(two), 400, "invalid_request");
}

// RFC6750-2.3; 6750-02; 21-03: a token in the query is no token.
TEST(Rfc6750, S2_3_AQueryTokenIsNoToken) {
  Harness server;
  const auto token = server.sign_up_tokens().access_token;
  expect_bare(server.send(server.get("/userinfo?access_token=" + token)));
  EXPECT_EQ(server.send(server.post("/userinfo?access_token=" + token, {})).status, 401);
}

// RFC6750-2.2; 6750-03; oidc-12: a body token comes in a POSTed form and no other way.
TEST(Rfc6750, S2_2_ABodyTokenComesInAPostedForm) {
  Harness server;
  const auto token = server.sign_up_tokens().access_token;
  EXPECT_EQ(server.send(server.post("/userinfo", {{"access_token", token}})).status, 200);
  EXPECT_EQ(
      server.send(server.post("/userinfo", {}, {{"Authorization", "Bearer " + token}})).status,
      200);
  auto as_json = server.post("/userinfo", {});
  as_json.headers.set("Content-Type", "application/json");
  as_json.body = "{\"access_token\":\"" + token + "\"}";
  expect_bare(server.send(as_json));
  auto as_get = server.post("/userinfo", {{"access_token", token}});
  as_get.method = "GET";
  expect_bare(server.send(as_get));
}

// RFC6750-3.1; 6750-04: without a token the challenge tells nothing.
TEST(Rfc6750, S3_1_NoTokenGivesABareChallenge) {
  Harness server;
  expect_bare(server.send(server.get("/userinfo")));
  expect_bare(server.send(server.post("/userinfo", {})));
  expect_bare(with_header(server, "Basic Y0E6eA=="));
}

// RFC6750-3.1; 6750-05; 9700-18; B08: every token that does not count is refused in the same words.
TEST(Rfc6750, S3_1_EveryDeadTokenIsRefusedInTheSameWords) {
  Harness server;
  const auto live = server.sign_up_tokens(
      {.scope = "openid calendar.read offline_access", .resource = test::api});
  const auto revoked = server.sign_up_tokens({.user = "bob"});
  server.revoke("cA", revoked.access_token);
  const auto elsewhere = test::tokens_of(server.send(server.as_client(
      "cc", "/token", {{"grant_type", "client_credentials"}, {"scope", "calendar.read"}})));
  auto flipped = live.access_token;
  flipped[flipped.size() / 2] = flipped[flipped.size() / 2] == 'A' ? 'B' : 'A';
  const auto opaque = server.sign_up_tokens().access_token;
  const std::vector<std::string> dead{
      "garbage",        revoked.access_token,       elsewhere.access_token,
      flipped,          live.refresh_token,         live.id_token,
      opaque + "A",     opaque.substr(1),           opaque.substr(0, opaque.size() - 1),
      opaque.substr(4), "at1_" + live.refresh_token};
  const auto first = with_header(server, "Bearer garbage");
  for (const auto& token : dead) {
    const auto response = with_header(server, "Bearer " + token);
    expect_refused(response, 401, "invalid_token");
    EXPECT_EQ(response.body, first.body);
    EXPECT_EQ(response.headers.first("WWW-Authenticate"), first.headers.first("WWW-Authenticate"));
  }
  EXPECT_EQ(server.userinfo(live.access_token).status, 200);
  server.clock.advance({600});
  const auto expired = server.userinfo(live.access_token);
  EXPECT_EQ(expired.body, first.body);
  EXPECT_EQ(expired.status, 401);
}

// RFC6750-3.1; 6750-05: a live token without openid lacks scope.
TEST(Rfc6750, S3_1_ALiveTokenWithoutOpenidLacksScope) {
  Harness server;
  const auto tokens = server.sign_up_tokens({.scope = "profile offline_access"});
  const auto response = server.userinfo(tokens.access_token);
  expect_refused(response, 403, "insufficient_scope");
  EXPECT_NE(response.headers.first("WWW-Authenticate").find("scope=\"openid\""),
            std::string_view::npos);
}

// RFC6750-2.1; 6750-06: the scheme has no case, the token has a strict alphabet.
TEST(Rfc6750, S2_1_TheHeaderIsStrict) {
  Harness server;
  const auto token = server.sign_up_tokens().access_token;
  for (const auto* scheme : {"Bearer", "bearer", "BEARER", "bEaReR"}) {
    EXPECT_EQ(with_header(server, std::string(scheme) + " " + token).status, 200);
  }
  const std::vector<std::string> bad{
      "Bearer  " + token,       "Bearer\t" + token, "Bearer " + token + ", Bearer " + token,
      "Bearer " + token + " ",  "Bearer",           "Bearer ",
      "Bearer " + token + "\"", "Bearer =",         std::string("Bearer a\0b", 10),
      "Bearer " + token + ",x"};
  for (const auto& header : bad) {
    const auto response = with_header(server, header);
    EXPECT_TRUE(response.status == 400 || response.status == 401) << header;
  }
  EXPECT_EQ(with_header(server, "Bearer " + std::string(std::size_t{64} * 1024, 'a')).status, 401);
}

// RFC6750-5.3; 6750-07: what is said about people is never cached.
TEST(Rfc6750, S5_3_UserDataIsNotCached) {
  Harness server;
  const auto tokens = server.sign_up_tokens();
  EXPECT_EQ(server.userinfo(tokens.access_token).headers.first("Cache-Control"), "no-store");
  const auto introspected =
      server.send(server.as_client("cA", "/introspect", {{"token", tokens.access_token}}));
  EXPECT_EQ(introspected.headers.first("Cache-Control"), "no-store");
}

}  // namespace cardea::userinfo_bearer_test
