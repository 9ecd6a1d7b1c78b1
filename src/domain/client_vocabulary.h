// The words of what an operator or a client chooses for a client, where no specification's
// vocabulary (protocol/vocabulary.h) has them.
#pragma once

#include <optional>
#include <string_view>
#include <type_traits>

#include "domain/client.h"

namespace cardea {

constexpr std::string_view name_of(PkcePolicy policy) {
  return policy == PkcePolicy::required ? "required" : "optional";
}
constexpr std::string_view name_of(ConsentPolicy policy) {
  return policy == ConsentPolicy::ask ? "ask" : "skip";
}
constexpr std::string_view name_of(IdTokenClaims claims) {
  return claims == IdTokenClaims::scopes ? "scopes" : "minimal";
}
constexpr std::string_view name_of(RefreshRotation rotation) {
  return rotation == RefreshRotation::on ? "on" : "off";
}
constexpr std::string_view name_of(SubjectType type) {
  return type == SubjectType::pairwise ? "pairwise" : "public";
}
constexpr std::string_view name_of(TokenDeliveryMode mode) {
  return mode == TokenDeliveryMode::ping ? "ping" : "poll";
}

template <auto... values>
constexpr auto one_of(std::string_view text) {
  std::optional<std::common_type_t<decltype(values)...>> found;
  ((name_of(values) == text ? void(found = values) : void()), ...);
  return found;
}
inline constexpr auto pkce_named = one_of<PkcePolicy::required, PkcePolicy::optional>;
inline constexpr auto consent_named = one_of<ConsentPolicy::ask, ConsentPolicy::skip>;
inline constexpr auto id_token_claims_named = one_of<IdTokenClaims::scopes, IdTokenClaims::minimal>;
inline constexpr auto refresh_rotation_named = one_of<RefreshRotation::on, RefreshRotation::off>;
inline constexpr auto subject_type_named =
    one_of<SubjectType::same_everywhere, SubjectType::pairwise>;
inline constexpr auto token_delivery_mode_named =
    one_of<TokenDeliveryMode::poll, TokenDeliveryMode::ping>;

}  // namespace cardea
