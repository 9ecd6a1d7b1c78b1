// An authorization request, parsed once into typed fields. RFC 6749 4.1.1, RFC 7636 4.3, RFC 8707
// 2, OIDC Core 3.1.2.1. Reading never refuses: a parameter that cannot be read is named in
// `malformed`, and a named check of the server refuses it (server/authorize/check_table.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "protocol/authorization_details.h"
#include "protocol/claims_request.h"
#include "protocol/parameters.h"
#include "protocol/prompt.h"
#include "protocol/vocabulary.h"

namespace cardea {

struct AuthorizationRequest {
  std::string client_id;
  std::optional<std::string> redirect_uri;  // as presented, after one form-decoding
  std::string response_type_text;           // "" when absent
  std::optional<ResponseType> response_type;
  std::string response_mode_text;
  std::optional<ResponseMode> response_mode;
  std::string state;
  std::string nonce;
  std::optional<std::vector<std::string>> scopes;  // absent: the parameter was not sent
  std::vector<std::string> resources;
  std::string code_challenge;
  std::string code_challenge_method;
  std::string dpop_jkt;  // RFC 9449 10; "" when absent
  Prompt prompt;
  std::optional<Seconds> max_age;
  std::string id_token_hint;
  std::string login_hint;  // "" also when it is too long to be a login
  std::vector<std::string> acr_values;
  std::vector<std::string> ui_locales;
  ClaimsRequest claims;
  std::string claims_text;                     // as sent
  AuthorizationDetails authorization_details;  // none: the parameter was not sent

  // Names of parameters that were sent and could not be read.
  std::vector<std::string_view> malformed;
  // The first name that was sent twice, "" for none (RFC 6749 3.1).
  std::string repeated;
  bool has_registration = false;  // `registration` of OIDC Core 7.2.1 was sent

  bool is_malformed(std::string_view name) const;
  bool asks_for_openid() const;
  bool asks_for_code() const;
  bool asks_for_id_token() const;
};

AuthorizationRequest read_authorization_request(const RawParameters& parameters);

// max_age: whole seconds, at most twelve digits (OIDC Core 3.1.2.1).
std::optional<Seconds> parse_max_age(std::string_view text);

}  // namespace cardea
