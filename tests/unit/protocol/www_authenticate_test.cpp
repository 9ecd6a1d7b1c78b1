// Bearer challenges: written per RFC 6750 3, read back, and what malformed headers give.
#include "protocol/www_authenticate.h"

#include <gtest/gtest.h>

namespace cardea::www_authenticate_test {

// RFC6750-3.1; 6750-04: without a token the challenge names no error.
TEST(Rfc6750, S3_1_BareChallenge) {
  EXPECT_EQ(write(BearerChallenge{.realm = "api"}), "Bearer realm=\"api\"");
}

// RFC6750-3.1; 6750-05: the error, its description and the missing scope are named.
TEST(Rfc6750, S3_1_InsufficientScopeNamesTheScope) {
  EXPECT_EQ(write(BearerChallenge{.realm = "api",
                                  .error = ErrorCode::insufficient_scope,
                                  .description = "more is needed",
                                  .scope = {"a", "b"}}),
            "Bearer realm=\"api\", error=\"insufficient_scope\", "
            "error_description=\"more is needed\", scope=\"a b\"");
}

// RFC6750-3: characters outside the grammar never reach the header.
TEST(Rfc6750, S3_NothingEscapesTheQuotes) {
  EXPECT_EQ(write(BearerChallenge{.realm = "a\"b\\c\r\nX: y\xc3"}),
            "Bearer realm=\"a?b?c??X: y?\"");
}

TEST(BearerChallengeParser, ReadsWhatWriteMade) {
  const auto read = parse_bearer_challenge(write(BearerChallenge{.realm = "api",
                                                                 .error = ErrorCode::invalid_token,
                                                                 .description = "no, thanks",
                                                                 .scope = {"a", "b"}}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->realm, "api");
  EXPECT_EQ(read->error, "invalid_token");
  EXPECT_EQ(read->description, "no, thanks");
  EXPECT_EQ(read->scope, "a b");
}

TEST(BearerChallengeParser, FindsBearerAmongOthers) {
  const auto read =
      parse_bearer_challenge("Basic realm=\"x, y\", charset=UTF-8, bearer Error=invalid_token");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->realm, "");
  EXPECT_EQ(read->error, "invalid_token");
  EXPECT_TRUE(parse_bearer_challenge("Bearer"));
}

TEST(BearerChallengeParser, GivesNothingForOtherText) {
  for (const std::string_view bad :
       {"", "Basic realm=\"x\"", "\"Bearer\"", "=x", "Bearer realm=\"unclosed", "\x01"}) {
    const auto read = parse_bearer_challenge(bad);
    EXPECT_TRUE(!read || read->realm.empty()) << bad;
  }
}

}  // namespace cardea::www_authenticate_test
