// ID tokens and claims as the server gives them. OIDC Core 2, 3.1.3.6, 5.3-5.5, 12.2; security
// corpus 1.15; decisions Q3, Q4.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::id_token_minting_test {

using crypto::SignatureAlgorithm;
using test::Harness;

// OIDC-Core-2; oidc-03: the required claims; aud is the client.
TEST(OidcCore, S2_TheRequiredClaims) {
  Harness server;
  const auto code = server.issue_code();
  const auto tokens = server.redeem("cA", code);
  const auto verified = jose::verify_jwt(tokens.id_token, *server.keys->verification_keys(),
                                         {SignatureAlgorithm::RS256});
  ASSERT_TRUE(verified.ok());
  const auto& claims = verified->claims;
  EXPECT_EQ(json::string_member(claims, "iss"), "https://id.example");
  EXPECT_EQ(json::string_member(claims, "sub"), code.user_id.value());
  EXPECT_EQ(json::string_member(claims, "aud"), "cA");
  EXPECT_FALSE(claims.contains("azp"));
  EXPECT_EQ(json::integer_member(claims, "iat"), test::start.unix_seconds());
  EXPECT_EQ(json::integer_member(claims, "exp"), test::start.unix_seconds() + 600);
  EXPECT_EQ(json::string_member(claims, "sid"), code.session_id.value());
  EXPECT_LE(code.user_id.value().size(), 255U);
}

// OIDC-Core-3.1.3.6; oidc-02: the nonce is echoed unchanged, and absent when it was.
TEST(OidcCore, S3_1_3_6_TheNonceIsEchoed) {
  Harness server;
  for (const auto& nonce : {std::string(1024, 'n'), std::string("a b\"<\xc3\xa9")}) {
    const auto tokens = server.sign_up_tokens({.nonce = nonce});
    EXPECT_EQ(json::string_member(test::claims_of(tokens.id_token), "nonce"), nonce);
  }
  const auto without = server.sign_up_tokens({.nonce = ""});
  EXPECT_FALSE(test::claims_of(without.id_token).contains("nonce"));
}

// OIDC-Core-3.1.3.6; oidc-04: at_hash, under each algorithm a client may ask for (Q3).
TEST(OidcCore, S3_1_3_6_AtHashUnderEachAlgorithm) {
  Harness server;
  for (const auto algorithm :
       {SignatureAlgorithm::RS256, SignatureAlgorithm::ES256, SignatureAlgorithm::EdDSA}) {
    server.edit_client("cA",
                       [&](Client& client) { client.id_token_signed_response_alg = algorithm; });
    const auto tokens = server.sign_up_tokens();
    const auto verified =
        jose::verify_jwt(tokens.id_token, *server.keys->verification_keys(), {algorithm});
    ASSERT_TRUE(verified.ok()) << jose::name_of(algorithm);
    EXPECT_EQ(json::string_member(verified->claims, "at_hash"),
              jose::half_hash(algorithm, tokens.access_token));
  }
}

// OIDC-Core-3.1.3.3: without openid there is no ID token; an algorithm without a key is our fault.
TEST(OidcCore, S3_1_3_3_NoOpenidNoIdToken) {
  Harness server;
  EXPECT_EQ(server.sign_up_tokens({.scope = "email offline_access"}).id_token, "");
  server.edit_client("cA", [](Client& client) {
    client.id_token_signed_response_alg = SignatureAlgorithm::PS256;
  });
  const auto code = server.issue_code();
  const auto writes = server.writes();
  EXPECT_EQ(server.redeem("cA", code).response.status, 500);
  EXPECT_EQ(server.writes(), writes);
}

// OIDC-Core-5.4; Q4; oidc-11: scope claims in ID token and userinfo, real types, the same sub.
TEST(OidcCore, S5_4_ScopesReleaseTheirClaims) {
  Harness server;
  const auto tokens = server.sign_up_tokens({.scope = "openid email groups"});
  const auto id_token = test::claims_of(tokens.id_token);
  const auto userinfo = test::json_of(server.userinfo(tokens.access_token));
  EXPECT_TRUE(json::string_member(id_token, "sub").has_value());
  EXPECT_EQ(json::string_member(userinfo, "sub"), json::string_member(id_token, "sub"));
  for (const auto& claims : {id_token, userinfo}) {
    EXPECT_EQ(json::string_member(claims, "email"), "alice@example.com");
    EXPECT_EQ(json::bool_member(claims, "email_verified"), true);
    EXPECT_EQ(json::strings_member(claims, "groups"), std::vector<std::string>{"staff"});
    EXPECT_FALSE(claims.contains("name"));
  }
}

