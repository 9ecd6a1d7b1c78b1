// Issuer metadata; see provider_metadata.h. Three tables name every member once, for both ways.
#include "protocol/provider_metadata.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/url.h"

namespace cardea {
namespace {

using M = ProviderMetadata;

template <class Field, std::size_t size>
using Table = std::array<std::pair<std::string_view, Field M::*>, size>;

constexpr Table<std::string, 11> texts{{
    {"issuer", &M::issuer},
    {"authorization_endpoint", &M::authorization_endpoint},
    {"token_endpoint", &M::token_endpoint},
    {"userinfo_endpoint", &M::userinfo_endpoint},
    {"jwks_uri", &M::jwks_uri},
    {"registration_endpoint", &M::registration_endpoint},
    {"introspection_endpoint", &M::introspection_endpoint},
    {"revocation_endpoint", &M::revocation_endpoint},
    {"end_session_endpoint", &M::end_session_endpoint},
    {"pushed_authorization_request_endpoint", &M::pushed_authorization_request_endpoint},
    {"device_authorization_endpoint", &M::device_authorization_endpoint},
}};

constexpr Table<std::vector<std::string>, 17> lists{{
    {"scopes_supported", &M::scopes_supported},
    {"response_types_supported", &M::response_types_supported},
    {"response_modes_supported", &M::response_modes_supported},
    {"grant_types_supported", &M::grant_types_supported},
    {"acr_values_supported", &M::acr_values_supported},
    {"subject_types_supported", &M::subject_types_supported},
    {"id_token_signing_alg_values_supported", &M::id_token_signing_alg_values_supported},
    {"token_endpoint_auth_methods_supported", &M::token_endpoint_auth_methods_supported},
    {"token_endpoint_auth_signing_alg_values_supported",
     &M::token_endpoint_auth_signing_alg_values_supported},
    {"introspection_endpoint_auth_methods_supported",
     &M::introspection_endpoint_auth_methods_supported},
    {"revocation_endpoint_auth_methods_supported", &M::revocation_endpoint_auth_methods_supported},
    {"display_values_supported", &M::display_values_supported},
    {"prompt_values_supported", &M::prompt_values_supported},
    {"claim_types_supported", &M::claim_types_supported},
    {"claims_supported", &M::claims_supported},
    {"ui_locales_supported", &M::ui_locales_supported},
    {"code_challenge_methods_supported", &M::code_challenge_methods_supported},
}};

constexpr Table<std::optional<bool>, 4> flags{{
    {"claims_parameter_supported", &M::claims_parameter_supported},
    {"request_parameter_supported", &M::request_parameter_supported},
    {"request_uri_parameter_supported", &M::request_uri_parameter_supported},
    {"authorization_response_iss_parameter_supported",
     &M::authorization_response_iss_parameter_supported},
}};

template <class Entries>
auto field_named(const Entries& entries, std::string_view name) {
  const auto found =
      std::ranges::find(entries, name, [](const auto& entry) { return entry.first; });
  return found == entries.end() ? nullptr : found->second;
}

std::optional<std::vector<std::string>> strings(const json::Value& value) {
  const json::Array* array = value.if_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> out;
  for (const auto& element : *array) {
    const std::string* text = element.if_string();
    if (text == nullptr) return std::nullopt;
    out.push_back(*text);
  }
  return out;
}

// Puts one member where it belongs. False when a known member is of another type.
bool read_member(M& metadata, const json::Member& member) {
  if (const auto text = field_named(texts, member.name)) {
    const std::string* value = member.value.if_string();
    if (value != nullptr) metadata.*text = *value;
    return value != nullptr;
  }
  if (const auto list = field_named(lists, member.name)) {
    auto value = strings(member.value);
    if (value) metadata.*list = std::move(*value);
    return value.has_value();
  }
  if (const auto flag = field_named(flags, member.name)) {
    const bool* value = member.value.if_bool();
    if (value != nullptr) metadata.*flag = *value;
    return value != nullptr;
  }
  metadata.others.set(member.name, member.value);
  return true;
}

}  // namespace

json::Object write(const ProviderMetadata& metadata) {
  json::Object out;
  for (const auto& [name, field] : texts) {
    if (!(metadata.*field).empty()) out.set(std::string(name), metadata.*field);
  }
  for (const auto& [name, field] : lists) {
    if (!(metadata.*field).empty()) out.set(std::string(name), metadata.*field);
  }
  for (const auto& [name, field] : flags) {
    if (metadata.*field) out.set(std::string(name), *(metadata.*field));
  }
  for (const auto& member : metadata.others.members()) out.set(member.name, member.value);
  return out;
}

Result<ProviderMetadata, std::string> parse_provider_metadata(std::string_view body,
                                                              std::string_view expected_issuer) {
  const auto object = json::parse_object(body);
  if (!object) return refuse(std::string("the document is not a JSON object"));
  M metadata;
  for (const auto& member : object->members()) {
    if (!read_member(metadata, member)) return refuse(member.name + " is of a wrong type");
  }
  // OIDC Discovery 4.3; RFC 8414 3.3: identical, byte for byte.
  if (metadata.issuer != expected_issuer) {
    return refuse("issuer is \"" + metadata.issuer + "\", expected \"" +
                  std::string(expected_issuer) + "\"");
  }
  return metadata;
}

std::optional<WellKnownUrls> well_known_urls(std::string_view issuer) {
  const auto parts = url::parse(issuer);
  if (!parts || parts->query || parts->fragment) return std::nullopt;
  constexpr std::string_view openid = "/.well-known/openid-configuration";
  constexpr std::string_view oauth = "/.well-known/oauth-authorization-server";
  // A terminating slash is removed before the well-known part is put in (RFC 8414 3.1, Discovery
  // 4.1); the bytes of the issuer stay as they are otherwise.
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  const auto authority = issuer.find("://") + 3;
  const auto path = std::min(issuer.find('/', authority), issuer.size());
  return WellKnownUrls{.openid_configuration = std::string(issuer) + std::string(openid),
                       .oauth_authorization_server = std::string(issuer.substr(0, path)) +
                                                     std::string(oauth) +
                                                     std::string(issuer.substr(path))};
}

}  // namespace cardea
