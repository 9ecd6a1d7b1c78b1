// UUIDs, sent and made; see interaction_id.h.
#include "server/interaction_id.h"

#include "base/ascii.h"

namespace cardea {
namespace {

constexpr std::string_view uuid_form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_uuid(std::string_view text) {
  if (text.size() != uuid_form.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_right =
        uuid_form[i] == '-' ? text[i] == '-' : hex_digits.contains(ascii::lower(text[i]));
    if (!is_right) return false;
  }
  return true;
}

// RFC 4122 4.4: version 4, variant 10.
std::string new_uuid(Random& random) {
  const auto bytes = random.bytes(uuid_form.size());
  std::string uuid(uuid_form);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (uuid[i] == 'x') uuid[i] = hex_digits[static_cast<unsigned char>(bytes[i]) & 0xf];
  }
  uuid[14] = '4';
  uuid[19] = hex_digits[8 | (static_cast<unsigned char>(bytes[19]) & 3)];
  return uuid;
}

}  // namespace

std::optional<std::string> interaction_id(const http::Headers& headers, InteractionIdRule rule,
                                          Random& random) {
  const auto sent = headers.all(interaction_id_header);
  if (sent.empty() && rule == InteractionIdRule::when_asked) return std::nullopt;
  if (sent.size() == 1 && is_uuid(sent.front())) return std::string(sent.front());
  return new_uuid(random);
}

}  // namespace cardea
