// PKCE values: form, the published example, and comparison.
#include "protocol/pkce.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace cardea::pkce_test {

// The example of RFC 7636 Appendix B.
constexpr std::string_view verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

// RFC7636-B: the challenge of the published example is reproduced.
TEST(Rfc7636, B_PublishedExample) {
  EXPECT_EQ(pkce::challenge_of(pkce::Verifier(std::string(verifier))), challenge);
}

// RFC7636-4.6; 7636-04: the verifier must match the challenge.
TEST(Rfc7636, S4_6_VerifierMustMatchTheChallenge) {
  EXPECT_TRUE(pkce::holds({.challenge = challenge, .verifier = verifier}));
  std::string other(verifier);
  other.back() = 'l';
  EXPECT_FALSE(pkce::holds({.challenge = challenge, .verifier = other}));
  EXPECT_FALSE(pkce::holds({.challenge = verifier, .verifier = verifier}));  // plain
}

// RFC7636-4.1; 7636-04: a verifier has 43 to 128 unreserved characters.
TEST(Rfc7636, S4_1_VerifierForm) {
  EXPECT_TRUE(pkce::is_verifier(std::string(43, 'a')));
  EXPECT_TRUE(pkce::is_verifier(std::string(128, '~')));
  EXPECT_FALSE(pkce::is_verifier(std::string(42, 'a')));
  EXPECT_FALSE(pkce::is_verifier(std::string(129, 'a')));
  EXPECT_FALSE(pkce::is_verifier(std::string(42, 'a') + "%"));
  EXPECT_FALSE(pkce::is_verifier(std::string(42, 'a') + "\xc3\xa9"));
  EXPECT_FALSE(pkce::is_verifier(""));
}

// RFC7636-4.2; 7636-03: a challenge is exactly 43 base64url characters with one spelling.
TEST(Rfc7636, S4_2_ChallengeForm) {
  const std::string good(challenge);
  EXPECT_TRUE(pkce::is_challenge(good));
  for (const std::string& bad :
       {good.substr(0, 42), good + "A", good.substr(0, 42) + "=", good.substr(0, 42) + "+",
        good.substr(0, 42) + "/", good.substr(0, 42) + " ", good.substr(0, 42) + "N",
        std::string()}) {
    EXPECT_FALSE(pkce::is_challenge(bad)) << bad;
    EXPECT_FALSE(pkce::holds({.challenge = bad, .verifier = verifier})) << bad;
  }
}

// RFC7636-4.6; 7636-07: the hash of nothing is no way in.
TEST(Rfc7636, S4_6_EmptyVerifierNeverHolds) {
  EXPECT_FALSE(
      pkce::holds({.challenge = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", .verifier = ""}));
}

TEST(Pkce, MadeVerifiersAreWellFormedAndDiffer) {
  crypto::SystemRandom random;
  const auto one = pkce::make_verifier(random);
  const auto two = pkce::make_verifier(random);
  EXPECT_TRUE(pkce::is_verifier(one.reveal()));
  EXPECT_NE(one.reveal(), two.reveal());
  EXPECT_TRUE(pkce::holds({.challenge = pkce::challenge_of(one), .verifier = one.reveal()}));
}

}  // namespace cardea::pkce_test
