// Keys over OpenSSL EVP (RSA, ECDSA) and libsodium (Ed25519, nearly twice as fast there and needing
// no context); signatures are made in signature_context.cpp. Keys are checked once, when they are
// built. See key.h.
#include "crypto/key.h"

#include <openssl/evp.h>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/openssl_key.h"
#include "crypto/signature_context.h"
#include "crypto/sodium.h"

namespace cardea::crypto {
namespace {

constexpr std::size_t ed25519_seed_bytes = crypto_sign_ed25519_SEEDBYTES;
constexpr std::size_t ed25519_public_bytes = crypto_sign_ed25519_PUBLICKEYBYTES;

bool is_rsa(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::RS256 || algorithm == SignatureAlgorithm::PS256;
}

// For ES256 and ES384.
Curve curve_for(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::ES384 ? Curve::P384 : Curve::P256;
}

bool is_key_for(const EVP_PKEY* key, SignatureAlgorithm algorithm) {
  if (is_rsa(algorithm)) return EVP_PKEY_is_a(key, "RSA") == 1;
  if (algorithm == SignatureAlgorithm::EdDSA) return EVP_PKEY_is_a(key, "ED25519") == 1;
  return is_of_curve(key, curve_for(algorithm));
}

bool sodium_verify(std::string_view x, std::string_view message, std::string_view signature) {
  return signature.size() == crypto_sign_ed25519_BYTES &&
         crypto_sign_ed25519_verify_detached(octets(signature), octets(message), message.size(),
                                             octets(x)) == 0;
}

using Ed25519Secret = Secret<struct Ed25519SecretTag>;  // seed || public key, as libsodium signs

Ed25519Secret ed25519_secret(const EVP_PKEY* key) {
  start_sodium();
  std::string seed(ed25519_seed_bytes, '\0');
  std::size_t size = seed.size();
  ensure(EVP_PKEY_get_raw_private_key(key, reinterpret_cast<unsigned char*>(seed.data()), &size) ==
             1 &&
         size == seed.size());
  std::string secret(crypto_sign_ed25519_SECRETKEYBYTES, '\0');
  std::string public_key(ed25519_public_bytes, '\0');
  crypto_sign_ed25519_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()),
                                   reinterpret_cast<unsigned char*>(secret.data()), octets(seed));
  wipe(seed);
  return Ed25519Secret(std::move(secret));
}

}  // namespace

// key.key is null for EdDSA, whose `x` is filled instead.
struct PublicKey::Impl {
  SignatureKey key;
  std::string x;
};

PublicKey::PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

std::optional<PublicKey> PublicKey::rsa(SignatureAlgorithm algorithm, const RsaPublic& parameters) {
  if (!is_rsa(algorithm)) return std::nullopt;
  OwnedKey key = rsa_public_key(parameters);
  if (!key) return std::nullopt;
  return PublicKey(std::make_shared<const Impl>(Impl{{algorithm, std::move(key)}, {}}));
}

// RFC 8725 3.4: the point is on the algorithm's own curve.
std::optional<PublicKey> PublicKey::ec(SignatureAlgorithm algorithm, const EcPublic& parameters) {
  if (curve_of(algorithm) == nullptr) return std::nullopt;
  OwnedKey key = ec_public_key(curve_for(algorithm), parameters);
  if (!key) return std::nullopt;
  return PublicKey(std::make_shared<const Impl>(Impl{{algorithm, std::move(key)}, {}}));
}

// RFC 8032 5.1.3, and the point must be in the prime-order group: others verify signatures nobody
// made.
std::optional<PublicKey> PublicKey::okp(const OkpPublic& parameters) {
  start_sodium();
  if (parameters.x.size() != ed25519_public_bytes) return std::nullopt;
  if (crypto_core_ed25519_is_valid_point(octets(parameters.x)) != 1) return std::nullopt;
  return PublicKey(
      std::make_shared<const Impl>(Impl{{SignatureAlgorithm::EdDSA, nullptr}, parameters.x}));
}

SignatureAlgorithm PublicKey::algorithm() const {
  return impl_->key.algorithm;
}

