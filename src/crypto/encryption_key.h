// Keys that others encrypt to: RSA for OAEP with SHA-256 (RFC 8017 7.1, RFC 7518 4.3) and EC for
// key agreement (RFC 7518 4.6). A type apart from the keys that sign, so that neither can do the
// other's work.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/aes.h"
#include "crypto/key.h"

namespace cardea::crypto {

enum class EncryptionKeyType { RSA, P256, P384 };

using SharedSecret = Secret<struct SharedSecretTag>;  // Z of RFC 7518 4.6: the x coordinate

// One key agreement with a key made for it alone.
struct EphemeralAgreement {
  EcPublic ephemeral;
  SharedSecret secret;
};

class EncryptionPublicKey {
 public:
  // Nothing when the parameters are not sound, by the rules of PublicKey (crypto/key.h).
  static std::optional<EncryptionPublicKey> rsa(const RsaPublic& parameters);
  static std::optional<EncryptionPublicKey> ec(Curve curve, const EcPublic& parameters);

  EncryptionKeyType type() const;
  // For RSA alone. As long as the modulus.
  std::string encrypt_oaep(const AesKey& content_key) const;
  // For EC alone. The private half is gone when this returns.
  EphemeralAgreement agree() const;

 private:
  friend class EncryptionPrivateKey;
  struct Impl;
  explicit EncryptionPublicKey(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

class EncryptionPrivateKey {
 public:
  // rsa_bits for RSA alone.
  static EncryptionPrivateKey generate(EncryptionKeyType type, unsigned rsa_bits = 2048);
  // PKCS#8 DER, for keeping (sealed). Nothing when it is not a key of the type, or its halves do
  // not belong together.
  static std::optional<EncryptionPrivateKey> from_der(EncryptionKeyType type,
                                                      const PrivateKeyBytes& der);
  PrivateKeyBytes to_der() const;

  EncryptionKeyType type() const;
  // For RSA alone. Nothing when the padding, or the size of what it holds, is wrong; the caller
  // must go on as if it were right (RFC 7516 11.5).
  std::optional<AesKey> decrypt_oaep(std::string_view encrypted, std::size_t key_bytes) const;
  // For EC alone, with a key of the same curve.
  SharedSecret agree(const EncryptionPublicKey& other) const;
  EncryptionPublicKey public_key() const;

  // Exactly one is filled, by type.
  std::optional<RsaPublic> rsa_public() const;
  std::optional<EcPublic> ec_public() const;

 private:
  struct Impl;
  explicit EncryptionPrivateKey(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace cardea::crypto
