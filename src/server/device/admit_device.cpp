// Admitting the request of a device; see admit_device.h.
#include "server/device/admit_device.h"

#include "protocol/scope.h"
#include "server/device/user_code.h"
#include "server/tokens/choose_resources.h"

namespace cardea {
namespace {

PageError over() {
  return {{ErrorCode::expired_token, "CARDEA-DEVICE-010", rfc8628("3.3"),
           "The code has expired or was answered before. Let your device show a new one.",
           "the request is answered, expired or gone"},
          "Start again on the device.",
          410};
}

PageError client_changed(std::string reason) {
  return {{ErrorCode::unauthorized_client, "CARDEA-DEVICE-011", rfc8628("3.3"),
           "The app on your device may no longer ask for this.", std::move(reason)},
          "Register the client for the device grant, the scopes and the resources.",
          403};
}

// What was taken from the client since its device asked; nothing when all is as it was.
std::optional<std::string> lost(const Settings& settings, const Client* client,
                                const PolledRequest& request) {
  if (client == nullptr || !client->enabled) return "the client is gone or disabled";
  if (!client->allows(GrantType::device_code)) return "the client lost the device grant";
  if (!is_within(request.scopes, client->scope)) return "the client lost a scope";
  for (const auto& resource : request.resources) {
    if (settings.find_resource(resource) == nullptr) return "a resource is gone";
  }
  return std::nullopt;
}

}  // namespace

RawParameters device_parameters(const GrantId& request_id, std::string_view code) {
  return RawParameters({{"request", request_id.value()}, {"user_code", std::string(code)}});
}

Task<store::Answer<Judgement>> admit_device(const Deps& deps, Exchange& exchange,
                                            RawParameters parameters) {
  const GrantId request_id{std::string(parameters.get("request"))};
  const auto found = co_await deps.store.find_polled_request(request_id);
  if (!found) co_return refuse(found.error());
  if (!*found || !is_answerable(**found, exchange.now)) co_return Judgement(over());
  const PolledRequest& request = **found;
  exchange.client_id = request.client_id.value();
  auto client = deps.registry.find(request.client_id);
  if (auto reason = lost(deps.settings, client.get(), request)) {
    co_return Judgement(client_changed(*std::move(reason)));
  }
  AuthorizationRequest asked;
  asked.client_id = request.client_id.value();
  asked.scopes = request.scopes;
  asked.prompt.consent = true;  // RFC 8628 3.3.1, 5.4: a person confirms each time
  co_return Judgement(Admitted{
      .client = std::move(client),
      .destination = WaitingDevice{.request_id = request.request_id,
                                   .user_code = shown_user_code(parameters.get("user_code")),
                                   .address = request.address,
                                   .asked_at = request.created_at,
                                   .expires_at = request.expires_at},
      .request = std::move(asked),
      .hint = std::nullopt,
      .scopes = request.scopes,
      .claims_words = {},
      .resources = request.resources});
}

}  // namespace cardea
