// Reading an authorization request; see authorization_request.h.
#include "protocol/authorization_request.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"
#include "protocol/authorization_response.h"
#include "protocol/scope.h"

namespace cardea {
namespace {

constexpr std::size_t max_age_digits_max = 12;

// Preferences are only hints: what is beyond the limit is left out, never an error.
std::vector<std::string> preferences(std::string_view text) {
  auto words = ascii::words(text);
  if (words.size() > limits::words_max) words.resize(limits::words_max);
  return words;
}

void read_response_form(const RawParameters& raw, AuthorizationRequest& request) {
  request.response_type_text = raw.get("response_type");
  request.response_type = response_type_named(request.response_type_text);
  request.response_mode_text = raw.get("response_mode");
  request.response_mode = response_mode_named(request.response_mode_text);
  // JARM 2.3.4: "jwt" means the response type's default, signed.
  if (request.response_mode_text == "jwt") {
    const auto usual = default_response_mode(request.response_type_text);
    request.response_mode =
        usual == ResponseMode::query ? ResponseMode::query_jwt : ResponseMode::fragment_jwt;
  }
}

void read_scope(const RawParameters& raw, AuthorizationRequest& request) {
  const auto text = raw.find("scope");
  if (!text) return;
  auto scopes = parse_scope(*text);
  if (!scopes) return request.malformed.push_back("scope");
  if (!scopes->empty()) request.scopes = *std::move(scopes);
}

// OIDC Core 3.1.2.1.
void read_person_wishes(const RawParameters& raw, AuthorizationRequest& request) {
  if (const auto text = raw.find("prompt")) {
    if (const auto prompt = parse_prompt(*text)) {
      request.prompt = *prompt;
    } else {
      request.malformed.push_back("prompt");
    }
  }
  if (const auto text = raw.find("max_age")) {
    request.max_age = parse_max_age(*text);
    if (!request.max_age) request.malformed.push_back("max_age");
  }
  const auto hint = raw.get("login_hint");
  if (hint.size() <= limits::login_bytes_max) request.login_hint = hint;
  request.id_token_hint = raw.get("id_token_hint");
  request.acr_values = preferences(raw.get("acr_values"));
  request.ui_locales = preferences(raw.get("ui_locales"));
}

void read_claims(const RawParameters& raw, AuthorizationRequest& request) {
  const auto text = raw.find("claims");
  if (!text) return;
  auto claims = parse_claims_request(*text);
  if (!claims) return request.malformed.push_back("claims");
  request.claims = *std::move(claims);
  request.claims_text = *text;
}

void read_details(const RawParameters& raw, AuthorizationRequest& request) {
  const auto text = raw.find("authorization_details");
  if (!text) return;
  auto details = parse_authorization_details(*text);
  if (!details) return request.malformed.push_back("authorization_details");
  request.authorization_details = *std::move(details);
}

void read_echoed(const RawParameters& raw, AuthorizationRequest& request) {
  if (raw.get("state").size() > limits::state_bytes_max) {
    request.malformed.push_back("state");
  } else if (!raw.repeated("state")) {
    request.state = raw.get("state");
  }
  if (raw.get("nonce").size() > limits::nonce_bytes_max) {
    request.malformed.push_back("nonce");
  } else {
    request.nonce = raw.get("nonce");
  }
}

}  // namespace

bool AuthorizationRequest::is_malformed(std::string_view name) const {
  return std::ranges::find(malformed, name) != malformed.end();
}

bool AuthorizationRequest::asks_for_openid() const {
  return scopes && has_scope(*scopes, "openid");
}

bool AuthorizationRequest::asks_for_code() const {
  return response_type == ResponseType::code || response_type == ResponseType::code_id_token;
}

bool AuthorizationRequest::asks_for_id_token() const {
  return response_type == ResponseType::id_token || response_type == ResponseType::code_id_token;
}

AuthorizationRequest read_authorization_request(const RawParameters& raw) {
  AuthorizationRequest request;
  request.client_id = raw.get("client_id");
  if (const auto uri = raw.find("redirect_uri")) request.redirect_uri = *uri;
  read_response_form(raw, request);
  read_echoed(raw, request);
  read_scope(raw, request);
  request.resources = raw.all("resource");
  request.code_challenge = raw.get("code_challenge");
  request.code_challenge_method = raw.get("code_challenge_method");
  request.dpop_jkt = raw.get("dpop_jkt");
  read_person_wishes(raw, request);
  read_claims(raw, request);
  read_details(raw, request);
  request.repeated = raw.first_repeated().value_or("");
  request.has_registration = raw.contains("registration");
  return request;
}

std::optional<Seconds> parse_max_age(std::string_view text) {
  if (text.empty() || text.size() > max_age_digits_max) return std::nullopt;
  std::int64_t count = 0;
  for (const char c : text) {
    if (!ascii::is_digit(c)) return std::nullopt;
    count = count * 10 + (c - '0');
  }
  return Seconds{count};
}

}  // namespace cardea
