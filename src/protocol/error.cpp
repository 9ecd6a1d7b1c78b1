// The registered error codes and their HTTP statuses, one table; see error.h.
#include "protocol/error.h"

#include <array>
#include <utility>

namespace cardea {
namespace {

constexpr std::array<std::pair<ErrorCode, std::string_view>, 37> error_codes{{
    {ErrorCode::invalid_request, "invalid_request"},
    {ErrorCode::unauthorized_client, "unauthorized_client"},
    {ErrorCode::access_denied, "access_denied"},
    {ErrorCode::unsupported_response_type, "unsupported_response_type"},
    {ErrorCode::invalid_scope, "invalid_scope"},
    {ErrorCode::server_error, "server_error"},
    {ErrorCode::temporarily_unavailable, "temporarily_unavailable"},
    {ErrorCode::invalid_client, "invalid_client"},
    {ErrorCode::invalid_grant, "invalid_grant"},
    {ErrorCode::unsupported_grant_type, "unsupported_grant_type"},
    {ErrorCode::invalid_target, "invalid_target"},
    {ErrorCode::unsupported_token_type, "unsupported_token_type"},
    {ErrorCode::invalid_token, "invalid_token"},
    {ErrorCode::insufficient_scope, "insufficient_scope"},
    {ErrorCode::interaction_required, "interaction_required"},
    {ErrorCode::login_required, "login_required"},
    {ErrorCode::account_selection_required, "account_selection_required"},
    {ErrorCode::consent_required, "consent_required"},
    {ErrorCode::invalid_request_uri, "invalid_request_uri"},
    {ErrorCode::invalid_request_object, "invalid_request_object"},
    {ErrorCode::request_not_supported, "request_not_supported"},
    {ErrorCode::request_uri_not_supported, "request_uri_not_supported"},
    {ErrorCode::registration_not_supported, "registration_not_supported"},
    {ErrorCode::unmet_authentication_requirements, "unmet_authentication_requirements"},
    {ErrorCode::invalid_dpop_proof, "invalid_dpop_proof"},
    {ErrorCode::use_dpop_nonce, "use_dpop_nonce"},
    {ErrorCode::authorization_pending, "authorization_pending"},
    {ErrorCode::slow_down, "slow_down"},
    {ErrorCode::expired_token, "expired_token"},
    {ErrorCode::unknown_user_id, "unknown_user_id"},
    {ErrorCode::invalid_binding_message, "invalid_binding_message"},
    {ErrorCode::insufficient_user_authentication, "insufficient_user_authentication"},
    {ErrorCode::invalid_authorization_details, "invalid_authorization_details"},
    {ErrorCode::invalid_redirect_uri, "invalid_redirect_uri"},
    {ErrorCode::invalid_client_metadata, "invalid_client_metadata"},
    {ErrorCode::invalid_software_statement, "invalid_software_statement"},
    {ErrorCode::unapproved_software_statement, "unapproved_software_statement"},
}};

}  // namespace

std::string_view name_of(ErrorCode code) {
  for (const auto& [value, name] : error_codes) {
    if (value == code) return name;
  }
  return "server_error";
}

std::optional<ErrorCode> error_code_named(std::string_view text) {
  for (const auto& [value, name] : error_codes) {
    if (name == text) return value;
  }
  return std::nullopt;
}

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_client:
    case ErrorCode::invalid_token:
    case ErrorCode::insufficient_user_authentication:
      return 401;
    case ErrorCode::insufficient_scope:
      return 403;
    case ErrorCode::server_error:
      return 500;
    case ErrorCode::temporarily_unavailable:
      return 503;
    default:
      return 400;
  }
}

}  // namespace cardea