bool PublicKey::verify(std::string_view message, std::string_view signature) const {
  if (algorithm() == SignatureAlgorithm::EdDSA) return sodium_verify(impl_->x, message, signature);
  return verify_with(impl_->key, message, signature);
}

struct PrivateKey::Impl {
  SignatureKey key;       // for EdDSA only for to_der
  Ed25519Secret ed25519;  // empty for the others
  std::optional<RsaPublic> rsa;
  std::optional<EcPublic> ec;
  std::optional<OkpPublic> okp;
  std::optional<PublicKey> public_key;

  // Null when the key is not fit for the algorithm.
  static std::shared_ptr<const Impl> make(SignatureAlgorithm algorithm, OwnedKey key);
  void take_parameters();
};

void PrivateKey::Impl::take_parameters() {
  const EVP_PKEY* raw = key.key.get();
  if (is_rsa(key.algorithm)) {
    rsa = rsa_parameters(raw);
    public_key = PublicKey::rsa(key.algorithm, *rsa);
  } else if (curve_of(key.algorithm) != nullptr) {
    ec = ec_parameters(raw, curve_for(key.algorithm));
    public_key = PublicKey::ec(key.algorithm, *ec);
  } else {
    ed25519 = ed25519_secret(raw);
    okp = OkpPublic{.x = std::string(ed25519.reveal().substr(ed25519_seed_bytes))};
    public_key = PublicKey::okp(*okp);
  }
}

std::shared_ptr<const PrivateKey::Impl> PrivateKey::Impl::make(SignatureAlgorithm algorithm,
                                                               OwnedKey key) {
  if (!key || !is_key_for(key.get(), algorithm)) return nullptr;
  auto impl = std::make_shared<Impl>(Impl{{algorithm, std::move(key)}, {}, {}, {}, {}, {}});
  impl->take_parameters();
  if (!impl->public_key) return nullptr;
  return impl;
}

PrivateKey::PrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

PrivateKey PrivateKey::generate(SignatureAlgorithm algorithm, unsigned rsa_bits) {
  OwnedKey key;
  if (is_rsa(algorithm)) {
    key = generate_rsa(rsa_bits);
  } else if (algorithm == SignatureAlgorithm::EdDSA) {
    key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  } else {
    key = generate_ec(curve_for(algorithm));
  }
  auto impl = Impl::make(algorithm, std::move(key));
  ensure(impl != nullptr);  // also when rsa_bits is outside 2048..8192
  return PrivateKey(std::move(impl));
}

std::optional<PrivateKey> PrivateKey::from_der(SignatureAlgorithm algorithm,
                                               const PrivateKeyBytes& der) {
  auto impl = Impl::make(algorithm, decode_pkcs8(der.reveal()));
  if (!impl) return std::nullopt;
  PrivateKey key(std::move(impl));
  // One signature proves that the private and the public half belong together, and computes.
  constexpr std::string_view probe = "cardea key probe";
  const std::string signature =
      algorithm == SignatureAlgorithm::EdDSA ? key.sign(probe) : sign_with(key.impl_->key, probe);
  if (!key.impl_->public_key->verify(probe, signature)) return std::nullopt;
  return key;
}

PrivateKeyBytes PrivateKey::to_der() const {
  return encode_pkcs8(impl_->key.key.get());
}

SignatureAlgorithm PrivateKey::algorithm() const {
  return impl_->key.algorithm;
}

std::string PrivateKey::sign(std::string_view message) const {
  if (algorithm() != SignatureAlgorithm::EdDSA) {
    std::string signature = sign_with(impl_->key, message);
    ensure(!signature.empty());
    return signature;
  }
  std::string out(crypto_sign_ed25519_BYTES, '\0');
  crypto_sign_ed25519_detached(reinterpret_cast<unsigned char*>(out.data()), nullptr,
                               octets(message), message.size(), octets(impl_->ed25519.reveal()));
  return out;
}

PublicKey PrivateKey::public_key() const {
  return *impl_->public_key;
}
std::optional<RsaPublic> PrivateKey::rsa_public() const {
  return impl_->rsa;
}
std::optional<EcPublic> PrivateKey::ec_public() const {
  return impl_->ec;
}
std::optional<OkpPublic> PrivateKey::okp_public() const {
  return impl_->okp;
}

}  // namespace cardea::crypto
