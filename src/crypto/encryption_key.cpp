// OAEP and key agreement over OpenSSL EVP; see encryption_key.h. Contexts are kept for each thread
// and key.
#include "crypto/encryption_key.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/result.h"
#include "crypto/context_cache.h"
#include "crypto/digest.h"

namespace cardea::crypto {
namespace {

struct EncryptionKey {
  EncryptionKey(EncryptionKeyType type_in, OwnedKey key_in)
      : type(type_in), key(std::move(key_in)) {}

  EncryptionKeyType type;
  OwnedKey key;
  std::uint64_t id = next_key_id();
  std::shared_ptr<const int> alive = std::make_shared<const int>(0);
};

PkeyContext context_of(const EncryptionKey& key) {
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.key.get(), nullptr));
  ensure(context != nullptr);
  return context;
}

// RFC 7518 4.3: SHA-256 as hash and within MGF1.
void set_oaep(EVP_PKEY_CTX* context) {
  const EVP_MD* digest = fetched(Digest::sha256);
  ensure(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, digest) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1);
}

PkeyContext encrypting_context(const EncryptionKey& key) {
  auto context = context_of(key);
  ensure(EVP_PKEY_encrypt_init(context.get()) == 1);
  set_oaep(context.get());
  return context;
}

PkeyContext decrypting_context(const EncryptionKey& key) {
  auto context = context_of(key);
  ensure(EVP_PKEY_decrypt_init(context.get()) == 1);
  set_oaep(context.get());
  return context;
}

PkeyContext agreeing_context(const EncryptionKey& key) {
  auto context = context_of(key);
  ensure(EVP_PKEY_derive_init(context.get()) == 1);
  return context;
}

// For the two types that are EC.
Curve curve_for(EncryptionKeyType type) {
  return type == EncryptionKeyType::P384 ? Curve::P384 : Curve::P256;
}

bool is_key_for(const EVP_PKEY* key, EncryptionKeyType type) {
  if (type == EncryptionKeyType::RSA) return EVP_PKEY_is_a(key, "RSA") == 1;
  return is_of_curve(key, curve_for(type));
}

// The other key was checked when it was built.
SharedSecret agreed(EVP_PKEY_CTX* own, const EncryptionKey& other) {
  ensure(EVP_PKEY_derive_set_peer_ex(own, other.key.get(), 0) == 1);
  std::string out(form_of(curve_for(other.type)).size, '\0');
  std::size_t size = out.size();
  ensure(EVP_PKEY_derive(own, reinterpret_cast<unsigned char*>(out.data()), &size) == 1 &&
         size == out.size());
  return SharedSecret(std::move(out));
}

}  // namespace

struct EncryptionPublicKey::Impl {
  EncryptionKey key;
};

EncryptionPublicKey::EncryptionPublicKey(std::shared_ptr<const Impl> impl)
    : impl_(std::move(impl)) {}

std::optional<EncryptionPublicKey> EncryptionPublicKey::rsa(const RsaPublic& parameters) {
  auto key = rsa_public_key(parameters);
  if (!key) return std::nullopt;
  return EncryptionPublicKey(
      std::make_shared<const Impl>(Impl{{EncryptionKeyType::RSA, std::move(key)}}));
}

// RFC 8725 3.4: the point is on the curve.
std::optional<EncryptionPublicKey> EncryptionPublicKey::ec(Curve curve,
                                                           const EcPublic& parameters) {
  auto key = ec_public_key(curve, parameters);
  if (!key) return std::nullopt;
  const auto type = curve == Curve::P384 ? EncryptionKeyType::P384 : EncryptionKeyType::P256;
  return EncryptionPublicKey(std::make_shared<const Impl>(Impl{{type, std::move(key)}}));
}

EncryptionKeyType EncryptionPublicKey::type() const {
  return impl_->key.type;
}

std::string EncryptionPublicKey::encrypt_oaep(const AesKey& content_key) const {
  ensure(type() == EncryptionKeyType::RSA);
  thread_local ContextCache<EncryptionKey> cache(encrypting_context);
  EVP_PKEY_CTX* context = cache.context_for(impl_->key);
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.key.get())), '\0');
  std::size_t size = out.size();
  ensure(EVP_PKEY_encrypt(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                          octets(content_key.reveal()), content_key.reveal().size()) == 1 &&
         size == out.size());
  return out;
}

