// Token endpoint answers: round trip, and each malformed member refused by name.
#include "protocol/token_response.h"

#include <gtest/gtest.h>

namespace cardea::token_response_test {

TEST(TokenResponse, RoundTrip) {
  TokenResponse out;
  out.access_token = AccessToken("at");
  out.expires_in = Seconds{600};
  out.refresh_token = RefreshToken("rt");
  out.scope = std::vector<std::string>{"openid", "profile"};
  out.id_token = IdTokenText("a.b.c");
  const auto read = parse_token_response(write(out));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->access_token.reveal(), "at");
  EXPECT_EQ(read->token_type, "Bearer");
  EXPECT_EQ(read->expires_in, Seconds{600});
  EXPECT_EQ(read->refresh_token->reveal(), "rt");
  EXPECT_EQ(*read->scope, (std::vector<std::string>{"openid", "profile"}));
  EXPECT_EQ(read->id_token->reveal(), "a.b.c");
}

TEST(TokenResponse, AbsentMembersAreAbsent) {
  const auto read = parse_token_response(R"({"access_token":"at","token_type":"bearer","x":1})");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->expires_in || read->refresh_token || read->scope || read->id_token);
}

struct Bad {
  std::string_view body;
  std::string_view names;  // what the refusal mentions
};

// RFC6749-5.1: a token response with a missing or malformed member is refused.
TEST(Rfc6749, S5_1_MalformedMembersAreRefused) {
  for (const Bad& bad : std::initializer_list<Bad>{
           {"", "JSON"},
           {"[]", "JSON"},
           {"<html>", "JSON"},
           {R"({"token_type":"Bearer"})", "access_token"},
           {R"({"access_token":"","token_type":"Bearer"})", "access_token"},
           {R"({"access_token":7,"token_type":"Bearer"})", "access_token"},
           {R"({"access_token":"a\nb","token_type":"Bearer"})", "access_token"},
           {R"({"access_token":"a"})", "token_type"},
           {R"({"access_token":"a","token_type":null})", "token_type"},
           {R"({"access_token":"a","token_type":"Bearer","expires_in":-1})", "expires_in"},
           {R"({"access_token":"a","token_type":"Bearer","expires_in":"600"})", "expires_in"},
           {R"({"access_token":"a","token_type":"Bearer","expires_in":1e300})", "expires_in"},
           {R"({"access_token":"a","token_type":"Bearer","expires_in":999999999999})",
            "expires_in"},
           {R"({"access_token":"a","token_type":"Bearer","refresh_token":""})", "refresh_token"},
           {R"({"access_token":"a","token_type":"Bearer","scope":["a"]})", "scope"},
           {R"({"access_token":"a","token_type":"Bearer","id_token":{}})", "id_token"},
           {R"({"access_token":"a","access_token":"b","token_type":"Bearer"})", "JSON"}}) {
    const auto read = parse_token_response(bad.body);
    ASSERT_FALSE(read) << bad.body;
    EXPECT_NE(read.error().find(bad.names), std::string::npos) << read.error();
  }
}

TEST(TokenErrorResponse, ReadsCodeAndDescription) {
  const auto read = parse_token_error(R"({"error":"invalid_grant","error_description":"gone"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->error, "invalid_grant");
  EXPECT_EQ(read->error_description, "gone");
  EXPECT_FALSE(parse_token_error("<html>Bad gateway</html>"));
  EXPECT_FALSE(parse_token_error(R"({"error":5})"));
  EXPECT_FALSE(parse_token_error(R"({"message":"no"})"));
}

}  // namespace cardea::token_response_test
