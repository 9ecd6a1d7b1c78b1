// Keeping registrations; see keep_registration.h.
#include "server/registration/keep_registration.h"

#include <algorithm>
#include <utility>

#include "server/sign_in/throttle.h"

namespace cardea {

Task<store::Answer<store::RegisterClient::Outcome::Result>> keep_registration(
    const Deps& deps, const Exchange& exchange, Client client,
    std::optional<InitialTokenDigest> initial_access_token) {
  const auto& settings = deps.settings.registration;
  const ClientId client_id = client.client_id;
  const auto by = client.owner.by;
  const auto outcome = co_await deps.store.perform(store::RegisterClient{
      .client = std::move(client),
      .source = initial_access_token ? "" : counted_address(exchange.request.peer_address),
      .unused_max = settings.unused_per_address,
      .clients_max = settings.clients_max,
      .unused_for = settings.unused_for,
      .initial_access_token = std::move(initial_access_token),
      .now = exchange.now});
  if (!outcome) co_return refuse(outcome.error());
  for (const auto& forgotten : outcome->forgotten) {
    // One that cannot be read now is in doubt, and gone before the next request.
    [[maybe_unused]] const auto gone = co_await deps.registry.refresh(forgotten);
    deps.log.info("client.forgotten", {{"client_id", forgotten.value()}});
  }
  if (outcome->result != store::RegisterClient::Outcome::Result::registered) {
    co_return outcome->result;
  }
  const auto shown = co_await deps.registry.refresh(client_id);
  if (!shown) co_return refuse(shown.error());
  deps.log.info("client.registered",
                {{"request_id", exchange.request_id},
                 {"client_id", client_id.value()},
                 {"by", by == Ownership::By::document ? "document" : "registration"}});
  co_return outcome->result;
}

}  // namespace cardea