EphemeralAgreement EncryptionPublicKey::agree() const {
  ensure(type() != EncryptionKeyType::RSA);
  const EncryptionKey ephemeral(type(), generate_ec(curve_for(type())));
  const auto context = agreeing_context(ephemeral);  // not kept: it holds the private half
  return {.ephemeral = ec_parameters(ephemeral.key.get(), curve_for(type())),
          .secret = agreed(context.get(), impl_->key)};
}

struct EncryptionPrivateKey::Impl {
  EncryptionKey key;
  std::optional<RsaPublic> rsa;
  std::optional<EcPublic> ec;
  std::optional<EncryptionPublicKey> public_key;

  // Null when the key is not fit for the type.
  static std::shared_ptr<const Impl> make(EncryptionKeyType type, OwnedKey key);
};

std::shared_ptr<const EncryptionPrivateKey::Impl> EncryptionPrivateKey::Impl::make(
    EncryptionKeyType type, OwnedKey key) {
  if (!key || !is_key_for(key.get(), type)) return nullptr;
  auto impl = std::make_shared<Impl>(Impl{{type, std::move(key)}, {}, {}, {}});
  const EVP_PKEY* raw = impl->key.key.get();
  if (type == EncryptionKeyType::RSA) {
    impl->rsa = rsa_parameters(raw);
    impl->public_key = EncryptionPublicKey::rsa(*impl->rsa);
  } else {
    impl->ec = ec_parameters(raw, curve_for(type));
    impl->public_key = EncryptionPublicKey::ec(curve_for(type), *impl->ec);
  }
  if (!impl->public_key) return nullptr;
  return impl;
}

EncryptionPrivateKey::EncryptionPrivateKey(std::shared_ptr<const Impl> impl)
    : impl_(std::move(impl)) {}

EncryptionPrivateKey EncryptionPrivateKey::generate(EncryptionKeyType type, unsigned rsa_bits) {
  auto key = type == EncryptionKeyType::RSA ? generate_rsa(rsa_bits) : generate_ec(curve_for(type));
  auto impl = Impl::make(type, std::move(key));
  ensure(impl != nullptr);  // also when rsa_bits is outside 2048..8192
  return EncryptionPrivateKey(std::move(impl));
}

std::optional<EncryptionPrivateKey> EncryptionPrivateKey::from_der(EncryptionKeyType type,
                                                                   const PrivateKeyBytes& der) {
  auto impl = Impl::make(type, decode_pkcs8(der.reveal()));
  if (!impl) return std::nullopt;
  // That the private and the public half belong together.
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, impl->key.key.get(), nullptr));
  ensure(context != nullptr);
  const bool good = EVP_PKEY_pairwise_check(context.get()) == 1;
  if (!good) ERR_clear_error();
  if (!good) return std::nullopt;
  return EncryptionPrivateKey(std::move(impl));
}

PrivateKeyBytes EncryptionPrivateKey::to_der() const {
  return encode_pkcs8(impl_->key.key.get());
}

EncryptionKeyType EncryptionPrivateKey::type() const {
  return impl_->key.type;
}

std::optional<AesKey> EncryptionPrivateKey::decrypt_oaep(std::string_view encrypted,
                                                         std::size_t key_bytes) const {
  ensure(type() == EncryptionKeyType::RSA);
  const auto modulus_bytes = static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.key.get()));
  if (encrypted.size() != modulus_bytes) return std::nullopt;
  thread_local ContextCache<EncryptionKey> cache(decrypting_context);
  EVP_PKEY_CTX* context = cache.context_for(impl_->key);
  std::string out(modulus_bytes, '\0');
  std::size_t size = out.size();
  const bool good = EVP_PKEY_decrypt(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                                     octets(encrypted), encrypted.size()) == 1;
  if (!good) ERR_clear_error();
  std::optional<AesKey> content_key;
  if (good && size == key_bytes) content_key = AesKey(out.substr(0, size));
  wipe(out);
  return content_key;
}

SharedSecret EncryptionPrivateKey::agree(const EncryptionPublicKey& other) const {
  ensure(type() != EncryptionKeyType::RSA && other.type() == type());
  thread_local ContextCache<EncryptionKey> cache(agreeing_context);
  return agreed(cache.context_for(impl_->key), other.impl_->key);
}

EncryptionPublicKey EncryptionPrivateKey::public_key() const {
  return *impl_->public_key;
}
std::optional<RsaPublic> EncryptionPrivateKey::rsa_public() const {
  return impl_->rsa;
}
std::optional<EcPublic> EncryptionPrivateKey::ec_public() const {
  return impl_->ec;
}

}  // namespace cardea::crypto
