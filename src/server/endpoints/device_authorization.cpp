// The device authorization endpoint (RFC 8628 3.1, 3.2): what a device that cannot show a browser
// asks, and the two codes it gets.
#include "server/authorize/polled_access.h"
#include "server/client_auth/authenticate.h"
#include "server/device/user_code.h"
#include "server/endpoints/endpoints.h"
#include "server/form_body.h"
#include "server/grants/poll.h"
#include "server/json_answer.h"
#include "server/sign_in/throttle.h"

namespace cardea::endpoints {
namespace {

constexpr int user_codes_tried_max = 8;  // each is taken with a chance of one in millions

PolledRequest request_of(const Deps& deps, const Exchange& exchange, const Client& client,
                         PolledAccess access) {
  return {.request_id = GrantId(new_identifier(deps.random)),
          .client_id = client.client_id,
          .user_code = std::nullopt,
          .asked_user = std::nullopt,
          .scopes = std::move(access.scopes),
          .resources = std::move(access.resources),
          .address = exchange.request.peer_address,
          .polled_at = std::nullopt,
          .created_at = exchange.now,
          .expires_at = exchange.now + deps.settings.lifetimes.device_code,
          .approval = std::nullopt};
}

// RFC 8628 3.2.
http::Response answer(const Deps& deps, const PolledRequest& request, std::string_view user_code) {
  const auto shown = shown_user_code(user_code);
  const auto verification_uri = deps.settings.endpoint("/device");
  const auto device_code = seal_polling_text(deps, SealPurpose::device_code, request);
  return json_answer(200, {{"device_code", device_code.reveal()},
                           {"user_code", shown},
                           {"verification_uri", verification_uri},
                           {"verification_uri_complete", verification_uri + "?user_code=" + shown},
                           {"expires_in", deps.settings.lifetimes.device_code.count},
                           {"interval", request.interval.count}});
}

}  // namespace

Task<http::Response> device_authorization(const Deps& deps, Exchange& exchange) {
  const auto parameters = read_form(exchange);
  if (!parameters) co_return json_refusal(exchange, {parameters.error(), {}, 0, {}});
  auto caller = co_await authenticate_client(deps, exchange, *parameters);
  if (!caller) co_return json_refusal(exchange, std::move(caller).error());
  const Client& client = caller->client();
  auto access = judge_polled_access(deps, exchange, *parameters, client, GrantType::device_code);
  if (!access) co_return json_refusal(exchange, std::move(access).error());

  store::PutPolledRequest put{.request = request_of(deps, exchange, client, *std::move(access)),
                              .per_client_max = deps.settings.polled_requests_per_client_max,
                              .per_address_max = std::nullopt,
                              .per_user_max = std::nullopt,
                              .now = exchange.now};
  if (client.is_public()) {
    put.source = counted_address(exchange.request.peer_address);
    put.per_address_max = deps.settings.polled_requests_per_address_max;
  }
  for (int tries = 0; tries < user_codes_tried_max; ++tries) {
    const auto user_code = new_user_code(deps.random);
    put.request.user_code = digest_of_user_code(deps.seals, user_code);
    const auto outcome = co_await deps.store.perform(put);
    if (!outcome) co_return store_unavailable(deps, exchange, outcome.error());
    if (*outcome == store::PutPolledRequest::Outcome::quota_exceeded) {
      co_return json_refusal(exchange, too_many_polled_requests());
    }
    if (*outcome == store::PutPolledRequest::Outcome::user_code_taken) continue;
    exchange.pass("CARDEA-DEVICE-001", rfc8628("3.2"), "two codes for the device");
    co_return answer(deps, put.request, user_code);
  }
  co_return json_refusal(exchange, too_many_polled_requests());
}

}  // namespace cardea::endpoints
