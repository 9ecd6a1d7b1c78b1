// Digests, HMAC and HKDF (RFC 2104, RFC 5869) over OpenSSL EVP; see hash.h and digest.h.
#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/owned.h"

namespace cardea::crypto {
namespace {

using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using MacContext = Owned<EVP_MAC_CTX, EVP_MAC_CTX_free>;

const EVP_MD* fetch(const char* name) {
  const EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  ensure(digest != nullptr);
  return digest;
}

EVP_MD_CTX* context_of(Digest digest) {
  thread_local std::array<DigestContext, 3> contexts;
  DigestContext& context = contexts[static_cast<std::size_t>(digest)];
  if (!context) {
    context.reset(EVP_MD_CTX_new());
    ensure(context && EVP_DigestInit_ex2(context.get(), fetched(digest), nullptr) == 1);
  }
  return context.get();
}

std::string digest_string(Digest digest, std::string_view bytes) {
  return std::string(digest_of(digest, bytes).view());
}

MacContext new_hmac_sha256() {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  ensure(mac != nullptr);
  MacContext context(EVP_MAC_CTX_new(mac));
  char name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                   OSSL_PARAM_construct_end()};
  ensure(context && EVP_MAC_CTX_set_params(context.get(), parameters) == 1);
  return context;
}

}  // namespace

const EVP_MD* fetched(Digest digest) {
  static const std::array<const EVP_MD*, 3> digests = {fetch("SHA256"), fetch("SHA384"),
                                                       fetch("SHA512")};
  return digests[static_cast<std::size_t>(digest)];
}

DigestBytes digest_of(Digest digest, std::string_view message) {
  EVP_MD_CTX* context = context_of(digest);
  DigestBytes out;
  unsigned size = 0;
  ensure(EVP_DigestInit_ex2(context, nullptr, nullptr) == 1 &&
         EVP_DigestUpdate(context, message.data(), message.size()) == 1 &&
         EVP_DigestFinal_ex(context, out.bytes.data(), &size) == 1);
  out.size = size;
  return out;
}

std::string sha256(std::string_view bytes) {
  return digest_string(Digest::sha256, bytes);
}
std::string sha384(std::string_view bytes) {
  return digest_string(Digest::sha384, bytes);
}
std::string sha512(std::string_view bytes) {
  return digest_string(Digest::sha512, bytes);
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  thread_local const MacContext context = new_hmac_sha256();
  // An empty view may hold a null pointer, which the library reads as "keep the last key".
  const unsigned char* key_bytes = key.empty() ? octets("") : octets(key);
  std::string out(32, '\0');
  std::size_t size = 0;
  ensure(EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr) == 1 &&
         EVP_MAC_update(context.get(), octets(message), message.size()) == 1 &&
         EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                       out.size()) == 1 &&
         size == out.size());
  return out;
}

std::string hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info,
                        std::size_t size) {
  ensure(size <= 255 * 32);
  // RFC 5869 2.2. An empty salt means 32 zero bytes, which HMAC pads to the same key.
  const std::string extracted = hmac_sha256(salt, key);
  std::string out;
  out.reserve(size + 32);
  std::string block;  // T(i) of RFC 5869 2.3
  for (unsigned char counter = 1; out.size() < size; ++counter) {
    block.append(info);
    block += static_cast<char>(counter);
    block = hmac_sha256(extracted, block);
    out += block;
  }
  out.resize(size);
  return out;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace cardea::crypto
