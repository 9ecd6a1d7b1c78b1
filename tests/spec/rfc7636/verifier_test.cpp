// Proof Key for Code Exchange at the token endpoint. RFC 7636 4.1, 4.5, 4.6; RFC 9700 4.8; security
// corpus 1.3.
#include <gtest/gtest.h>

#include "support/harness.h"

namespace cardea::verifier_test {

using test::Harness;
using test::is_json_refusal;

void expect_refused(Harness& server, const std::string& client, const http::FormPairs& form) {
  const auto writes = server.writes();
  EXPECT_TRUE(
      is_json_refusal(server.send(server.as_client(client, "/token", form)), 400, "invalid_grant"));
  EXPECT_EQ(server.writes(), writes);
}

http::FormPairs with_verifier(const Harness& server, const test::IssuedCode& code,
                              const std::string& verifier) {
  auto form = server.redeem_form(code);
  form.back().second = verifier;
  return form;
}

// RFC7636-4.6; 7636-04; 7636-08: a verifier that does not fit fails and changes nothing.
TEST(Rfc7636, S4_6_AWrongVerifierFailsAndChangesNothing) {
  Harness server;
  const auto code = server.issue_code();
  const std::string good = test::verifier;
  for (const auto& bad :
       {good.substr(0, 42), std::string(129, 'a'), good.substr(0, 42) + "%",
        good.substr(0, 41) + "\xc3\xa9", good + " ", " " + good, good + "=", std::string(43, 'a'),
        test::challenge, std::string("{\"code_verifier\":\"") + good + "\"}"}) {
    expect_refused(server, "cA", with_verifier(server, code, bad));
  }
  for (int i = 0; i < 5; ++i) {
    expect_refused(server, "cA", with_verifier(server, code, std::string(43, 'w')));
  }
  EXPECT_EQ(server.redeem("cA", code).status, 200);
}

// RFC7636-4.5; 7636-05; 7636-10; C01; C03: a stored challenge demands its verifier, from public and
// confidential clients alike.
TEST(Rfc7636, S4_5_AStoredChallengeDemandsItsVerifier) {
  Harness server;
  for (const auto* client : {"cA", "pN", "pS"}) {
    const auto code = server.issue_code({.client = client});
    expect_refused(server, client, with_verifier(server, code, ""));
    auto absent = server.redeem_form(code);
    absent.pop_back();
    expect_refused(server, client, absent);
    EXPECT_EQ(server.redeem(client, code).status, 200);
  }
}

// RFC9700-4.8.2; 7636-06: a verifier without a stored challenge is refused.
TEST(Rfc7636, S4_5_AVerifierWithoutAChallengeIsRefused) {
  Harness server;
  server.edit_client("cA", [](Client& client) { client.pkce = PkcePolicy::optional; });
  const auto code = server.issue_code({.code_challenge = ""});
  expect_refused(server, "cA", server.redeem_form(code));
  auto without = server.redeem_form(code);
  without.pop_back();
  EXPECT_EQ(server.send(server.as_client("cA", "/token", without)).status, 200);
}

// RFC7636-4.6; 7636-07: the hash of nothing is no way around the verifier.
TEST(Rfc7636, S4_6_TheHashOfNothingIsNoWayAround) {
  Harness server;
  const auto code =
      server.issue_code({.code_challenge = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"});
  expect_refused(server, "cA", with_verifier(server, code, ""));
  auto absent = server.redeem_form(code);
  absent.pop_back();
  expect_refused(server, "cA", absent);
}

// RFC7636-4.6; 9700-05: the code of one transaction with the verifier of another.
TEST(Rfc7636, S4_6_ACodeNeedsTheVerifierOfItsOwnTransaction) {
  Harness server;
  const auto other = server.issue_code(
      {.code_challenge = "1rj0Ydd7nO0hjX9DoNuLrsVKdKUoFzwbzqFVlEbWWYM", .nonce = "other"});
  expect_refused(server, "cA", server.redeem_form(other));
}

// RFC7636-4.5; 7636-12: two verifiers, the first right.
TEST(Rfc7636, S4_5_TwoVerifiersAreRefused) {
  Harness server;
  const auto code = server.issue_code();
  auto form = server.redeem_form(code);
  form.emplace_back("code_verifier", std::string(43, 'x'));
  EXPECT_TRUE(
      is_json_refusal(server.send(server.as_client("cA", "/token", form)), 400, "invalid_request"));
  EXPECT_EQ(server.redeem("cA", code).status, 200);
}

// RFC9700-2.1.1; 7636-11: support is published.
TEST(Rfc7636, S6_2_SupportIsPublished) {
  Harness server;
  const auto metadata = test::json_of(server.send(server.get("/.well-known/openid-configuration")));
  EXPECT_EQ(json::strings_member(metadata, "code_challenge_methods_supported"),
            std::vector<std::string>{"S256"});
}

}  // namespace cardea::verifier_test
