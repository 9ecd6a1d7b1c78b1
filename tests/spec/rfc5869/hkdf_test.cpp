// RFC 5869: HKDF with SHA-256.
#include <gtest/gtest.h>

#include "base/base64url.h"
#include "crypto/hash.h"
#include "vectors/read_vectors.h"

namespace cardea::rfc5869_test {

// RFC5869-A: the published vectors hold.
TEST(Rfc5869, A_TheVectorsHold) {
  for (const auto& vector : vectors::read("crypto/hkdf.json")) {
    const auto bytes = [&](std::string_view name) {
      return hex_decode(vectors::text(vector, name)).value();
    };
    const std::string okm = bytes("okm");
    EXPECT_EQ(crypto::hkdf_sha256(bytes("ikm"), bytes("salt"), bytes("info"), okm.size()), okm)
        << vectors::text(vector, "source");
  }
}

// RFC5869-2.3: shorter output is the beginning of longer output, up to 255 blocks.
TEST(Rfc5869, S2_3_LengthsFromNoneToTheMost) {
  const std::string most = crypto::hkdf_sha256("key", "salt", "info", 255 * 32);
  EXPECT_EQ(most.size(), 255u * 32u);
  for (const std::size_t size : {0u, 1u, 31u, 32u, 33u, 64u}) {
    EXPECT_EQ(crypto::hkdf_sha256("key", "salt", "info", size), most.substr(0, size));
  }
  EXPECT_NE(crypto::hkdf_sha256("key", "salt", "other", 32), most.substr(0, 32));
}

}  // namespace cardea::rfc5869_test
