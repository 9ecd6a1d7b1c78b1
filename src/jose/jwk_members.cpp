// Parameters of keys in JSON; see jwk_members.h.
#include "jose/jwk_members.h"

#include <algorithm>
#include <array>

#include "base/base64url.h"

namespace cardea::jose {

bool has_private_member(const json::Object& jwk) {
  constexpr std::array<std::string_view, 8> private_members = {"d",  "p",  "q",   "dp",
                                                               "dq", "qi", "oth", "k"};
  return std::ranges::any_of(private_members,
                             [&](std::string_view name) { return jwk.contains(name); });
}

std::optional<std::string> octets_member(const json::Object& object, std::string_view name) {
  const auto text = json::string_member(object, name);
  return text ? base64url_decode(*text) : std::nullopt;
}

std::optional<crypto::RsaPublic> rsa_members(const json::Object& jwk) {
  auto n = octets_member(jwk, "n");
  auto e = octets_member(jwk, "e");
  if (!n || !e) return std::nullopt;
  return crypto::RsaPublic{.n = std::move(*n), .e = std::move(*e)};
}

std::optional<crypto::EcPublic> ec_members(const json::Object& jwk) {
  auto x = octets_member(jwk, "x");
  auto y = octets_member(jwk, "y");
  if (!x || !y) return std::nullopt;
  return crypto::EcPublic{.x = std::move(*x), .y = std::move(*y)};
}

std::string_view name_of(crypto::Curve curve) {
  return curve == crypto::Curve::P384 ? "P-384" : "P-256";
}

json::Object write_members(const crypto::RsaPublic& rsa) {
  return {{"kty", "RSA"}, {"n", base64url_encode(rsa.n)}, {"e", base64url_encode(rsa.e)}};
}

json::Object write_members(crypto::Curve curve, const crypto::EcPublic& ec) {
  return {{"kty", "EC"},
          {"crv", name_of(curve)},
          {"x", base64url_encode(ec.x)},
          {"y", base64url_encode(ec.y)}};
}

}  // namespace cardea::jose
