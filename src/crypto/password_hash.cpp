// argon2id by libsodium with PHC strings of our own, because the library's writer does not take the
// salt length and cost apart. Parallelism above 1 is refused: the library computes it one lane
// after the other.
#include "crypto/password_hash.h"

#include <charconv>
#include <optional>

#include "base/ascii.h"
#include "base/base64url.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/sodium.h"

namespace cardea::crypto {
namespace {

constexpr std::size_t hash_bytes = 32;
constexpr std::size_t salt_bytes = crypto_pwhash_argon2id_SALTBYTES;
// What an imported string may ask of this machine: above this it is a mistake or an attack.
constexpr std::size_t memory_kib_max = 1024 * 1024;
constexpr unsigned passes_max = 64;
constexpr std::size_t phc_bytes_max = 512;

std::string without_padding(std::string text) {
  while (text.ends_with('=')) text.pop_back();
  return text;
}

// The B64 of the PHC string format: base64 (RFC 4648 4) without padding. Gives the number of bytes.
std::optional<std::size_t> b64_size(std::string_view text) {
  std::string padded(text);
  if (padded.ends_with('=')) return std::nullopt;
  while (padded.size() % 4 != 0) padded += '=';
  const auto bytes = base64_decode(padded);
  if (!bytes) return std::nullopt;
  return bytes->size();
}

// Reads "m=19456": a decimal number without sign or leading zero.
template <class Number>
std::optional<Number> parameter(std::string_view text, std::string_view name) {
  if (!text.starts_with(name) || text.size() <= name.size()) return std::nullopt;
  text.remove_prefix(name.size());
  if (text.front() == '0') return std::nullopt;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<PasswordCost> parse_cost(std::string_view text) {
  const auto parts = ascii::split(text, ',');
  if (parts.size() != 3 || parts[2] != "p=1") return std::nullopt;
  const auto memory = parameter<std::size_t>(parts[0], "m=");
  const auto passes = parameter<unsigned>(parts[1], "t=");
  if (!memory || !passes) return std::nullopt;
  if (*memory < 8 || *memory > memory_kib_max || *passes > passes_max) return std::nullopt;
  return PasswordCost{.memory_kib = *memory, .passes = *passes};
}

// "", "argon2id", "v=19", cost, salt, hash.
std::optional<PasswordCost> cost_of(std::string_view phc) {
  if (phc.size() > phc_bytes_max) return std::nullopt;
  const auto parts = ascii::split(phc, '$');
  if (parts.size() != 6 || !parts[0].empty() || parts[1] != "argon2id" || parts[2] != "v=19") {
    return std::nullopt;
  }
  const auto salt = b64_size(parts[4]);
  const auto hash = b64_size(parts[5]);
  if (!salt || *salt < 8 || !hash || *hash < 16) return std::nullopt;
  return parse_cost(parts[3]);
}

}  // namespace

std::string hash_password(std::string_view password, const PasswordCost& cost) {
  start_sodium();
  ensure(cost.memory_kib >= 8 && cost.memory_kib <= memory_kib_max && cost.passes >= 1 &&
         cost.passes <= passes_max);
  const std::string salt = SystemRandom().bytes(salt_bytes);
  std::string hash(hash_bytes, '\0');
  const int failed = crypto_pwhash_argon2id(
      reinterpret_cast<unsigned char*>(hash.data()), hash.size(), password.data(), password.size(),
      octets(salt), cost.passes, cost.memory_kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (failed != 0) return {};
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=1$" + without_padding(base64_encode(salt)) +
         "$" + without_padding(base64_encode(hash));
}

bool verify_password(std::string_view phc, std::string_view password) {
  start_sodium();
  if (!cost_of(phc)) return false;
  // The library's verifier takes salts and hashes of any length, which imported strings have.
  return crypto_pwhash_argon2id_str_verify(std::string(phc).c_str(), password.data(),
                                           password.size()) == 0;
}

bool needs_rehash(std::string_view phc, const PasswordCost& cost) {
  return cost_of(phc) != cost;
}

bool is_password_hash(std::string_view phc) {
  return cost_of(phc).has_value();
}

}  // namespace cardea::crypto
