// RFC 7519: claims as values.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "jose/jws.h"

namespace cardea::rfc7519_test {

using crypto::PrivateKey;
using jose::JwsError;
using jose::SignatureAlgorithm;

std::optional<std::int64_t> date(std::string_view text) {
  const auto claims = json::parse_object("{\"exp\":" + std::string(text) + "}");
  return claims ? jose::numeric_date(*claims, "exp") : std::nullopt;
}

// RFC7519-2; 8725-12: a NumericDate is a number of seconds, whole or not, of sane size.
TEST(Rfc7519, S2_NumericDatesAreNumbersOfSaneSize) {
  EXPECT_EQ(date("0"), 0);
  EXPECT_EQ(date("1300819380"), 1300819380);
  EXPECT_EQ(date("1300819380.999"), 1300819380);
  EXPECT_EQ(date("1.3e9"), 1300000000);
  EXPECT_EQ(date("9007199254740992"), std::int64_t{1} << 53);
}

// RFC7519-2; 8725-12: what is no sane number is refused, and never read as "does not expire".
TEST(Rfc7519, S2_OtherDatesGiveNothing) {
  for (const auto* bad :
       {"\"1300819380\"", "-1", "-0.5", "1e300", "9007199254740993", "9223372036854775807",
        "18446744073709551616", "1e999", "NaN", "Infinity", "null", "true", "[1300819380]", "{}"}) {
    EXPECT_FALSE(date(bad)) << bad;
  }
  EXPECT_FALSE(jose::numeric_date(json::Object{}, "exp"));
}

// RFC7519-7.2: the claims set is one JSON object, also when a good signature covers something else.
TEST(Rfc7519, S7_2_ClaimsAreAnObject) {
  const auto key = PrivateKey::generate(SignatureAlgorithm::EdDSA);
  const auto set =
      jose::JwkSet::parse(json::Object{{"keys", json::Array{jose::write_jwk(key, "")}}}).value();
  const auto verify = [&](std::string_view payload) {
    std::string token = base64url_encode(R"({"alg":"EdDSA"})") + "." + base64url_encode(payload);
    token += "." + base64url_encode(key.sign(token));
    return jose::verify_jwt(token, set, {SignatureAlgorithm::EdDSA});
  };
  ASSERT_TRUE(verify("{}"));
  for (const auto* bad : {"", "[]", "[{\"sub\":\"x\"}]", "null", "\"{}\"", "1", "{} {}",
                          "eyJhbGciOiJub25lIn0.e30."}) {
    const auto verified = verify(bad);
    ASSERT_FALSE(verified) << bad;
    EXPECT_EQ(verified.error(), JwsError::bad_json) << bad;
  }
}

}  // namespace cardea::rfc7519_test
