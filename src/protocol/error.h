// A refusal of the protocol as a value. Two texts: a fixed public sentence for the client, and a
// private reason with the compared values for log, inspector and operator (decision Q12). RFC
// 6749 4.1.2.1 and 5.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/spec.h"

namespace cardea {

// Registered error codes: RFC 6749 4.1.2.1, 5.2; RFC 6750 3.1; OIDC Core 3.1.2.6; RFC 8707 2; RFC
// 9449 5 and 8; RFC 7591 3.2.2; RFC 8628 3.5; CIBA Core 13; OpenID Connect Core Error Code
// unmet_authentication_requirements 1.0.
enum class ErrorCode {
  invalid_request,
  unauthorized_client,
  access_denied,
  unsupported_response_type,
  invalid_scope,
  server_error,
  temporarily_unavailable,
  invalid_client,
  invalid_grant,
  unsupported_grant_type,
  invalid_target,
  unsupported_token_type,
  invalid_token,
  insufficient_scope,
  interaction_required,
  login_required,
  account_selection_required,
  consent_required,
  invalid_request_uri,
  invalid_request_object,
  request_not_supported,
  request_uri_not_supported,
  registration_not_supported,
  unmet_authentication_requirements,
  invalid_dpop_proof,
  use_dpop_nonce,
  authorization_pending,
  slow_down,
  expired_token,
  unknown_user_id,
  invalid_binding_message,
  insufficient_user_authentication,
  invalid_authorization_details,
  invalid_redirect_uri,
  invalid_client_metadata,
  invalid_software_statement,
  unapproved_software_statement
};
std::string_view name_of(ErrorCode);
std::optional<ErrorCode> error_code_named(std::string_view);
// The HTTP status of a JSON error answer: 401 invalid_client, invalid_token and
// insufficient_user_authentication, 403 insufficient_scope, 503 temporarily_unavailable, 500
// server_error, else 400.
int http_status(ErrorCode);

struct OAuthError {
  ErrorCode code = ErrorCode::server_error;
  // Stable: "CARDEA-REDIRECT-017". A string literal; one per place that refuses.
  std::string_view rule;
  SpecRef spec;
  // Public: a string literal of VSCHAR without " and \ (RFC 6749 5.2). Never holds input.
  std::string_view description;
  // Private: may hold the compared values, never a credential.
  std::string reason;
};

}  // namespace cardea
