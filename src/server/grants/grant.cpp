// The table of grants and the refusals they share; see grant.h.
#include "server/grants/grant.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/tokens/choose_details.h"

namespace cardea {

const GrantHandler& handler_of(GrantType grant_type) {
  static constexpr std::array handlers{
      GrantHandler{GrantType::authorization_code, grants::authorization_code},
      GrantHandler{GrantType::refresh_token, grants::refresh_token},
      GrantHandler{GrantType::client_credentials, grants::client_credentials},
      GrantHandler{GrantType::device_code, grants::device_code},
      GrantHandler{GrantType::jwt_bearer, grants::jwt_bearer},
      GrantHandler{GrantType::token_exchange, grants::token_exchange},
      GrantHandler{GrantType::ciba, grants::ciba},
  };
  for (const auto& handler : handlers) {
    if (handler.grant_type == grant_type) return handler;
  }
  ensure(false);
  return handlers.front();
}

namespace grants {

JsonRefusal cannot_mint(OAuthError error) {
  const bool is_ours = error.code == ErrorCode::server_error;
  return {.error = std::move(error),
          .fix = is_ours ? "Restart the server: it makes keys for every algorithm in use."
                         : "Add a key of use \"enc\" for the client's algorithm to its key set.",
          .headers = {}};
}

Confirmation refresh_binding(const Client& client, const Exchange& exchange) {
  return client.is_public() ? exchange.confirmation : Confirmation{};
}

Result<TokenTarget, JsonRefusal> chosen_target(const Settings& settings, TokenTarget granted,
                                               const RawParameters& parameters) {
  auto target = choose_target(settings, std::move(granted), parameters.all("resource"));
  if (target) return *std::move(target);
  return refuse(
      JsonRefusal{.error = std::move(target).error(),
                  .fix = "Name resources of the authorization request, and each of them in a token "
                         "request of its own where their tokens differ.",
                  .headers = {}});
}

Result<std::string, JsonRefusal> chosen_details(const Client& client, const std::string& granted,
                                                const RawParameters& parameters) {
  if (granted.empty() && !parameters.contains("authorization_details")) return std::string();
  const auto chosen = choose_details(granted, parameters);
  if (!chosen) {
    return refuse(JsonRefusal{.error = chosen.error(),
                              .fix = "Ask for granted elements only, or leave the parameter out.",
                              .headers = {}});
  }
  auto details = parse_authorization_details(*chosen);
  if (!details) return std::string();
  std::erase_if(*details, [&](const json::Object& detail) {
    return std::ranges::find(client.authorization_details_types, type_of(detail)) ==
           client.authorization_details_types.end();
  });
  return write_details(*details);
}

JsonRefusal invalid_grant(std::string_view rule, SpecRef spec, std::string reason,
                          std::string fix) {
  return {.error = {.code = ErrorCode::invalid_grant,
                    .rule = rule,
                    .spec = spec,
                    .description = "The grant is invalid, expired, revoked or not yours.",
                    .reason = std::move(reason)},
          .fix = std::move(fix),
          .headers = {}};
}

JsonRefusal missing_parameter(std::string_view rule, SpecRef spec, std::string_view description) {
  return {.error = {.code = ErrorCode::invalid_request,
                    .rule = rule,
                    .spec = spec,
                    .description = description,
                    .reason = "absent or empty"},
          .fix = {},
          .headers = {}};
}

}  // namespace grants
}  // namespace cardea
