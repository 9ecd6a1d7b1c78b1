// The per-thread caches and the two operations; see signature_context.h.
#include "crypto/signature_context.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/result.h"
#include "crypto/context_cache.h"
#include "crypto/digest.h"

namespace cardea::crypto {
namespace {

enum class Purpose { sign, verify };

// RFC 7518 3.5: the salt is as long as the hash output.
constexpr int pss_salt_bytes = 32;

Digest digest_for(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::ES384 ? Digest::sha384 : Digest::sha256;
}

PkeyContext new_context(const SignatureKey& key, Purpose purpose) {
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.key.get(), nullptr));
  ensure(context != nullptr);
  EVP_PKEY_CTX* raw = context.get();
  const EVP_MD* digest = fetched(digest_for(key.algorithm));
  ensure((purpose == Purpose::sign ? EVP_PKEY_sign_init(raw) : EVP_PKEY_verify_init(raw)) == 1);
  if (key.algorithm == SignatureAlgorithm::RS256) {
    ensure(EVP_PKEY_CTX_set_rsa_padding(raw, RSA_PKCS1_PADDING) == 1);
  } else if (key.algorithm == SignatureAlgorithm::PS256) {
    ensure(EVP_PKEY_CTX_set_rsa_padding(raw, RSA_PKCS1_PSS_PADDING) == 1);
  }
  ensure(EVP_PKEY_CTX_set_signature_md(raw, digest) == 1);
  if (key.algorithm == SignatureAlgorithm::PS256) {
    ensure(EVP_PKEY_CTX_set_rsa_mgf1_md(raw, digest) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(raw, pss_salt_bytes) == 1);
  }
  return context;
}

PkeyContext signing_context(const SignatureKey& key) {
  return new_context(key, Purpose::sign);
}
PkeyContext verifying_context(const SignatureKey& key) {
  return new_context(key, Purpose::verify);
}

}  // namespace

SignatureKey::SignatureKey(SignatureAlgorithm algorithm_in, OwnedKey key_in)
    : algorithm(algorithm_in),
      key(std::move(key_in)),
      id(next_key_id()),
      alive(std::make_shared<const int>(0)) {}

const CurveForm* curve_of(SignatureAlgorithm algorithm) {
  if (algorithm == SignatureAlgorithm::ES256) return &p256_form;
  return algorithm == SignatureAlgorithm::ES384 ? &p384_form : nullptr;
}

std::string sign_with(const SignatureKey& key, std::string_view message) {
  thread_local ContextCache<SignatureKey> cache(signing_context);
  EVP_PKEY_CTX* context = cache.context_for(key);
  const DigestBytes digest = digest_of(digest_for(key.algorithm), message);
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key.key.get())), '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_sign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                    digest.bytes.data(), digest.size) != 1) {
    ERR_clear_error();
    return {};
  }
  out.resize(size);
  const CurveForm* curve = curve_of(key.algorithm);
  return curve == nullptr ? out : jose_from_der(*curve, out);
}

bool verify_with(const SignatureKey& key, std::string_view message, std::string_view signature) {
  std::optional<std::string> der;
  if (const CurveForm* curve = curve_of(key.algorithm)) {
    der = der_from_jose(*curve, signature);
    if (!der) return false;
    signature = *der;
  }
  thread_local ContextCache<SignatureKey> cache(verifying_context);
  EVP_PKEY_CTX* context = cache.context_for(key);
  const DigestBytes digest = digest_of(digest_for(key.algorithm), message);
  const bool good = EVP_PKEY_verify(context, octets(signature), signature.size(),
                                    digest.bytes.data(), digest.size) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace cardea::crypto
