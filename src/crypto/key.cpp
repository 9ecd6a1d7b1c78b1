// Keys over OpenSSL EVP (RSA, ECDSA) and libsodium (Ed25519, nearly twice as fast there and needing
// no context); signatures are made in signature_context.cpp. Keys are checked once, when they are
// built. See key.h.
#include "crypto/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/signature_context.h"
#include "crypto/sodium.h"

namespace cardea::crypto {
namespace {

using Number = Owned<BIGNUM, BN_free>;
using PkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParameterBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using Pkcs8 = Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

constexpr std::size_t ed25519_seed_bytes = crypto_sign_ed25519_SEEDBYTES;
constexpr std::size_t ed25519_public_bytes = crypto_sign_ed25519_PUBLICKEYBYTES;
// RFC 7518 3.3 sets the lower bound; above the upper one a verification takes milliseconds.
constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;

bool is_rsa(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::RS256 || algorithm == SignatureAlgorithm::PS256;
}

Number number_from(std::string_view bytes) {
  Number number(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
  ensure(number != nullptr);
  return number;
}

// A public key of the named type; null when the library refuses the parameters.
OwnedKey key_from(const char* type, OSSL_PARAM* parameters) {
  PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  ensure(context && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return OwnedKey(key);
}

// RFC 7518 3.3 (2048 bits) and 6.3.1 (no leading zero octets). Exponents between 65537 and 64 bits:
// smaller ones make padding faults forgeable, larger ones only cost time.
bool is_sound_rsa(const RsaPublic& parameters) {
  if (parameters.n.empty() || parameters.n.size() > rsa_bits_max / 8 || parameters.e.size() > 8) {
    return false;
  }
  if (parameters.n.front() == '\0' || parameters.e.starts_with('\0')) return false;
  const Number n = number_from(parameters.n);
  const Number e = number_from(parameters.e);
  return BN_num_bits(n.get()) >= rsa_bits_min && BN_is_odd(n.get()) && BN_is_odd(e.get()) &&
         BN_get_word(e.get()) >= 65537;
}

OwnedKey rsa_key(const RsaPublic& parameters) {
  const Number n = number_from(parameters.n);
  const Number e = number_from(parameters.e);
  ParameterBuilder builder(OSSL_PARAM_BLD_new());
  ensure(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
         OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  const Parameters built(OSSL_PARAM_BLD_to_param(builder.get()));
  return key_from("RSA", built.get());
}

const char* group_of(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::ES384 ? "P-384" : "P-256";
}

// SP 800-186 D.1.1.2: both curves have cofactor 1, so a point on the curve is in the group.
// fromdata of OpenSSL 3.0 looks too, but does not promise it.
bool is_on_curve(EVP_PKEY* key) {
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  ensure(context != nullptr);
  const bool good = EVP_PKEY_public_check_quick(context.get()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

OwnedKey ec_key(SignatureAlgorithm algorithm, const EcPublic& parameters) {
  std::string point = "\x04" + parameters.x + parameters.y;  // SEC 1 2.3.3, uncompressed
  std::string group = group_of(algorithm);
  OSSL_PARAM built[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  OwnedKey key = key_from("EC", built);
  return key && is_on_curve(key.get()) ? std::move(key) : nullptr;
}

// A number of the key as big-endian bytes: padded to `size`, or as short as possible for size 0.
std::string exported(const EVP_PKEY* key, const char* name, std::size_t size) {
  BIGNUM* raw = nullptr;
  ensure(EVP_PKEY_get_bn_param(key, name, &raw) == 1);
  const Number number(raw);
  std::string out(size != 0 ? size : static_cast<std::size_t>(BN_num_bytes(raw)), '\0');
  ensure(BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(out.data()),
                      static_cast<int>(out.size())) >= 0);
  return out;
}

bool is_of_group(const EVP_PKEY* key, SignatureAlgorithm algorithm) {
  char name[32];
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return false;
  const std::string_view group(name, size);
  return algorithm == SignatureAlgorithm::ES384 ? group == "secp384r1" : group == "prime256v1";
}

OwnedKey decode_pkcs8(std::string_view der) {
  const unsigned char* at = octets(der);
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  OwnedKey key;
  if (info && at == octets(der) + der.size()) key.reset(EVP_PKCS82PKEY(info.get()));
  ERR_clear_error();
  return key;
}

bool is_key_for(const EVP_PKEY* key, SignatureAlgorithm algorithm) {
  if (is_rsa(algorithm)) return EVP_PKEY_is_a(key, "RSA") == 1;
  if (algorithm == SignatureAlgorithm::EdDSA) return EVP_PKEY_is_a(key, "ED25519") == 1;
  return EVP_PKEY_is_a(key, "EC") == 1 && is_of_group(key, algorithm);
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
  if (!is_rsa(algorithm) || !is_sound_rsa(parameters)) return std::nullopt;
  OwnedKey key = rsa_key(parameters);
  if (!key) return std::nullopt;
  return PublicKey(std::make_shared<const Impl>(Impl{{algorithm, std::move(key)}, {}}));
}

// RFC 8725 3.4: the point is on the algorithm's own curve.
std::optional<PublicKey> PublicKey::ec(SignatureAlgorithm algorithm, const EcPublic& parameters) {
  const CurveForm* curve = curve_of(algorithm);
  if (curve == nullptr) return std::nullopt;
  if (parameters.x.size() != curve->size || parameters.y.size() != curve->size) return std::nullopt;
  OwnedKey key = ec_key(algorithm, parameters);
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
    rsa = RsaPublic{.n = exported(raw, OSSL_PKEY_PARAM_RSA_N, 0),
                    .e = exported(raw, OSSL_PKEY_PARAM_RSA_E, 0)};
    public_key = PublicKey::rsa(key.algorithm, *rsa);
  } else if (const CurveForm* curve = curve_of(key.algorithm)) {
    ec = EcPublic{.x = exported(raw, OSSL_PKEY_PARAM_EC_PUB_X, curve->size),
                  .y = exported(raw, OSSL_PKEY_PARAM_EC_PUB_Y, curve->size)};
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
  EVP_PKEY* key = nullptr;
  if (is_rsa(algorithm)) {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(rsa_bits));
  } else if (algorithm == SignatureAlgorithm::EdDSA) {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  } else {
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", group_of(algorithm));
  }
  auto impl = Impl::make(algorithm, OwnedKey(key));
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
  const Pkcs8 info(EVP_PKEY2PKCS8(impl_->key.key.get()));
  ensure(info != nullptr);
  unsigned char* encoded = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &encoded);
  ensure(size > 0);
  PrivateKeyBytes out(
      std::string(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size)));
  OPENSSL_clear_free(encoded, static_cast<std::size_t>(size));
  return out;
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
