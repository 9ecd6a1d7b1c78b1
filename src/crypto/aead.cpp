// XChaCha20-Poly1305 by libsodium; see aead.h.
#include "crypto/aead.h"

#include "crypto/digest.h"
#include "crypto/sodium.h"

namespace cardea::crypto {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(aead_key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(aead_overhead_bytes == nonce_bytes + tag_bytes);

unsigned char* writable(std::string& bytes, std::size_t at) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + at;
}

}  // namespace

std::string seal(const AeadKey& key, std::string_view associated, std::string_view plaintext,
                 Random& random) {
  start_sodium();
  ensure(key.reveal().size() == aead_key_bytes);
  std::string out(aead_overhead_bytes + plaintext.size(), '\0');
  random.fill(std::as_writable_bytes(std::span(out).first(nonce_bytes)));
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      writable(out, nonce_bytes), &written, octets(plaintext), plaintext.size(), octets(associated),
      associated.size(), nullptr, octets(out), octets(key.reveal()));
  ensure(written == plaintext.size() + tag_bytes);
  return out;
}

std::optional<std::string> open(const AeadKey& key, std::string_view associated,
                                std::string_view sealed) {
  start_sodium();
  ensure(key.reveal().size() == aead_key_bytes);
  if (sealed.size() < aead_overhead_bytes) return std::nullopt;
  const std::string_view ciphertext = sealed.substr(nonce_bytes);
  std::string out(sealed.size() - aead_overhead_bytes, '\0');
  unsigned long long written = 0;
  const int refused = crypto_aead_xchacha20poly1305_ietf_decrypt(
      writable(out, 0), &written, nullptr, octets(ciphertext), ciphertext.size(),
      octets(associated), associated.size(), octets(sealed), octets(key.reveal()));
  if (refused != 0) return std::nullopt;
  return out;
}

}  // namespace cardea::crypto
