// Refresh-token texts; see refresh_token.h.
#include "server/tokens/refresh_token.h"

#include <charconv>

#include "base/ascii.h"
#include "base/base64url.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

namespace cardea {
namespace {

constexpr std::string_view prefix = "rt1_";
constexpr std::size_t key_id_size = 4;
constexpr std::size_t grant_id_size = 22;
constexpr std::size_t secret_size = 43;
constexpr std::size_t mac_size = 43;
constexpr std::size_t generation_digits_max = 18;

// Takes `size` characters and the `_` behind them; `_` is in the alphabet of the parts, so only
// their lengths tell them apart.
std::optional<std::string_view> take_part(std::string_view& rest, std::size_t size) {
  if (rest.size() <= size || rest[size] != '_') return std::nullopt;
  const auto part = rest.substr(0, size);
  rest.remove_prefix(size + 1);
  return part;
}

std::optional<std::int64_t> read_generation(std::string_view digits) {
  if (digits.empty() || digits.size() > generation_digits_max || digits.front() == '0') {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  const auto read = std::from_chars(begin, end, value);
  if (read.ec != std::errc() || read.ptr != end || value < 1) return std::nullopt;
  return value;
}

struct Parts {
  std::string_view key_id;
  std::string_view grant_id;
  std::int64_t generation = 0;
  std::string_view secret;
  std::string_view mac;
  std::string_view authenticated;  // everything before the MAC
};

std::optional<Parts> split(std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  auto rest = text.substr(prefix.size());
  const auto key_id = take_part(rest, key_id_size);
  if (!key_id) return std::nullopt;
  const auto grant_id = take_part(rest, grant_id_size);
  if (!grant_id) return std::nullopt;
  const auto generation_end = rest.find('_');
  if (generation_end == std::string_view::npos) return std::nullopt;
  const auto generation = read_generation(rest.substr(0, generation_end));
  if (!generation) return std::nullopt;
  rest.remove_prefix(generation_end + 1);
  const auto secret = take_part(rest, secret_size);
  if (!secret || rest.size() != mac_size) return std::nullopt;
  return Parts{*key_id, *grant_id, *generation,
               *secret, rest,      text.substr(0, text.size() - mac_size)};
}

crypto::AeadKey successor_key(const ReadRefreshToken& replaced) {
  return crypto::AeadKey(crypto::hkdf_sha256(replaced.secret.reveal(),
                                             replaced.presented.grant_id.value(),
                                             "cardea refresh successor 1", 32));
}

// Ties the seal to the place in the family where it belongs.
std::string successor_place(const ReadRefreshToken& replaced) {
  return "successor of " + replaced.presented.grant_id.value() + " " +
         std::to_string(replaced.presented.generation);
}

}  // namespace

RefreshToken mint_refresh_token(const Seals& seals, const GrantId& grant_id,
                                std::int64_t generation, Random& random) {
  const auto key_id = seals.newest_key_id(SealPurpose::refresh_token);
  std::string text(prefix);
  text.append(key_id).append("_").append(grant_id.value()).append("_");
  text.append(std::to_string(generation)).append("_");
  append_base64url(text, random.bytes(32));
  text.append("_");
  const auto mac = seals.mac_with(SealPurpose::refresh_token, key_id, text);
  ensure(mac.has_value());
  append_base64url(text, *mac);
  return RefreshToken(std::move(text));
}

RefreshDigest digest_of(const RefreshToken& token) {
  return RefreshDigest(crypto::sha256(token.reveal()));
}

std::optional<ReadRefreshToken> read_refresh_token(const Seals& seals, std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  const auto mac = seals.mac_with(SealPurpose::refresh_token, parts->key_id, parts->authenticated);
  if (!mac || !crypto::constant_time_equal(base64url_encode(*mac), parts->mac)) {
    return std::nullopt;
  }
  return ReadRefreshToken{{.grant_id = GrantId(std::string(parts->grant_id)),
                           .generation = parts->generation,
                           .digest = RefreshDigest(crypto::sha256(text))},
                          RefreshSecret(std::string(parts->secret))};
}

std::string seal_successor(const ReadRefreshToken& replaced, const RefreshToken& successor,
                           Random& random) {
  return crypto::seal(successor_key(replaced), successor_place(replaced), successor.reveal(),
                      random);
}

std::optional<RefreshToken> open_successor(const ReadRefreshToken& replaced,
                                           std::string_view sealed) {
  auto text = crypto::open(successor_key(replaced), successor_place(replaced), sealed);
  if (!text) return std::nullopt;
  return RefreshToken(*std::move(text));
}

}  // namespace cardea
