// RFC 7523 2.1: assertions of trusted issuers as grants. Ids of the security corpus.
#include "base/base64url.h"
#include "support/further_grants.h"

namespace cardea::rfc7523_grant_test {

using namespace test;

struct Rfc7523Grant : FurtherGrants {
  void expect_refused(const std::string& assertion, std::string_view error = "invalid_grant") {
    EXPECT_TRUE(is_json_refusal(bear(assertion).response, 400, error));
  }
  std::int64_t now() { return harness.clock.now().unix_seconds(); }
};

// RFC7523-2.1; 7523-01: an assertion gives an access token for whom it means, and no refresh token
TEST_F(Rfc7523Grant, S2_1_GivesTokensForThePersonMeant) {
  const auto tokens = bear(partner_assertion(), "cA", {{"scope", "openid email calendar.read"}});
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_EQ(tokens.scope, "openid email calendar.read");
  EXPECT_TRUE(tokens.refresh_token.empty());
  const auto claims = claims_of(tokens.access_token);
  EXPECT_EQ(json::string_member(claims, "sub"), harness.user("alice").user_id.value());
  EXPECT_EQ(json::string_member(claims, "client_id"), "cA");
  EXPECT_EQ(harness.userinfo(tokens.access_token).status, 200);
  EXPECT_FALSE(claims_of(tokens.id_token).contains("sid"));
}

// RFC7521-4.1; 7523-02: without a scope, what client and issuer have in common but openid; never
// more
TEST_F(Rfc7523Grant, S4_1_ScopesAreBoundedTwice) {
  EXPECT_EQ(bear(partner_assertion()).scope, "profile email calendar.read");
  for (const auto* scope : {"notes.read", "admin", "openid groups"}) {
    EXPECT_TRUE(is_json_refusal(bear(partner_assertion(), "cA", {{"scope", scope}}).response, 400,
                                "invalid_scope"));
  }
  const auto offline = bear(partner_assertion(), "cA", {{"scope", "profile offline_access"}});
  EXPECT_EQ(offline.scope, "profile");
  EXPECT_TRUE(is_json_refusal(
      bear(partner_assertion(), "cA", {{"scope", "profile"}, {"resource", "https://no.example"}})
          .response,
      400, "invalid_target"));
}

// RFC7523-3; 7521-01: only whom the operator trusts, and for these clients alone
TEST_F(Rfc7523Grant, S3_TheIssuerIsTrustedByPolicy) {
  expect_refused(partner_assertion({{"iss", "https://evil.example"}}));
  expect_refused(partner_assertion({{"iss", nullptr}}));
  expect_refused("x.y.z");
  harness.edit_client("cB",
                      [](Client& client) { client.grant_types.push_back(GrantType::jwt_bearer); });
  EXPECT_TRUE(is_json_refusal(bear(partner_assertion(), "cB").response, 400, "invalid_grant"));
  EXPECT_TRUE(
      is_json_refusal(bear(partner_assertion(), "cK").response, 400, "unauthorized_client"));
  EXPECT_TRUE(is_json_refusal(
      harness.send(harness.as_client("cA", "/token", {{"grant_type", bearer_grant}})), 400,
      "invalid_request"));
}

// RFC7523-3; 7521-01: the signature is the issuer's, under the algorithm of its key
TEST_F(Rfc7523Grant, S3_TheAlgorithmIsPinnedByTheKey) {
  const auto good = partner_assertion();
  const auto body = good.substr(good.find('.'));
  const auto head = [](std::string_view text) { return base64url_encode(text); };
  expect_refused(head(R"({"alg":"none","kid":"p1"})") + body.substr(0, body.rfind('.') + 1));
  expect_refused(head(R"({"alg":"HS256","kid":"p1"})") + body);
  expect_refused(head(R"({"alg":"RS256","kid":"p1"})") + body);
  expect_refused(good.substr(0, good.size() - 4) + "AAAA");
  const auto stranger = crypto::PrivateKey::generate(crypto::SignatureAlgorithm::ES256);
  expect_refused(jose::sign_jwt(stranger, "p1", "JWT", claims_of(good)));
  EXPECT_EQ(bear(good).status, 200);
}

// RFC7523-3; 7523-03: every claim is there and makes sense
TEST_F(Rfc7523Grant, S3_ClaimsAreChecked) {
  expect_refused(partner_assertion({{"aud", "https://other.example"}}));
  expect_refused(
      partner_assertion({{"aud", json::Array{harness.settings.issuer, "https://other.example"}}}));
  expect_refused(partner_assertion({{"aud", nullptr}}));
  expect_refused(partner_assertion({{"exp", nullptr}}));
  expect_refused(partner_assertion({{"exp", now() - 20}}));
  expect_refused(partner_assertion({{"exp", now() + 3700}}));
  expect_refused(partner_assertion({{"nbf", now() + 60}}));
  expect_refused(partner_assertion({{"iat", now() + 60}}));
  expect_refused(partner_assertion({{"jti", nullptr}}));
  expect_refused(partner_assertion({{"jti", ""}}));
  expect_refused(partner_assertion({{"sub", nullptr}}));
  EXPECT_EQ(bear(partner_assertion({{"aud", harness.settings.issuer + "/token"}})).status, 200);
  EXPECT_EQ(bear(partner_assertion({{"aud", json::Array{harness.settings.issuer}}})).status, 200);
}

// RFC8725-3.11; 7521-01: another kind of JWT of the same issuer is no grant
TEST_F(Rfc7523Grant, S3_OtherKindsOfJwtAreRefused) {
  for (const auto* typ : {"at+jwt", "logout+jwt", "client-authentication+jwt", "dpop+jwt"}) {
    expect_refused(partner_assertion({}, typ));
  }
  EXPECT_EQ(bear(partner_assertion({}, "authorization-grant+jwt")).status, 200);
  EXPECT_EQ(bear(partner_assertion({}, "")).status, 200);
}

// RFC7523-3; 7521-01: an assertion is used once; a second use revokes what the first gave
TEST_F(Rfc7523Grant, S3_AnAssertionIsUsedOnce) {
  const auto assertion = partner_assertion();
  const auto tokens = bear(assertion);
  ASSERT_EQ(tokens.status, 200);
  expect_refused(assertion);
  EXPECT_FALSE(harness.is_active(tokens.access_token, "cA"));
  // Long after, when its row may be gone, it has expired.
  harness.clock.advance(hours(2));
  expect_refused(assertion);
  // The same jti in another assertion is the same one.
  const auto first = partner_assertion({{"jti", "one"}});
  EXPECT_EQ(bear(first).status, 200);
  expect_refused(partner_assertion({{"jti", "one"}, {"sub", "bob"}}));
}

// 7523-04: a refused assertion is not used up
TEST_F(Rfc7523Grant, S3_ARefusalSpendsNothing) {
  const auto assertion = partner_assertion();
  EXPECT_EQ(bear(assertion, "cA", {{"scope", "admin"}}).error, "invalid_scope");
  EXPECT_EQ(
      harness
          .send(harness.post("/token", {{"grant_type", bearer_grant}, {"assertion", assertion}},
                             {{"Authorization", basic("cA", "wrong")}}))
          .status,
      401);
  EXPECT_EQ(bear(assertion).status, 200);
}

// Q5; 7521-01: nothing that we signed is taken, even if somebody trusts us by mistake
TEST_F(Rfc7523Grant, S3_NothingOfOursIsTaken) {
  const auto tokens = harness.sign_up_tokens({.scope = "openid calendar.read offline_access"});
  const auto published = json_of(harness.send(harness.get("/jwks")));
  harness.settings.trusted_issuers.push_back(trusted_partner());
  harness.settings.trusted_issuers.back().issuer = harness.settings.issuer;
  harness.settings.trusted_issuers.back().jwks = published;
  const auto key = harness.keys->signing_key(crypto::SignatureAlgorithm::ES256);
  auto claims = claims_of(partner_assertion());
  claims.set("iss", harness.settings.issuer);
  expect_refused(jose::sign_jwt(key->key, key->kid.value(), "JWT", claims));
  expect_refused(tokens.access_token);
  expect_refused(tokens.id_token);
  expect_refused(tokens.refresh_token);
  EXPECT_EQ(harness.userinfo(tokens.access_token).status, 200);
}

// RFC7523-3; 7523-05: who is meant is configuration: a login, a claim of its own, a map of its
// words
TEST_F(Rfc7523Grant, S3_WhoIsMeantIsPolicy) {
  expect_refused(partner_assertion({{"sub", "nobody"}}));
  auto& issuer = harness.settings.trusted_issuers.front();
  issuer.subject_claim = "upn";
  expect_refused(partner_assertion());
  EXPECT_EQ(bear(partner_assertion({{"upn", "Alice"}})).status, 200);
  issuer.subject_claim = "sub";
  issuer.subjects = {{"u-17", "bob"}};
  expect_refused(partner_assertion());
  const auto tokens = bear(partner_assertion({{"sub", "u-17"}}));
  ASSERT_EQ(tokens.status, 200) << tokens.response.body;
  EXPECT_EQ(json::string_member(claims_of(tokens.access_token), "sub"),
            harness.user("bob").user_id.value());
}

// 7523-06: discovery names the grant where somebody is trusted
TEST_F(Rfc7523Grant, S2_1_Discovery) {
  const auto grants = [](Harness& server) {
    const auto body = json_of(server.send(server.get("/.well-known/openid-configuration")));
    return json::strings_member(body, "grant_types_supported").value();
  };
  const auto named = grants(harness);
  EXPECT_TRUE(std::ranges::find(named, bearer_grant) != named.end());
  Harness plain;
  const auto unnamed = grants(plain);
  EXPECT_TRUE(std::ranges::find(unnamed, bearer_grant) == unnamed.end());
}

}  // namespace cardea::rfc7523_grant_test
