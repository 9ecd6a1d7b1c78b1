// The closed word lists and error codes: every word maps both ways, nothing else does.
#include "protocol/vocabulary.h"

#include <gtest/gtest.h>

#include "protocol/error.h"

namespace cardea::vocabulary_test {

TEST(Vocabulary, EveryWordMapsBothWays) {
  for (const char* word : {"authorization_code", "refresh_token", "client_credentials"}) {
    EXPECT_EQ(name_of(grant_type_named(word).value()), word);
  }
  for (const char* word : {"code", "id_token", "code id_token"}) {
    EXPECT_EQ(name_of(response_type_named(word).value()), word);
  }
  for (const char* word : {"query", "fragment", "form_post"}) {
    EXPECT_EQ(name_of(response_mode_named(word).value()), word);
  }
  for (const char* word : {"none", "client_secret_basic", "client_secret_post", "client_secret_jwt",
                           "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"}) {
    EXPECT_EQ(name_of(client_auth_method_named(word).value()), word);
  }
  for (const char* word : {"web", "native"}) {
    EXPECT_EQ(name_of(application_type_named(word).value()), word);
  }
}

TEST(Vocabulary, OtherWordsAreNothing) {
  EXPECT_FALSE(grant_type_named("password").has_value());
  EXPECT_FALSE(grant_type_named("").has_value());
  EXPECT_FALSE(response_mode_named("Query").has_value());
  EXPECT_FALSE(client_auth_method_named("attest_jwt_client_auth").has_value());
  EXPECT_FALSE(application_type_named("spa").has_value());
}

// RFC6749-3.1.1: the order of the words does not matter
TEST(Rfc6749, S3_1_1_ResponseTypeWordsComeInAnyOrder) {
  EXPECT_EQ(response_type_named("id_token code"), ResponseType::code_id_token);
  EXPECT_EQ(response_type_named("code id_token"), ResponseType::code_id_token);
  for (const char* text : {"", "token", "code token", "code code", "id_token id_token",
                           "code id_token token", "CODE"}) {
    EXPECT_FALSE(response_type_named(text).has_value()) << text;
  }
}

// RFC6749-5.2; RFC6750-3.1: the statuses of JSON errors
TEST(Rfc6749, S5_2_EveryErrorCodeHasItsNameAndStatus) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::invalid_binding_message); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(error_code_named(name_of(code)), code);
  }
  EXPECT_FALSE(error_code_named("nonsense").has_value());
  EXPECT_EQ(http_status(ErrorCode::invalid_client), 401);
  EXPECT_EQ(http_status(ErrorCode::invalid_token), 401);
  EXPECT_EQ(http_status(ErrorCode::insufficient_scope), 403);
  EXPECT_EQ(http_status(ErrorCode::server_error), 500);
  EXPECT_EQ(http_status(ErrorCode::temporarily_unavailable), 503);
  EXPECT_EQ(http_status(ErrorCode::invalid_grant), 400);
}

}  // namespace cardea::vocabulary_test
