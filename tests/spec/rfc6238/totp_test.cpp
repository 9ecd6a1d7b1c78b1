// RFC 6238: time-based one-time passwords, with the values of its Appendix B and of RFC 4226.
#include "protocol/totp.h"

#include <gtest/gtest.h>

#include "base/base32.h"
#include "crypto/random.h"

namespace cardea::rfc6238_test {

const totp::SharedSecret secret("12345678901234567890");

// RFC6238-B; 6238-01: the published values hold
TEST(Rfc6238, B_TheVectorsHold) {
  const std::pair<std::int64_t, std::string_view> rows[] = {
      {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
      {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : rows) {
    const auto step = totp::step_at(Instant::from_seconds(seconds));
    EXPECT_EQ(totp::code_of(secret, step, 8), code);
    EXPECT_EQ(totp::code_of(secret, step), code.substr(2));
  }
}

// RFC4226-D; 6238-01: so do those of HOTP
TEST(Rfc6238, TheVectorsOfHotpHold) {
  const std::string_view codes[] = {"755224", "287082", "359152", "969429", "338314",
                                    "254676", "287922", "162583", "399871", "520489"};
  for (std::int64_t counter = 0; counter < 10; ++counter) {
    EXPECT_EQ(totp::code_of(secret, counter), codes[counter]);
  }
}

// RFC6238-5.2; 6238-02; asvs-6.5.5: a code counts for its step of 30 seconds and one step each way
TEST(Rfc6238, S5_2_TheWindowIsOneStepEachWay) {
  const Instant now = Instant::from_seconds(1'800'000'000);
  const auto current = totp::step_at(now);
  EXPECT_EQ(current, 60'000'000);
  for (std::int64_t away = -3; away <= 3; ++away) {
    const auto found = totp::find_step(secret, totp::code_of(secret, current + away), now);
    EXPECT_EQ(found.has_value(), away >= -1 && away <= 1) << away;
    if (found) EXPECT_EQ(*found, current + away);
  }
  EXPECT_EQ(totp::find_step(secret, totp::code_of(secret, current), now + Seconds{29}), current);
  EXPECT_EQ(totp::find_step(secret, totp::code_of(secret, current), now + Seconds{59}), current);
  EXPECT_EQ(totp::find_step(secret, totp::code_of(secret, current), now + Seconds{60}),
            std::nullopt);
}

// RFC6238-5.2: what is not six digits is no code
TEST(Rfc6238, S5_2_OnlySixDigitsAreACode) {
  const Instant now = Instant::from_seconds(1'800'000'000);
  const auto right = totp::code_of(secret, totp::step_at(now));
  for (const auto& bad : {std::string(), right.substr(1), right + "0", " " + right, right + " ",
                          "-" + right.substr(1), right.substr(0, 5) + "a"}) {
    EXPECT_EQ(totp::find_step(secret, bad, now), std::nullopt) << bad;
  }
}

// RFC6238-5.1; 6238-03: a secret has 20 random bytes
TEST(Rfc6238, S5_1_SecretsAreRandomAndLong) {
  crypto::SystemRandom random;
  const auto one = totp::make_secret(random);
  EXPECT_EQ(one.reveal().size(), 20u);
  EXPECT_NE(one.reveal(), totp::make_secret(random).reveal());
}

TEST(Rfc6238, TheAddressHoldsIssuerLoginAndSecret) {
  EXPECT_EQ(totp::enrolment_uri(secret, {.issuer = "Acme & Co", .login = "a@b.example"}).reveal(),
            "otpauth://totp/Acme%20%26%20Co:a%40b.example?secret=" +
                base32_encode(secret.reveal()) + "&issuer=Acme%20%26%20Co");
}

}  // namespace cardea::rfc6238_test
