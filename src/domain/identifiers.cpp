// How identifiers are made; see identifiers.h.
#include "domain/identifiers.h"

#include <cstdint>
#include <string_view>

#include "base/ascii.h"
#include "base/base64url.h"

namespace cardea {
namespace {

// The characters of base64url in the order of their bytes.
constexpr std::string_view sorted_alphabet =
    "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t date_characters = 7;  // 42 bits: milliseconds until 2109

// Writes the time over the first characters. The last one stays as it was made: it is the one that
// holds fewer than six bits, and every text stays the canonical base64url of some bytes.
std::string dated(std::string text, Instant now) {
  auto rest = static_cast<std::uint64_t>(now.unix_ms);
  for (std::size_t at = date_characters; at-- > 0; rest >>= 6)
    text[at] = sorted_alphabet[rest & 63];
  return text;
}

}  // namespace

std::string write_resources(const std::vector<ResourceId>& resources) {
  return ascii::join(values_of(resources), " ");
}

std::vector<ResourceId> read_resources(std::string_view text) {
  std::vector<ResourceId> resources;
  for (auto& word : ascii::words(text)) resources.emplace_back(std::move(word));
  return resources;
}

std::string new_identifier(Random& random) {
  return base64url_encode(random.bytes(16));
}

std::string new_dated_identifier(Random& random, Instant now) {
  return dated(new_identifier(random), now);
}

}  // namespace cardea
