// Fetching before judging; see prepare_client.h.
#include "server/registration/prepare_client.h"

#include <utility>

#include "server/registration/client_documents.h"
#include "server/registration/sector_documents.h"

namespace cardea {
namespace {

PageError page(OAuthError error, std::string fix) {
  return {std::move(error), std::move(fix), 400};
}

PageError no_document(std::string reason) {
  return page({ErrorCode::invalid_request, "CARDEA-DOCUMENT-001",
               client_id_metadata_document("5.1"), "The client is not known.", std::move(reason)},
              "Serve the metadata document as application/json at the client_id itself, with that "
              "client_id, redirect_uris and without a secret.");
}

PageError not_of_the_sector(std::string reason) {
  return page({ErrorCode::invalid_request, "CARDEA-SECTOR-001", oidc_registration("5"),
               "The client's sector does not confirm it.", std::move(reason)},
              "Serve a JSON array at sector_identifier_uri that holds every redirect_uri of the "
              "client.");
}

}  // namespace

bool needs_preparing(const Deps& deps, std::string_view client_id) {
  if (admits_client_document(deps.settings, client_id)) return true;
  const auto client = deps.registry.find(ClientId(std::string(client_id)));
  return client != nullptr && !client->sector_identifier_uri.empty();
}

Task<store::Answer<std::optional<PageError>>> prepare_client(const Deps& deps, Exchange& exchange,
                                                             std::string client_id) {
  using Prepared = std::optional<PageError>;
  const auto adopted = co_await adopt_client_document(deps, exchange, client_id);
  if (!adopted) co_return refuse(adopted.error());
  if (!*adopted) co_return Prepared(no_document(adopted->error()));
  const auto client = deps.registry.find(ClientId(std::move(client_id)));
  if (client == nullptr || !client->enabled) co_return Prepared();
  const auto confirmed = co_await check_sector(deps, *client, exchange.now);
  if (!confirmed) co_return Prepared(not_of_the_sector(confirmed.error()));
  co_return Prepared();
}

}  // namespace cardea
