// Judging what is asked for; see polled_access.h.
#include "server/authorize/polled_access.h"

#include "server/authorize/check_table.h"
#include "server/authorize/effective_scopes.h"
#include "server/tokens/choose_resources.h"

namespace cardea {

Result<PolledAccess, JsonRefusal> judge_polled_access(const Deps& deps, Exchange& exchange,
                                                      const RawParameters& parameters,
                                                      const Client& client, GrantType grant_type) {
  if (!client.allows(grant_type)) {
    return refuse(
        JsonRefusal{.error = {.code = ErrorCode::unauthorized_client,
                              .rule = "CARDEA-TOKEN-003",
                              .spec = rfc6749("5.2"),
                              .description = "The client is not registered for this grant_type.",
                              .reason = "client " + client.client_id.value() + ", grant_type " +
                                        std::string(name_of(grant_type))},
                    .fix = "Add it to the client's grant_types.",
                    .headers = {}});
  }
  const AskedRequest asked{.parameters = parameters, .completes = std::nullopt};
  const auto request = read_authorization_request(parameters);
  const std::optional<HintReading> no_hint;
  auto objection =
      apply_check_table(exchange, polled_check_table(),
                        {asked, request, client, deps.settings, deps.relaxations, no_hint});
  if (objection) {
    return refuse(JsonRefusal{
        .error = std::move(objection->error), .fix = std::move(objection->fix), .headers = {}});
  }
  auto scopes = effective_scopes(request.scopes, client);
  auto resources = choose_resources(deps.settings, client, {request.resources, scopes});
  // The check read the scopes of a request that has a response type; this has none.
  if (!resources) {
    return refuse(JsonRefusal{.error = std::move(resources).error(), .fix = {}, .headers = {}});
  }
  return PolledAccess{.scopes = std::move(scopes), .resources = *std::move(resources)};
}

}  // namespace cardea
