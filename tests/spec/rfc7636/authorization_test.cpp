// RFC 7636 at the authorization endpoint: the challenge is required, S256, and well formed.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "crypto/hash.h"
#include "support/authorize_answers.h"

namespace cardea::rfc7636_authorization_test {

using test::ask;
using test::is_told;

struct Rfc7636Authorization : testing::Test {
  test::Harness harness;
  test::Browser browser{harness};

  testing::AssertionResult refuses(const http::FormPairs& changed, std::string_view rule,
                                   const std::string& client = "cA",
                                   const std::string& uri = "https://app.example/cb") {
    const auto before = harness.writes();
    const auto response = ask(harness, browser, changed, client);
    if (auto told = is_told(harness, response, "invalid_request", uri); !told) return told;
    if (harness.watcher.last().refusal->rule != rule) {
      return testing::AssertionFailure() << harness.watcher.last().refusal->rule;
    }
    if (harness.writes() != before) return testing::AssertionFailure() << "something was stored";
    return testing::AssertionSuccess();
  }
};

// RFC7636-4.3; 7636-01; 7636-10; 21-02: a challenge is required of every client
TEST_F(Rfc7636Authorization, S4_3_AChallengeIsRequiredOfEveryClient) {
  const http::FormPairs none{{"code_challenge", ""}, {"code_challenge_method", ""}};
  EXPECT_TRUE(refuses(none, "CARDEA-PKCE-001"));
  EXPECT_TRUE(refuses(none, "CARDEA-PKCE-001", "pS", "https://spa.example/cb"));
  EXPECT_TRUE(refuses(none, "CARDEA-PKCE-001", "pN", "http://127.0.0.1/cb"));
  EXPECT_TRUE(refuses({{"code_challenge", ""}}, "CARDEA-PKCE-001"));
}

// RFC7636-4.3; 7636-01: only a confidential client that is registered so may leave it out
TEST_F(Rfc7636Authorization, S4_3_OptionalIsForConfidentialClientsAlone) {
  const http::FormPairs none{{"code_challenge", ""}, {"code_challenge_method", ""}};
  for (const char* client : {"cA", "pS"}) {
    harness.edit_client(client, [](Client& it) { it.pkce = PkcePolicy::optional; });
  }
  EXPECT_TRUE(test::has_code(harness, browser.complete(ask(harness, browser, none))));
  EXPECT_TRUE(refuses(none, "CARDEA-PKCE-001", "pS", "https://spa.example/cb"));
  // A method without a challenge is a broken attempt, not an absent one.
  EXPECT_TRUE(refuses({{"code_challenge", ""}}, "CARDEA-PKCE-001"));
}

// RFC7636-4.3; 7636-02: S256 is the only method, and an absent one means plain
TEST_F(Rfc7636Authorization, S4_3_OnlyS256) {
  for (const char* method : {"plain", "s256", "S512", "", "S256 "}) {
    EXPECT_TRUE(refuses({{"code_challenge_method", method}}, "CARDEA-PKCE-002")) << method;
  }
}

// RFC7636-4.2; 7636-03: a challenge is 43 characters of base64url
TEST_F(Rfc7636Authorization, S4_2_TheChallengeIsWellFormed) {
  const std::string good = test::challenge;
  for (const std::string& wrong :
       {good.substr(1), good + "A", good.substr(1) + "=", good + "=", good.substr(1) + "+",
        good.substr(1) + "/", good.substr(1) + " ", std::string(43, '.')}) {
    EXPECT_TRUE(refuses({{"code_challenge", wrong}}, "CARDEA-PKCE-003")) << wrong;
  }
}

// RFC7636-4.1; 7636-07: the digest of nothing is no challenge
TEST_F(Rfc7636Authorization, S4_1_TheDigestOfNothingIsNoChallenge) {
  EXPECT_TRUE(
      refuses({{"code_challenge", base64url_encode(crypto::sha256(""))}}, "CARDEA-PKCE-004"));
}

// RFC7636-4.6; 9700-05: the code of one transaction does not fit the verifier of another
TEST_F(Rfc7636Authorization, S4_6_TheChallengeIsBoundToTheCode) {
  auto person = test::signed_in(harness);
  const std::string other = base64url_encode(crypto::sha256(std::string(43, 'v')));
  const auto response = ask(harness, person, {{"code_challenge", other}});
  ASSERT_TRUE(test::has_code(harness, response));
  EXPECT_EQ(test::redeem_reply(harness, response).error, "invalid_grant");
  EXPECT_EQ(test::redeem_reply(harness, ask(harness, person)).status, 200);
}

}  // namespace cardea::rfc7636_authorization_test
