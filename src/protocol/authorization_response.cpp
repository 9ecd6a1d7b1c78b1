// Encoding authorization responses; see authorization_response.h.
#include "protocol/authorization_response.h"

#include "base/ascii.h"
#include "base/result.h"
#include "base/url.h"

namespace cardea {
namespace {

void add_frame(ParameterPairs& pairs, const AuthorizationResponseFrame& frame) {
  if (!frame.state.empty()) pairs.emplace_back("state", frame.state);
  pairs.emplace_back("iss", frame.issuer);
}

// A registered query can hold none of our names (security corpus 3.1), so parameters are added
// after it and nothing is merged.
std::string_view separator_after(std::string_view redirect_uri) {
  if (redirect_uri.find('?') == std::string_view::npos) return "?";
  return redirect_uri.ends_with('?') || redirect_uri.ends_with('&') ? "" : "&";
}

}  // namespace

ParameterPairs success_parameters(const AuthorizationSuccess& success,
                                  const AuthorizationResponseFrame& frame) {
  ParameterPairs pairs;
  if (!success.code.empty()) pairs.emplace_back("code", success.code);
  if (!success.id_token.empty()) pairs.emplace_back("id_token", success.id_token);
  add_frame(pairs, frame);
  return pairs;
}

ParameterPairs error_parameters(const OAuthError& error, const AuthorizationResponseFrame& frame) {
  ParameterPairs pairs{{"error", std::string(name_of(error.code))}};
  if (!error.description.empty()) pairs.emplace_back("error_description", error.description);
  add_frame(pairs, frame);
  return pairs;
}

json::ObjectText response_claims(const ParameterPairs& parameters, std::string_view client_id,
                                 Instant expires_at) {
  json::ObjectText claims;
  claims.add_text("aud", client_id);
  claims.add_number("exp", expires_at.unix_seconds());
  for (const auto& [name, value] : parameters) claims.add_text(name, value);
  return claims;
}

std::string response_location(std::string_view redirect_uri, ResponseMode mode,
                              const ParameterPairs& parameters) {
  ensure(mode == ResponseMode::query || mode == ResponseMode::fragment);
  std::string location(redirect_uri);
  std::string_view separator = mode == ResponseMode::query ? separator_after(redirect_uri) : "#";
  for (const auto& [name, value] : parameters) {
    location += separator;
    location += name;
    location += '=';
    // A space is %20 here: every decoder reads it alike, which is not true of `+` in a fragment.
    location += url::encode(value);
    separator = "&";
  }
  return location;
}

ResponseMode default_response_mode(std::string_view response_type_text) {
  for (const std::string& word : ascii::words(response_type_text)) {
    if (word == "token" || word == "id_token") return ResponseMode::fragment;
  }
  return ResponseMode::query;
}

}  // namespace cardea
