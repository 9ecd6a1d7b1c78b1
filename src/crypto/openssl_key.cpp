// Keys from and to parameters; see openssl_key.h.
#include "crypto/openssl_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <array>

#include "base/result.h"
#include "crypto/digest.h"

namespace cardea::crypto {
namespace {

using Number = Owned<BIGNUM, BN_free>;
using ParameterBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using Pkcs8 = Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

// RFC 7518 3.3 sets the lower bound; above the upper one a verification takes milliseconds.
constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;

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

const char* group_of(Curve curve) {
  return curve == Curve::P384 ? "P-384" : "P-256";
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

}  // namespace

// SP 800-186 D.1.1.2: both curves have cofactor 1, so a point on the curve is in the group.
// fromdata of OpenSSL 3.0 looks too, but does not promise it; d2i does not look at all.
bool is_on_curve(const EVP_PKEY* key) {
  // The context only counts a reference of the key.
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, const_cast<EVP_PKEY*>(key), nullptr));
  ensure(context != nullptr);
  const bool good = EVP_PKEY_public_check_quick(context.get()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

OwnedKey rsa_public_key(const RsaPublic& parameters) {
  if (!is_sound_rsa(parameters)) return nullptr;
  const Number n = number_from(parameters.n);
  const Number e = number_from(parameters.e);
  ParameterBuilder builder(OSSL_PARAM_BLD_new());
  ensure(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
         OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  const Parameters built(OSSL_PARAM_BLD_to_param(builder.get()));
  return key_from("RSA", built.get());
}

OwnedKey ec_public_key(Curve curve, const EcPublic& parameters) {
  const std::size_t size = form_of(curve).size;
  if (parameters.x.size() != size || parameters.y.size() != size) return nullptr;
  std::string point = "\x04" + parameters.x + parameters.y;  // SEC 1 2.3.3, uncompressed
  std::string group = group_of(curve);
  OSSL_PARAM built[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  OwnedKey key = key_from("EC", built);
  return key && is_on_curve(key.get()) ? std::move(key) : nullptr;
}

RsaPublic rsa_parameters(const EVP_PKEY* key) {
  return {.n = exported(key, OSSL_PKEY_PARAM_RSA_N, 0),
          .e = exported(key, OSSL_PKEY_PARAM_RSA_E, 0)};
}

EcPublic ec_parameters(const EVP_PKEY* key, Curve curve) {
  const std::size_t size = form_of(curve).size;
  return {.x = exported(key, OSSL_PKEY_PARAM_EC_PUB_X, size),
          .y = exported(key, OSSL_PKEY_PARAM_EC_PUB_Y, size)};
}

bool is_of_curve(const EVP_PKEY* key, Curve curve) {
  char name[32];
  std::size_t size = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1) return false;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return false;
  const std::string_view group(name, size);
  return curve == Curve::P384 ? group == "secp384r1" : group == "prime256v1";
}

const CurveForm& form_of(Curve curve) {
  return curve == Curve::P384 ? p384_form : p256_form;
}

OwnedKey generate_rsa(unsigned bits) {
  return OwnedKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits)));
}

// Also for the key of one message (RFC 7518 4.6), so the context is kept.
OwnedKey generate_ec(Curve curve) {
  thread_local std::array<PkeyContext, 2> contexts;
  PkeyContext& context = contexts[curve == Curve::P384 ? 1 : 0];
  if (!context) {
    context.reset(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    ensure(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_group_name(context.get(), group_of(curve)) == 1);
  }
  EVP_PKEY* key = nullptr;
  ensure(EVP_PKEY_generate(context.get(), &key) == 1);
  return OwnedKey(key);
}

OwnedKey decode_pkcs8(std::string_view der) {
  const unsigned char* at = octets(der);
  const Pkcs8 info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  OwnedKey key;
  if (info && at == octets(der) + der.size()) key.reset(EVP_PKCS82PKEY(info.get()));
  ERR_clear_error();
  return key;
}

PrivateKeyBytes encode_pkcs8(const EVP_PKEY* key) {
  const Pkcs8 info(EVP_PKEY2PKCS8(key));
  ensure(info != nullptr);
  unsigned char* encoded = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &encoded);
  ensure(size > 0);
  PrivateKeyBytes out(
      std::string(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size)));
  OPENSSL_clear_free(encoded, static_cast<std::size_t>(size));
  return out;
}

}  // namespace cardea::crypto
