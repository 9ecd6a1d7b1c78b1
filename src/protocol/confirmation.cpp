// Reading and writing what a token is bound to; see confirmation.h.
#include "protocol/confirmation.h"

#include <array>
#include <utility>

#include "base/base64url.h"
#include "crypto/hash.h"

namespace cardea {
namespace {

using Method = Confirmation::Method;

constexpr std::size_t thumbprint_characters = 43;

constexpr std::array<std::pair<Method, std::string_view>, 2> methods{
    {{Method::jkt, "jkt"}, {Method::x5t_s256, "x5t#S256"}}};

}  // namespace

Confirmation confirmation_of_certificate(std::string_view der) {
  return {Method::x5t_s256, base64url_encode(crypto::sha256(der))};
}

std::string_view name_of(Method method) {
  for (const auto& [each, name] : methods) {
    if (each == method) return name;
  }
  return "";
}

json::Object write_confirmation(const Confirmation& confirmation) {
  if (!confirmation.binds()) return {};
  return {{std::string(name_of(confirmation.method)), confirmation.thumbprint}};
}

std::optional<Confirmation> read_confirmation(const json::Object& claims) {
  const auto* cnf = claims.find("cnf");
  if (cnf == nullptr) return Confirmation{};
  const auto* members = cnf->if_object();
  if (members == nullptr || members->size() != 1) return std::nullopt;
  for (const auto& [method, name] : methods) {
    const auto thumbprint = json::string_member(*members, name);
    if (thumbprint && thumbprint->size() == thumbprint_characters) {
      return Confirmation{method, *thumbprint};
    }
  }
  return std::nullopt;
}

std::string text_of(const Confirmation& confirmation) {
  if (!confirmation.binds()) return "";
  return std::string(name_of(confirmation.method)) + ":" + confirmation.thumbprint;
}

std::optional<Confirmation> confirmation_of(std::string_view text) {
  if (text.empty()) return Confirmation{};
  for (const auto& [method, name] : methods) {
    if (text.size() == name.size() + 1 + thumbprint_characters && text.starts_with(name) &&
        text[name.size()] == ':') {
      return Confirmation{method, std::string(text.substr(name.size() + 1))};
    }
  }
  return std::nullopt;
}

}  // namespace cardea
