// A pointer into a specification, carried by every rule and refusal so that a report speaks in
// sections.
#pragma once

#include <string>
#include <string_view>

namespace cardea {

// document: "RFC 6749", "OIDC Core", ...; section: "4.1.2.1". Both are string literals.
struct SpecRef {
  std::string_view document;
  std::string_view section;

  std::string text() const { return std::string(document) + " " + std::string(section); }
};

constexpr SpecRef rfc6749(std::string_view section) {
  return {"RFC 6749", section};
}
constexpr SpecRef rfc6750(std::string_view section) {
  return {"RFC 6750", section};
}
constexpr SpecRef rfc7009(std::string_view section) {
  return {"RFC 7009", section};
}
constexpr SpecRef rfc7518(std::string_view section) {
  return {"RFC 7518", section};
}
constexpr SpecRef rfc7519(std::string_view section) {
  return {"RFC 7519", section};
}
constexpr SpecRef rfc7521(std::string_view section) {
  return {"RFC 7521", section};
}
constexpr SpecRef rfc7523(std::string_view section) {
  return {"RFC 7523", section};
}
constexpr SpecRef rfc7591(std::string_view section) {
  return {"RFC 7591", section};
}
constexpr SpecRef rfc7592(std::string_view section) {
  return {"RFC 7592", section};
}
constexpr SpecRef rfc7636(std::string_view section) {
  return {"RFC 7636", section};
}
constexpr SpecRef rfc7662(std::string_view section) {
  return {"RFC 7662", section};
}
constexpr SpecRef rfc8252(std::string_view section) {
  return {"RFC 8252", section};
}
constexpr SpecRef rfc8414(std::string_view section) {
  return {"RFC 8414", section};
}
constexpr SpecRef rfc8628(std::string_view section) {
  return {"RFC 8628", section};
}
constexpr SpecRef rfc8693(std::string_view section) {
  return {"RFC 8693", section};
}
constexpr SpecRef rfc8705(std::string_view section) {
  return {"RFC 8705", section};
}
constexpr SpecRef rfc8707(std::string_view section) {
  return {"RFC 8707", section};
}
constexpr SpecRef rfc8725(std::string_view section) {
  return {"RFC 8725", section};
}
constexpr SpecRef rfc9068(std::string_view section) {
  return {"RFC 9068", section};
}
constexpr SpecRef rfc9101(std::string_view section) {
  return {"RFC 9101", section};
}
constexpr SpecRef rfc9126(std::string_view section) {
  return {"RFC 9126", section};
}
constexpr SpecRef rfc9110(std::string_view section) {
  return {"RFC 9110", section};
}
constexpr SpecRef rfc9207(std::string_view section) {
  return {"RFC 9207", section};
}
constexpr SpecRef rfc9701(std::string_view section) {
  return {"RFC 9701", section};
}
constexpr SpecRef rfc9396(std::string_view section) {
  return {"RFC 9396", section};
}
constexpr SpecRef rfc9470(std::string_view section) {
  return {"RFC 9470", section};
}
constexpr SpecRef rfc9700(std::string_view section) {
  return {"RFC 9700", section};
}
constexpr SpecRef rfc9449(std::string_view section) {
  return {"RFC 9449", section};
}
constexpr SpecRef fapi2_security(std::string_view section) {
  return {"FAPI 2.0 Security Profile", section};
}
constexpr SpecRef fapi2_message_signing(std::string_view section) {
  return {"FAPI 2.0 Message Signing", section};
}
constexpr SpecRef jarm(std::string_view section) {
  return {"JARM", section};
}
constexpr SpecRef oidc_core(std::string_view section) {
  return {"OIDC Core", section};
}
constexpr SpecRef oidc_discovery(std::string_view section) {
  return {"OIDC Discovery", section};
}
constexpr SpecRef oidc_registration(std::string_view section) {
  return {"OIDC Registration", section};
}
constexpr SpecRef fapi_ciba(std::string_view section) {
  return {"FAPI CIBA", section};
}
constexpr SpecRef ciba_core(std::string_view section) {
  return {"CIBA Core", section};
}
constexpr SpecRef multiple_response_types(std::string_view section) {
  return {"OAuth Multiple Response Types", section};
}
constexpr SpecRef form_post_response_mode(std::string_view section) {
  return {"OAuth Form Post Response Mode", section};
}
constexpr SpecRef unmet_authentication_requirements(std::string_view section) {
  return {"OIDC Unmet Authentication Requirements", section};
}
constexpr SpecRef backchannel_logout(std::string_view section) {
  return {"OIDC Back-Channel Logout", section};
}
constexpr SpecRef frontchannel_logout(std::string_view section) {
  return {"OIDC Front-Channel Logout", section};
}
constexpr SpecRef session_management(std::string_view section) {
  return {"OIDC Session Management", section};
}
constexpr SpecRef rp_initiated_logout(std::string_view section) {
  return {"OIDC RP-Initiated Logout", section};
}
// draft-ietf-oauth-client-id-metadata-document-02.
constexpr SpecRef client_id_metadata_document(std::string_view section) {
  return {"OAuth Client ID Metadata Document", section};
}
constexpr SpecRef cardea_policy(std::string_view decision) {
  return {"Cardea decision", decision};
}

}  // namespace cardea
