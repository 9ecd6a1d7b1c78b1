// Rules about people's accounts; see user.h.
#include "domain/user.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/limits.h"

namespace cardea {
namespace {

// C0, DEL and the C1 controls (U+0080-U+009F, in UTF-8 C2 80-9F).
bool holds_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string> User::groups() const {
  return json::strings_member(claims, "groups").value_or(std::vector<std::string>{});
}

std::string User::display_name() const {
  auto name = json::string_member(claims, "name");
  return name && !name->empty() ? *std::move(name) : login;
}

std::optional<std::string> canonical_login(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.empty() || text.size() > limits::login_bytes_max) return std::nullopt;
  if (!ascii::is_utf8(text) || holds_control(text)) return std::nullopt;
  return ascii::lower(text);
}

bool is_reserved_claim(std::string_view name) {
  // RFC 7519 4.1; OIDC Core 2 and 3.3.2.11; RFC 9068 2.2; OIDC Session Management (sid); RFC 7800;
  // who acts for whom, RFC 8693 4.1 and 4.4; what makes a logout token, OIDC Back-Channel
  // Logout 2.4.
  static constexpr std::array<std::string_view, 22> reserved{
      "iss",     "sub",    "aud", "exp",       "nbf",   "iat",   "jti", "nonce",
      "acr",     "amr",    "azp", "auth_time", "act",   "cnf",   "typ", "may_act",
      "at_hash", "c_hash", "sid", "client_id", "scope", "events"};
  return std::ranges::find(reserved, name) != reserved.end();
}

bool is_entitled(const Client& client, const User& user) {
  if (client.allowed_groups.empty()) return true;
  const auto groups = user.groups();
  return std::ranges::any_of(client.allowed_groups, [&](const std::string& allowed) {
    return std::ranges::find(groups, allowed) != groups.end();
  });
}

}  // namespace cardea
