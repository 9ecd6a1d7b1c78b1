// AES over OpenSSL EVP; see aes.h. Each cipher is fetched once, each thread keeps one context,
// which is emptied after every use so that no key stays in it.
#include "crypto/aes.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/owned.h"

namespace cardea::crypto {
namespace {

using CipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const EVP_CIPHER* fetch(const char* name) {
  const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  ensure(cipher != nullptr);
  return cipher;
}

const EVP_CIPHER* gcm_for(const AesKey& key) {
  static const EVP_CIPHER* const short_key = fetch("AES-128-GCM");
  static const EVP_CIPHER* const long_key = fetch("AES-256-GCM");
  ensure(key.reveal().size() == 16 || key.reveal().size() == 32);
  return key.reveal().size() == 16 ? short_key : long_key;
}

const EVP_CIPHER* wrap_for(const AesKey& key) {
  static const EVP_CIPHER* const short_key = fetch("AES-128-WRAP");
  static const EVP_CIPHER* const long_key = fetch("AES-256-WRAP");
  ensure(key.reveal().size() == 16 || key.reveal().size() == 32);
  return key.reveal().size() == 16 ? short_key : long_key;
}

enum class Direction { open = 0, seal = 1 };

// The thread's context with cipher, key and initial value set; emptied at the end.
class Operation {
 public:
  Operation(const EVP_CIPHER* cipher, const AesKey& key, std::string_view iv, Direction direction)
      : context_(kept()) {
    EVP_CIPHER_CTX_set_flags(context_, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    ensure(EVP_CipherInit_ex2(context_, cipher, octets(key.reveal()),
                              iv.empty() ? nullptr : octets(iv), static_cast<int>(direction),
                              nullptr) == 1);
  }
  ~Operation() { EVP_CIPHER_CTX_reset(context_); }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  void associate(std::string_view bytes) {
    int size = 0;
    ensure(EVP_CipherUpdate(context_, nullptr, &size, octets(bytes),
                            static_cast<int>(bytes.size())) == 1);
  }

  // What comes out; nothing when the library refuses, which wrap does here and GCM in finish().
  std::optional<std::string> update(std::string_view bytes) {
    std::string out(bytes.size() + 16, '\0');
    int size = 0;
    if (EVP_CipherUpdate(context_, reinterpret_cast<unsigned char*>(out.data()), &size,
                         octets(bytes), static_cast<int>(bytes.size())) != 1) {
      ERR_clear_error();
      return std::nullopt;
    }
    out.resize(static_cast<std::size_t>(size));
    return out;
  }

  bool finish() {
    unsigned char rest[16];
    int size = 0;
    const bool good = EVP_CipherFinal_ex(context_, rest, &size) == 1;
    if (!good) ERR_clear_error();
    return good;
  }

  std::string tag() {
    std::string out(gcm_tag_bytes, '\0');
    ensure(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(out.size()),
                               out.data()) == 1);
    return out;
  }

  void expect_tag(std::string_view tag) {
    std::string copy(tag);
    ensure(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(copy.size()),
                               copy.data()) == 1);
  }

 private:
  static EVP_CIPHER_CTX* kept() {
    thread_local const CipherContext context(EVP_CIPHER_CTX_new());
    ensure(context != nullptr);
    return context.get();
  }

  EVP_CIPHER_CTX* context_;
};

}  // namespace

GcmSealed gcm_seal(const AesKey& key, const GcmContext& context, std::string_view plaintext) {
  ensure(context.iv.size() == gcm_iv_bytes);
  Operation sealing(gcm_for(key), key, context.iv, Direction::seal);
  sealing.associate(context.associated);
  auto ciphertext = sealing.update(plaintext);
  ensure(ciphertext && sealing.finish());
  return {.ciphertext = *std::move(ciphertext), .tag = sealing.tag()};
}

std::optional<std::string> gcm_open(const AesKey& key, const GcmContext& context,
                                    const GcmSealed& sealed) {
  if (context.iv.size() != gcm_iv_bytes) return std::nullopt;
  if (sealed.tag.size() != gcm_tag_bytes) return std::nullopt;
  Operation opening(gcm_for(key), key, context.iv, Direction::open);
  opening.expect_tag(sealed.tag);
  opening.associate(context.associated);
  auto plaintext = opening.update(sealed.ciphertext);
  ensure(plaintext.has_value());
  if (opening.finish()) return plaintext;
  wipe(*plaintext);
  return std::nullopt;
}

std::string aes_wrap(const AesKey& wrapping_key, const AesKey& content_key) {
  Operation wrapping(wrap_for(wrapping_key), wrapping_key, "", Direction::seal);
  auto wrapped = wrapping.update(content_key.reveal());
  ensure(wrapped.has_value());
  return *std::move(wrapped);
}

std::optional<AesKey> aes_unwrap(const AesKey& wrapping_key, std::string_view wrapped) {
  const auto size = wrapped.size() - aes_wrap_overhead_bytes;
  if (size != 16 && size != 32) return std::nullopt;
  Operation unwrapping(wrap_for(wrapping_key), wrapping_key, "", Direction::open);
  auto content_key = unwrapping.update(wrapped);
  if (!content_key) return std::nullopt;
  return AesKey(*std::move(content_key));
}

}  // namespace cardea::crypto
