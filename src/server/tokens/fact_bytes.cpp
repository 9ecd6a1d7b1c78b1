// The compact form of sealed facts; see fact_bytes.h.
#include "server/tokens/fact_bytes.h"

#include <algorithm>
#include <array>

#include "base/base64url.h"

namespace cardea {
namespace {

// Order is part of the form: append only.
constexpr std::array<std::string_view, 21> frequent_words{
    "openid", "profile", "email", "address", "phone", "offline_access", "groups",
    "urn:cardea:acr:password", "pwd",
    // Of pushed requests.
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
    "code_challenge", "code_challenge_method", "S256", "code", "resource"};

constexpr std::uint64_t words_max = 1000;
constexpr std::size_t identifier_bytes = 16;

}  // namespace

void FactWriter::number(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(0x80 | (value & 0x7f)));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

void FactWriter::text(std::string_view bytes) {
  number(bytes.size());
  bytes_.append(bytes);
}

void FactWriter::identifier(std::string_view id) {
  std::array<char, identifier_bytes> raw{};
  const bool compact = base64url_decode_to(raw, id);
  number(compact ? 1 : 0);
  if (compact) {
    bytes_.append(raw.data(), raw.size());
  } else {
    text(id);
  }
}

void FactWriter::word(std::string_view word) {
  const auto at = std::ranges::find(frequent_words, word);
  const auto index = static_cast<std::uint64_t>(at - frequent_words.begin());
  // 0: spelled out; otherwise the place in the list, from 1.
  number(at == frequent_words.end() ? 0 : index + 1);
  if (at == frequent_words.end()) text(word);
}

void FactWriter::words(const std::vector<std::string>& words) {
  number(words.size());
  for (const auto& each : words) word(each);
}

std::string_view FactReader::take(std::uint64_t size) {
  if (failed_ || size > rest_.size()) {
    failed_ = true;
    return {};
  }
  const auto taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint64_t FactReader::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = take(1);
    if (byte.empty()) return 0;
    const auto bits = static_cast<unsigned char>(byte.front());
    value |= std::uint64_t{bits & 0x7fU} << shift;
    if (bits < 0x80) return value;
  }
  failed_ = true;
  return 0;
}

std::string FactReader::text() {
  return std::string(take(number()));
}

std::string FactReader::identifier() {
  if (number() == 0) return text();
  const auto raw = take(identifier_bytes);
  return raw.empty() ? std::string() : base64url_encode(raw);
}

std::string FactReader::word() {
  const auto index = number();
  if (index == 0) return text();
  if (index <= frequent_words.size()) return std::string(frequent_words[index - 1]);
  failed_ = true;
  return {};
}

std::vector<std::string> FactReader::words() {
  const auto count = number();
  if (count > words_max) failed_ = true;
  std::vector<std::string> words;
  for (std::uint64_t i = 0; i < count && !failed_; ++i) words.push_back(word());
  return words;
}

}  // namespace cardea
