// The two forms of an ECDSA signature, and that r and s are judged here, not by the library behind.
#include "crypto/ecdsa_form.h"

#include <gtest/gtest.h>

#include "base/base64url.h"

namespace cardea::ecdsa_form_test {

using crypto::der_from_jose;
using crypto::jose_from_der;
using crypto::p256_form;
using crypto::p384_form;

std::string number(std::size_t size, unsigned char last) {
  return std::string(size - 1, '\0') + static_cast<char>(last);
}

TEST(EcdsaForm, SmallAndNegativeLookingNumbersAreFramedAsDer) {
  const std::string jose = number(32, 0x7f) + number(32, 0x80);
  const auto der = der_from_jose(p256_form, jose);
  ASSERT_TRUE(der);
  EXPECT_EQ(hex_encode(*der), "300702017f02020080");
  EXPECT_EQ(jose_from_der(p256_form, *der), jose);
}

TEST(EcdsaForm, TheLargestNumbersComeBack) {
  for (const auto* curve : {&p256_form, &p384_form}) {
    std::string largest(curve->order);
    largest.back() = static_cast<char>(largest.back() - 1);  // both orders are odd
    const auto der = der_from_jose(*curve, largest + largest);
    ASSERT_TRUE(der);
    EXPECT_EQ(jose_from_der(*curve, *der), largest + largest);
  }
}

TEST(EcdsaForm, NumbersOutsideTheGroupAndOtherLengthsAreRefused) {
  for (const auto* curve : {&p256_form, &p384_form}) {
    const std::string one = number(curve->size, 1);
    const std::string zero(curve->size, '\0');
    const std::string order(curve->order);
    const std::string most(curve->size, '\xff');
    EXPECT_TRUE(der_from_jose(*curve, one + one));
    for (const std::string& bad : {zero + one, one + zero, order + one, one + order, most + one,
                                   one + most, one, one + one + '\0', std::string()}) {
      EXPECT_FALSE(der_from_jose(*curve, bad)) << hex_encode(bad);
    }
  }
}

}  // namespace cardea::ecdsa_form_test
