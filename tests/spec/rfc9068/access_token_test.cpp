// JWT access tokens as the server mints them. RFC 9068 2; security corpus 1.13; decision Q5.
#include <gtest/gtest.h>

#include "protocol/access_token_jwt.h"
#include "support/harness.h"

namespace cardea::minted_access_token_test {

using test::Harness;

// RFC9068-2.1; 9068-01: typ at+jwt, signed with the resource's algorithm; the library accepts it.
TEST(Rfc9068, S2_1_TypedAndSigned) {
  Harness server;
  const auto tokens =
      server.sign_up_tokens({.scope = "openid calendar.read", .resource = test::api});
  const auto header = test::header_of(tokens.access_token);
  EXPECT_EQ(json::string_member(header, "typ"), "at+jwt");
  EXPECT_EQ(json::string_member(header, "alg"), "ES256");
  const auto checked = check_access_token_jwt(
      tokens.access_token, *server.keys->verification_keys(),
      {.issuer = server.settings.issuer, .audience = test::api}, server.clock.now());
  ASSERT_TRUE(checked.ok()) << checked.error().reason;
  EXPECT_EQ(checked->client_id(), "cA");
}

// RFC9068-2.2; 9068-02: every required claim in the tokens of every grant; nothing personal.
TEST(Rfc9068, S2_2_EveryRequiredClaimInEveryGrant) {
  Harness server;
  const auto code = server.issue_code(
      {.scope = "openid email calendar.read offline_access", .resource = test::api});
  const auto first = server.redeem("cA", code);
  const auto second = server.refresh("cA", first.refresh_token);
  const auto third = test::tokens_of(server.send(server.as_client(
      "cc", "/token", {{"grant_type", "client_credentials"}, {"scope", "calendar.read"}})));
  for (const auto& tokens : {first, second, third}) {
    const auto claims = test::claims_of(tokens.access_token);
    const bool is_client = tokens.access_token == third.access_token;
    EXPECT_EQ(json::string_member(claims, "iss"), "https://id.example");
    EXPECT_EQ(json::string_member(claims, "sub"), is_client ? "cc" : code.user_id.value());
    EXPECT_EQ(json::string_member(claims, "client_id"), is_client ? "cc" : "cA");
    EXPECT_EQ(json::integer_member(claims, "iat"), test::start.unix_seconds());
    EXPECT_EQ(json::integer_member(claims, "exp"), test::start.unix_seconds() + 600);
    EXPECT_GE(json::string_member(claims, "jti").value_or("").size(), 22U);
    EXPECT_EQ(json::string_member(claims, "scope"), tokens.scope);
    for (const auto* personal : {"email", "name", "groups", "nonce", "sid"}) {
      EXPECT_FALSE(claims.contains(personal)) << personal;
    }
  }
}

// RFC9068-3; 9068-03; 9700-11: aud is the resource, with the issuer while openid is in this token.
TEST(Rfc9068, S3_AudienceIsTheResource) {
  Harness server;
  const auto first = server.sign_up_tokens(
      {.scope = "openid calendar.read offline_access", .resource = test::api});
  const auto audience = [](const std::string& token) {
    return json::strings_member(test::claims_of(token), "aud");
  };
  EXPECT_EQ(audience(first.access_token),
            (std::vector<std::string>{test::api, "https://id.example"}));
  const auto narrowed = server.refresh("cA", first.refresh_token, {{"scope", "calendar.read"}});
  EXPECT_EQ(audience(narrowed.access_token), std::vector<std::string>{test::api});
  EXPECT_EQ(server.userinfo(first.access_token).status, 200);
  EXPECT_EQ(server.userinfo(narrowed.access_token).status, 401);
  // Without a resource: opaque, for userinfo, never "any".
  const auto bare = server.sign_up_tokens({.user = "bob"});
  EXPECT_TRUE(bare.access_token.starts_with("at1_"));
}

// RFC9068-2.2.1; 9068-06; oidc-15: how and when the person signed in, not when it was refreshed.
TEST(Rfc9068, S2_2_1_AuthenticationIsThatOfTheSession) {
  Harness server;
  const auto code =
      server.issue_code({.scope = "openid calendar.read offline_access", .resource = test::api});
  const auto first = server.redeem("cA", code);
  server.clock.advance(hours(1));
  const auto second = server.refresh("cA", first.refresh_token);
  for (const auto& token :
       {first.access_token, second.access_token, first.id_token, second.id_token}) {
    const auto claims = test::claims_of(token);
    EXPECT_EQ(json::integer_member(claims, "auth_time"), test::start.unix_seconds());
    EXPECT_EQ(json::string_member(claims, "acr"), "urn:cardea:acr:password");
    EXPECT_EQ(json::strings_member(claims, "amr"), std::vector<std::string>{"pwd"});
  }
}

}  // namespace cardea::minted_access_token_test
