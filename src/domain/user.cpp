// Rules about people's accounts; see user.h.
#include "domain/user.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/limits.h"

namespace cardea {
namespace {

// The claims that are strings by OIDC Core 5.1, table 1.
bool is_standard_text(std::string_view name) {
  static constexpr std::array<std::string_view, 15> texts{
      "name",     "given_name", "family_name", "middle_name", "nickname", "preferred_username",
      "profile",  "picture",    "website",     "email",       "gender",   "birthdate",
      "zoneinfo", "locale",     "phone_number"};
  return std::ranges::find(texts, name) != texts.end();
}

bool is_list_of_texts(const json::Value& value) {
  const auto* list = value.if_array();
  return list != nullptr && std::ranges::all_of(*list, [](const json::Value& item) {
           return item.if_string() != nullptr;
         });
}

}  // namespace

UserClaims UserClaims::from_text(std::string text) {
  UserClaims claims;
  claims.text_ = std::move(text);
  return claims;
}

void UserClaims::set(std::string name, json::Value value) {
  auto claims = read();
  claims.set(std::move(name), std::move(value));
  *this = UserClaims(claims);
}

std::vector<std::string> User::groups() const {
  return json::strings_member(claims.read(), "groups").value_or(std::vector<std::string>{});
}

std::string User::display_name() const {
  auto name = json::string_member(claims.read(), "name");
  return name && !name->empty() ? *std::move(name) : login;
}

std::optional<std::string> canonical_login(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.empty() || text.size() > limits::login_bytes_max) return std::nullopt;
  if (!ascii::is_utf8(text) || ascii::holds_control(text)) return std::nullopt;
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

std::optional<std::string> claim_problem(std::string_view name, const json::Value& value) {
  const auto must = [&](std::string_view what) {
    return "\"" + std::string(name) + "\" must " + std::string(what);
  };
  if (is_reserved_claim(name)) return "\"" + std::string(name) + "\" is asserted by the server";
  if (value.is_null()) return must("not be null");
  if (name == "email_verified" || name == "phone_number_verified") {
    if (value.if_bool() == nullptr) return must("be true or false (OIDC Core 5.1)");
  } else if (name == "updated_at") {
    if (value.if_integer() == nullptr) return must("be a number of seconds (OIDC Core 5.1)");
  } else if (name == "address") {
    if (value.if_object() == nullptr) return must("be a table (OIDC Core 5.1.1)");
  } else if (name == "groups") {
    if (!is_list_of_texts(value)) return must("be a list of texts");
  } else if (is_standard_text(name) && value.if_string() == nullptr) {
    return must("be a text (OIDC Core 5.1)");
  }
  return std::nullopt;
}

bool is_entitled(const Client& client, const User& user) {
  if (client.allowed_groups.empty()) return true;
  const auto groups = user.groups();
  return std::ranges::any_of(client.allowed_groups, [&](const std::string& allowed) {
    return std::ranges::find(groups, allowed) != groups.end();
  });
}

}  // namespace cardea
