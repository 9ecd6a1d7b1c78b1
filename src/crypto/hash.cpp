// Digests, HMAC and HKDF (RFC 2104, RFC 5869) over OpenSSL EVP; see hash.h and digest.h.
#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/digest.h"
#include "crypto/owned.h"

namespace cardea::crypto {
namespace {

using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

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

// RFC 2104 2, its steps over the digest context that is kept: the library's own HMAC sets up a key
// in twice the time that all the hashing takes.
std::string hmac_sha256(std::string_view key, std::string_view message) {
  constexpr std::size_t block_bytes = 64;
  std::array<unsigned char, block_bytes> pad{};  // (1) the key, filled up with zeros
  if (key.size() > block_bytes) {
    const auto shortened = digest_of(Digest::sha256, key);
    std::ranges::copy(shortened.bytes.begin(), shortened.bytes.begin() + 32, pad.begin());
  } else {
    std::ranges::copy(key, pad.begin());
  }
  EVP_MD_CTX* context = context_of(Digest::sha256);
  std::string out(32, '\0');
  auto* result = reinterpret_cast<unsigned char*>(out.data());
  for (auto& byte : pad) byte ^= 0x36;  // (2) to (4)
  ensure(EVP_DigestInit_ex2(context, nullptr, nullptr) == 1 &&
         EVP_DigestUpdate(context, pad.data(), pad.size()) == 1 &&
         EVP_DigestUpdate(context, message.data(), message.size()) == 1 &&
         EVP_DigestFinal_ex(context, result, nullptr) == 1);
  for (auto& byte : pad) byte ^= 0x36 ^ 0x5c;  // (5) to (7)
  ensure(EVP_DigestInit_ex2(context, nullptr, nullptr) == 1 &&
         EVP_DigestUpdate(context, pad.data(), pad.size()) == 1 &&
         EVP_DigestUpdate(context, out.data(), out.size()) == 1 &&
         EVP_DigestFinal_ex(context, result, nullptr) == 1);
  OPENSSL_cleanse(pad.data(), pad.size());
  return out;
}

std::string hmac_sha1(std::string_view key, std::string_view message) {
  std::string out(20, '\0');
  std::size_t size = 0;
  ensure(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA1", nullptr, key.data(), key.size(),
                   octets(message), message.size(), reinterpret_cast<unsigned char*>(out.data()),
                   out.size(), &size) != nullptr &&
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

std::string concat_kdf_sha256(std::string_view shared_secret, std::string_view other_info,
                              std::size_t size) {
  ensure(size <= 255 * 32);
  std::string out;
  out.reserve(size + 32);
  for (char counter = 1; out.size() < size; ++counter) {
    std::string round{'\0', '\0', '\0', counter};
    round.append(shared_secret).append(other_info);
    out += sha256(round);
    wipe(round);
  }
  out.resize(size);
  return out;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace cardea::crypto
