// The token endpoint (RFC 6749 3.2): the phases that all grants share, in order, and the answer.
#include <utility>

#include "server/client_auth/possession.h"
#include "server/endpoints/endpoints.h"
#include "server/form_body.h"
#include "server/grants/grant.h"
#include "server/json_answer.h"

namespace cardea::endpoints {
namespace {

// RFC 6749 5.2.
Result<GrantType, JsonRefusal> read_grant_type(const RawParameters& parameters,
                                               const Client& client) {
  const auto text = parameters.find("grant_type");
  if (!text) {
    return refuse(JsonRefusal{.error = {.code = ErrorCode::invalid_request,
                                        .rule = "CARDEA-TOKEN-001",
                                        .spec = rfc6749("5.2"),
                                        .description = "The grant_type parameter is missing.",
                                        .reason = "absent or empty"},
                              .fix = {},
                              .headers = {}});
  }
  const auto grant_type = grant_type_named(*text);
  if (!grant_type) {
    return refuse(
        JsonRefusal{.error = {.code = ErrorCode::unsupported_grant_type,
                              .rule = "CARDEA-TOKEN-002",
                              .spec = rfc6749("5.2"),
                              .description = "This server does not support the grant_type.",
                              .reason = "grant_type " + std::string(text->substr(0, 100))},
                    .fix = "Use one of grant_types_supported of the discovery document.",
                    .headers = {}});
  }
  if (!client.allows(*grant_type)) {
    return refuse(
        JsonRefusal{.error = {.code = ErrorCode::unauthorized_client,
                              .rule = "CARDEA-TOKEN-003",
                              .spec = rfc6749("5.2"),
                              .description = "The client is not registered for this grant_type.",
                              .reason = "client " + client.client_id.value() + ", grant_type " +
                                        std::string(name_of(*grant_type))},
                    .fix = "Add it to the client's grant_types.",
                    .headers = {}});
  }
  return *grant_type;
}

}  // namespace

Task<http::Response> token(const Deps& deps, Exchange& exchange) {
  const auto parameters = read_form(exchange);
  if (!parameters) co_return json_refusal(exchange, {parameters.error(), {}, 0, {}});
  // Decision Q2: before the grant is touched; a failed attempt burns nothing.
  auto caller = co_await authenticate_client(deps, exchange, *parameters);
  if (!caller) co_return json_refusal(exchange, std::move(caller).error());
  auto grant_type = read_grant_type(*parameters, caller->client());
  if (!grant_type) co_return json_refusal(exchange, std::move(grant_type).error());
  exchange.pass("CARDEA-TOKEN-003", rfc6749("5.2"), "grant_type ", name_of(*grant_type));
  // Before the grant is touched, too: whoever lacks the key has spent nothing.
  if (auto refused = co_await prove_possession(deps, exchange, caller->client())) {
    co_return json_refusal(exchange, *std::move(refused));
  }
  if (auto refused = settle_binding(caller->client(), exchange)) {
    co_return json_refusal(exchange, *std::move(refused));
  }

  auto exchanged = co_await handler_of(*grant_type).exchange(deps, exchange, *parameters, *caller);
  if (!exchanged) co_return json_refusal(exchange, std::move(exchanged).error());
  co_return json_answer(200, write(*exchanged));
}

}  // namespace cardea::endpoints
