// Asymmetric keys as values: each holds exactly one algorithm, so a header can only be compared
// with it (RFC 8725 3.1). Keys are built from parameters, never from PEM on a hot path; contexts
// are reused.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace cardea::crypto {

// Enumerators are spelled as the registered JOSE names (RFC 7518 3.1, RFC 8037 3.1).
enum class SignatureAlgorithm { RS256, PS256, ES256, ES384, EdDSA };

enum class Curve { P256, P384 };

// Public key parameters in the form of JWK members, as raw big-endian bytes.
struct RsaPublic {
  std::string n;
  std::string e;
};
struct EcPublic {  // x and y of full field size
  std::string x;
  std::string y;
};
struct OkpPublic {  // Ed25519
  std::string x;
};

class PublicKey {
 public:
  // Nothing when the parameters are not a valid key for the algorithm: RSA below 2048 or above 8192
  // bits, even or small exponents, a point off the curve, wrong lengths.
  static std::optional<PublicKey> rsa(SignatureAlgorithm algorithm, const RsaPublic& parameters);
  static std::optional<PublicKey> ec(SignatureAlgorithm algorithm, const EcPublic& parameters);
  static std::optional<PublicKey> okp(const OkpPublic& parameters);

  SignatureAlgorithm algorithm() const;
  // signature: JOSE form (r||s for ECDSA). Thread-safe. False on any defect.
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  friend class PrivateKey;
  struct Impl;
  explicit PublicKey(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

using PrivateKeyBytes = Secret<struct PrivateKeyBytesTag>;

class PrivateKey {
 public:
  // rsa_bits only for RS256 and PS256.
  static PrivateKey generate(SignatureAlgorithm algorithm, unsigned rsa_bits = 2048);
  // PKCS#8 DER, for keeping (sealed). Nothing when it is not a key for the algorithm.
  static std::optional<PrivateKey> from_der(SignatureAlgorithm algorithm,
                                            const PrivateKeyBytes& der);
  PrivateKeyBytes to_der() const;

  SignatureAlgorithm algorithm() const;
  // JOSE form. Thread-safe; uses a context kept for this thread and key.
  std::string sign(std::string_view message) const;
  PublicKey public_key() const;

  // Exactly one is filled, by algorithm.
  std::optional<RsaPublic> rsa_public() const;
  std::optional<EcPublic> ec_public() const;
  std::optional<OkpPublic> okp_public() const;

 private:
  struct Impl;
  explicit PrivateKey(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace cardea::crypto
