// The two forms of an ECDSA signature: JOSE's r||s (RFC 7518 3.4) and the DER of RFC 3279 2.2.3,
// which OpenSSL speaks. Strict in both directions. Internal to crypto/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cardea::crypto {

// What the forms need to know of a curve: bytes of a coordinate (and of r and s), and the group
// order, big-endian.
struct CurveForm {
  std::size_t size;
  std::string_view order;
};
extern const CurveForm p256_form;
extern const CurveForm p384_form;

// Nothing unless the signature is exactly twice `size` bytes and r and s are in [1, order - 1].
std::optional<std::string> der_from_jose(const CurveForm& curve, std::string_view signature);
// der: as OpenSSL wrote it; anything else is a broken invariant.
std::string jose_from_der(const CurveForm& curve, std::string_view der);

}  // namespace cardea::crypto
