// Duplicates, absence and masking; see parameters.h.
#include "protocol/parameters.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace cardea {
namespace {

constexpr std::array secret_names{
    std::string_view("client_secret"), std::string_view("client_assertion"),
    std::string_view("code"),          std::string_view("code_verifier"),
    std::string_view("refresh_token"), std::string_view("access_token"),
    std::string_view("token"),         std::string_view("id_token"),
    std::string_view("id_token_hint"), std::string_view("assertion"),
    std::string_view("subject_token"), std::string_view("actor_token"),
    std::string_view("device_code"),   std::string_view("csrf"),
    std::string_view("password"),      std::string_view("request"),
    std::string_view("authorization"), std::string_view("user_code"),
    std::string_view("auth_req_id"),
};

}  // namespace

std::optional<std::string_view> RawParameters::find(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name && !value.empty()) return value;
  }
  return std::nullopt;
}

std::vector<std::string> RawParameters::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : pairs_) {
    if (key == name && !value.empty()) values.push_back(value);
  }
  return values;
}

bool RawParameters::repeated(std::string_view name) const {
  return std::ranges::count_if(pairs_, [&](const auto& pair) { return pair.first == name; }) > 1;
}

std::optional<std::string_view> RawParameters::first_repeated() const {
  // RFC 6749 3.1 and 3.2; RFC 8707 2 lets `resource` repeat, and RFC 8693 2.1 `audience`.
  for (const auto& [name, value] : pairs_) {
    if (name != "resource" && name != "audience" && repeated(name)) return name;
  }
  return std::nullopt;
}

bool is_secret_parameter(std::string_view name) {
  const std::string lower = ascii::lower(name);
  if (std::ranges::find(secret_names, lower) != secret_names.end()) return true;
  // Misspelt and foreign names of credentials are masked too.
  return lower.find("secret") != std::string::npos || lower.find("password") != std::string::npos ||
         lower.ends_with("_token");
}

ParameterPairs masked(const ParameterPairs& pairs) {
  ParameterPairs shown = pairs;
  for (auto& [name, value] : shown) {
    if (value.empty() || !is_secret_parameter(name)) continue;
    value = "[masked, " + std::to_string(value.size()) + " bytes]";
  }
  return shown;
}

}  // namespace cardea
