// JARM: authorization responses as one signed JWT.
#include <gtest/gtest.h>

#include "jose/jws.h"
#include "support/authorize_answers.h"

namespace cardea::jarm_test {

struct Jarm : testing::Test {
  test::Harness harness;
  test::Browser person = test::signed_in(harness);

  // The claims of a response that our keys verify.
  json::Object verified(const std::string& jwt) {
    const auto read =
        jose::verify_jwt(jwt, *harness.keys->verification_keys(),
                         {crypto::SignatureAlgorithm::RS256, crypto::SignatureAlgorithm::ES256});
    EXPECT_TRUE(read.ok());
    return read.ok() ? read->claims : json::Object{};
  }
};

// JARM-2.1; JARM-2.3; jarm-01; 9207-02; A08: the JWT alone travels, with issuer, audience and
// expiry inside
TEST_F(Jarm, S2_1_S2_3_TheModes) {
  for (const auto& [mode, separator] :
       {std::pair{"jwt", '?'}, {"query.jwt", '?'}, {"fragment.jwt", '#'}}) {
    const auto response = test::ask(harness, person, {{"response_mode", mode}});
    ASSERT_EQ(response.status, 303) << mode;
    EXPECT_EQ(test::location_of(response)[std::string("https://app.example/cb").size()], separator);
    auto reply = test::reply_of(response);
    ASSERT_EQ(reply.size(), 1U) << mode;
    const auto claims = verified(reply["response"]);
    EXPECT_EQ(json::string_member(claims, "iss"), "https://id.example");
    EXPECT_EQ(json::string_member(claims, "aud"), "cA");
    EXPECT_EQ(json::string_member(claims, "state"), test::usual_state);
    EXPECT_EQ(json::integer_member(claims, "exp"), harness.clock.now().unix_seconds() + 600);
    const auto code = json::string_member(claims, "code").value_or("");
    const auto tokens =
        test::tokens_of(harness.send(harness.as_client("cA", "/token",
                                                       {{"grant_type", "authorization_code"},
                                                        {"code", code},
                                                        {"redirect_uri", "https://app.example/cb"},
                                                        {"code_verifier", test::verifier}})));
    EXPECT_EQ(tokens.status, 200) << mode;
  }
}

// JARM-2.3.3: the form holds the JWT alone
TEST_F(Jarm, S2_3_3_FormPost) {
  const auto response = test::ask(harness, person, {{"response_mode", "form_post.jwt"}});
  EXPECT_EQ(response.status, 200);
  int fields = 0;
  for (const auto& tag : test_pages::read_tags(response.body)) {
    if (tag.name != "input") continue;
    ++fields;
    EXPECT_EQ(tag.attributes.at("name"), "response");
    EXPECT_TRUE(json::string_member(verified(tag.attributes.at("value")), "code").has_value());
  }
  EXPECT_EQ(fields, 1);
}

// JARM-2.1; jarm-02; 9700-14: refusals are signed as well
TEST_F(Jarm, S2_1_Errors) {
  auto reply = test::reply_of(
      test::ask(harness, person, {{"response_mode", "query.jwt"}, {"scope", "unknown"}}));
  ASSERT_EQ(reply.size(), 1U);
  const auto claims = verified(reply["response"]);
  EXPECT_EQ(json::string_member(claims, "error"), "invalid_scope");
  EXPECT_EQ(json::string_member(claims, "iss"), "https://id.example");
  EXPECT_FALSE(claims.contains("code"));
}

// JARM-2.3.1; jarm-03: query.jwt carries no ID token, and "jwt" means the fragment then
TEST_F(Jarm, S2_3_1_NoIdTokenInAQuery) {
  harness.edit_client("cA", [](Client& it) {
    it.response_types = {ResponseType::code, ResponseType::code_id_token};
  });
  const http::FormPairs hybrid{{"response_type", "code id_token"}, {"response_mode", "query.jwt"}};
  const auto refused = test::ask(harness, person, hybrid);
  EXPECT_NE(test::location_of(refused).find('#'), std::string::npos);
  const auto response =
      test::ask(harness, person, {{"response_type", "code id_token"}, {"response_mode", "jwt"}});
  EXPECT_NE(test::location_of(response).find('#'), std::string::npos);
  const auto claims = verified(test::reply_of(response)["response"]);
  EXPECT_TRUE(claims.contains("id_token"));
  EXPECT_TRUE(claims.contains("code"));
}

// JARM-3; jarm-04: the registered algorithm signs
TEST_F(Jarm, S3_TheRegisteredAlgorithm) {
  harness.edit_client("cA", [](Client& it) {
    it.authorization_signed_response_alg = crypto::SignatureAlgorithm::ES256;
  });
  auto reply = test::reply_of(test::ask(harness, person, {{"response_mode", "jwt"}}));
  EXPECT_EQ(json::string_member(test::header_of(reply["response"]), "alg"), "ES256");
  verified(reply["response"]);
}

// JARM-2.3; asvs-10.4.12: a client that registers signed modes alone is answered in none other
TEST_F(Jarm, S2_3_RegisteredModesAlone) {
  harness.edit_client("cA", [](Client& it) { it.response_modes = {ResponseMode::query_jwt}; });
  for (const char* mode : {"", "query", "fragment", "form_post"}) {
    auto reply = test::reply_of(test::ask(harness, person, {{"response_mode", mode}}));
    ASSERT_EQ(reply.size(), 1U) << mode;
    EXPECT_EQ(verified(reply["response"]).contains("code"), *mode == '\0') << mode;
  }
}

}  // namespace cardea::jarm_test
