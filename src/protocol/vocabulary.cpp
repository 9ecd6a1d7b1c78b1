// One table for each closed word list; see vocabulary.h.
#include "protocol/vocabulary.h"

#include <array>
#include <utility>

#include "base/ascii.h"

namespace cardea {
namespace {

template <class E, std::size_t n>
using Words = std::array<std::pair<E, std::string_view>, n>;

constexpr Words<GrantType, 7> grant_types{{
    {GrantType::authorization_code, "authorization_code"},
    {GrantType::refresh_token, "refresh_token"},
    {GrantType::client_credentials, "client_credentials"},
    {GrantType::device_code, "urn:ietf:params:oauth:grant-type:device_code"},
    {GrantType::jwt_bearer, "urn:ietf:params:oauth:grant-type:jwt-bearer"},
    {GrantType::token_exchange, "urn:ietf:params:oauth:grant-type:token-exchange"},
    {GrantType::ciba, "urn:openid:params:grant-type:ciba"},
}};
constexpr Words<ResponseType, 3> response_types{{
    {ResponseType::code, "code"},
    {ResponseType::id_token, "id_token"},
    {ResponseType::code_id_token, "code id_token"},
}};
constexpr Words<ResponseMode, 6> response_modes{{
    {ResponseMode::query, "query"},
    {ResponseMode::fragment, "fragment"},
    {ResponseMode::form_post, "form_post"},
    {ResponseMode::query_jwt, "query.jwt"},
    {ResponseMode::fragment_jwt, "fragment.jwt"},
    {ResponseMode::form_post_jwt, "form_post.jwt"},
}};
constexpr Words<ClientAuthMethod, 7> client_auth_methods{{
    {ClientAuthMethod::none, "none"},
    {ClientAuthMethod::client_secret_basic, "client_secret_basic"},
    {ClientAuthMethod::client_secret_post, "client_secret_post"},
    {ClientAuthMethod::client_secret_jwt, "client_secret_jwt"},
    {ClientAuthMethod::private_key_jwt, "private_key_jwt"},
    {ClientAuthMethod::tls_client_auth, "tls_client_auth"},
    {ClientAuthMethod::self_signed_tls_client_auth, "self_signed_tls_client_auth"},
}};
constexpr Words<Profile, 2> profiles{{
    {Profile::fapi2_security, "fapi2"},
    {Profile::fapi2_message_signing, "fapi2-message-signing"},
}};
constexpr Words<ApplicationType, 2> application_types{{
    {ApplicationType::web, "web"},
    {ApplicationType::native, "native"},
}};

template <class E, std::size_t n>
std::string_view name_in(const Words<E, n>& words, E value) {
  for (const auto& [each, name] : words) {
    if (each == value) return name;
  }
  return {};
}

template <class E, std::size_t n>
std::optional<E> value_in(const Words<E, n>& words, std::string_view text) {
  for (const auto& [value, name] : words) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(GrantType value) {
  return name_in(grant_types, value);
}
std::optional<GrantType> grant_type_named(std::string_view text) {
  return value_in(grant_types, text);
}

std::string_view name_of(ResponseType value) {
  return name_in(response_types, value);
}
std::optional<ResponseType> response_type_named(std::string_view text) {
  const auto found = value_in(response_types, text);
  if (found) return found;
  // RFC 6749 3.1.1: the order of the words does not matter.
  const auto words = ascii::words(text);
  if (words.size() != 2) return std::nullopt;
  return value_in(response_types, words[1] + " " + words[0]);
}

std::string_view name_of(ResponseMode value) {
  return name_in(response_modes, value);
}
std::optional<ResponseMode> response_mode_named(std::string_view text) {
  return value_in(response_modes, text);
}

std::string_view name_of(ClientAuthMethod value) {
  return name_in(client_auth_methods, value);
}
std::optional<ClientAuthMethod> client_auth_method_named(std::string_view text) {
  return value_in(client_auth_methods, text);
}

std::string_view name_of(Profile value) {
  return name_in(profiles, value);
}
std::optional<Profile> profile_named(std::string_view text) {
  return value_in(profiles, text);
}

std::string_view name_of(ApplicationType value) {
  return name_in(application_types, value);
}
std::optional<ApplicationType> application_type_named(std::string_view text) {
  return value_in(application_types, text);
}

}  // namespace cardea