// OIDC-Core-5.4; Q4: a client that wants ID tokens small gets the claims at userinfo.
TEST(OidcCore, S5_4_MinimalIdTokensLeaveClaimsToUserinfo) {
  Harness server;
  server.edit_client("cA", [](Client& client) { client.id_token_claims = IdTokenClaims::minimal; });
  const auto tokens = server.sign_up_tokens(
      {.scope = "openid email profile", .claims_request = R"({"id_token":{"name":null}})"});
  const auto id_token = test::claims_of(tokens.id_token);
  EXPECT_FALSE(id_token.contains("email"));
  EXPECT_EQ(json::string_member(id_token, "name"), "Alice Adams");
  EXPECT_TRUE(test::json_of(server.userinfo(tokens.access_token)).contains("email"));
}

// OIDC-Core-5.5; oidc-10: the claims parameter, approved claim by claim before the code was issued,
// releases to the target it names; never null, never what we assert ourselves, never made up.
TEST(OidcCore, S5_5_ClaimsGoToTheTargetTheyName) {
  Harness server;
  server.edit_user("alice", [](UserRecord& user) {
    user.claims.set("iss", "evil");
    user.claims.set("nickname", nullptr);
  });
  const auto tokens = server.sign_up_tokens(
      {.scope = "openid",
       .claims_request =
           R"({"id_token":{"email":{"essential":true},"iss":null,"nickname":null,"x":null},)"
           R"("userinfo":{"name":{"essential":true},"sub":null}})"});
  const auto id_token = test::claims_of(tokens.id_token);
  EXPECT_EQ(json::string_member(id_token, "iss"), "https://id.example");
  EXPECT_EQ(json::string_member(id_token, "email"), "alice@example.com");
  for (const auto* absent : {"name", "nickname", "x"}) EXPECT_FALSE(id_token.contains(absent));
  const auto userinfo = test::json_of(server.userinfo(tokens.access_token));
  EXPECT_FALSE(userinfo.contains("email"));
  EXPECT_EQ(json::string_member(userinfo, "name"), "Alice Adams");
  EXPECT_EQ(json::string_member(userinfo, "sub"), json::string_member(id_token, "sub"));
}

// OIDC-Core-5.5.1; oidc-10: a claim asked for with a value comes with that value or not at all;
// what a scope releases comes anyhow; nothing of it is an error.
TEST(OidcCore, S5_5_1_AClaimComesWithTheValueAskedFor) {
  Harness server;
  server.edit_user("alice", [](UserRecord& user) {
    user.claims.set("nickname", "ally");
    user.claims.set("level", 3);
  });
  const auto tokens = server.sign_up_tokens(
      {.scope = "openid email",
       .claims_request =
           R"({"userinfo":{"name":{"value":"y","essential":true},)"
           R"("nickname":{"values":["x","ally"]},)"
           R"("level":{"value":"3"},"groups":{"value":["staff"]},"email":{"value":"z"}}})"});
  const auto userinfo = test::json_of(server.userinfo(tokens.access_token));
  EXPECT_FALSE(userinfo.contains("name"));
  EXPECT_EQ(json::string_member(userinfo, "nickname"), "ally");
  EXPECT_FALSE(userinfo.contains("level"));
  EXPECT_TRUE(userinfo.contains("groups"));
  EXPECT_EQ(json::string_member(userinfo, "email"), "alice@example.com");
}

// OIDC-Core-12.2; oidc-15: a refreshed ID token keeps iss, sub, aud, auth_time and sid, and has no
// nonce.
TEST(OidcCore, S12_2_ARefreshedIdTokenIsOfTheSameSignIn) {
  Harness server;
  const auto first = server.sign_up_tokens();
  server.clock.advance(minutes(20));
  const auto second = server.refresh("cA", first.refresh_token);
  const auto before = test::claims_of(first.id_token);
  const auto after = test::claims_of(second.id_token);
  for (const auto* same : {"iss", "sub", "aud", "auth_time", "sid", "acr"}) {
    EXPECT_EQ(*before.find(same), *after.find(same)) << same;
  }
  EXPECT_FALSE(after.contains("nonce"));
  EXPECT_EQ(json::integer_member(after, "iat"), test::start.unix_seconds() + 1200);
  EXPECT_EQ(json::string_member(after, "at_hash"),
            jose::half_hash(SignatureAlgorithm::RS256, second.access_token));
  server.edit_client("cA", [](Client& client) { client.id_token_on_refresh = false; });
  EXPECT_EQ(server.refresh("cA", second.refresh_token).id_token, "");
}

// OIDC-Core-5.7; oidc-14: an account made anew under an old name is somebody else.
TEST(OidcCore, S5_7_ASubjectIsNeverReassigned) {
  Harness server;
  auto alice = server.user("alice");
  const auto old = alice.user_id;
  const auto tokens = server.sign_up_tokens();
  server.stored(server.store->perform(store::RemoveUser{old}));
  alice.user_id = UserId(new_identifier(server.random));
  server.stored(server.store->perform(store::PutUser{alice}));
  EXPECT_EQ(server.userinfo(tokens.access_token).status, 401);
  const auto fresh = test::claims_of(server.sign_up_tokens().id_token);
  EXPECT_EQ(json::string_member(fresh, "sub"), alice.user_id.value());
  EXPECT_NE(alice.user_id, old);
}

}  // namespace cardea::id_token_minting_test
