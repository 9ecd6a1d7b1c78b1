// Admitting an authorization request; see admit.h.
#include "server/authorize/admit.h"

#include <algorithm>
#include <iterator>

#include "server/authorize/check_table.h"
#include "server/authorize/effective_scopes.h"
#include "server/consent/consent_items.h"
#include "server/tokens/choose_details.h"
#include "server/tokens/choose_resources.h"

namespace cardea {
namespace {

using FoundClient = Result<std::shared_ptr<const Client>, PageError>;

PageError page(OAuthError error, std::string fix) {
  return {std::move(error), std::move(fix), 400};
}

// RFC 6749 4.1.2.1: nothing about the client is proven yet, so each refusal is a page of ours.
FoundClient identify_client(const Deps& deps, Exchange& exchange, const RawParameters& raw) {
  if (raw.repeated("client_id")) {
    return refuse(
        page({ErrorCode::invalid_request, "CARDEA-AUTHORIZE-010", rfc6749("3.1"),
              "The client_id parameter was sent more than once.", "client_id is repeated"},
             "Send client_id once."));
  }
  const auto id = raw.find("client_id");
  if (!id) {
    return refuse(page({ErrorCode::invalid_request, "CARDEA-AUTHORIZE-011", rfc6749("4.1.1"),
                        "The client_id parameter is missing.", "client_id is absent"},
                       "Send the client_id of the registered client."));
  }
  auto client = deps.registry.find(ClientId(std::string(*id)));
  if (!client) {
    return refuse(page({ErrorCode::invalid_request, "CARDEA-AUTHORIZE-012", rfc6749("4.1.2.1"),
                        "The client is not known.",
                        "no client is registered as <" + std::string(id->substr(0, 255)) + ">"},
                       "Register the client, or send the client_id of a registered one."));
  }
  exchange.client_id = client->client_id.value();
  if (!client->enabled) {
    return refuse(page({ErrorCode::invalid_request, "CARDEA-AUTHORIZE-013", rfc6749("4.1.2.1"),
                        "The client is not known.", "the client is disabled"},
                       "Enable the client."));
  }
  exchange.pass("CARDEA-AUTHORIZE-012", rfc6749("4.1.2.1"), "the client is registered");
  return client;
}

std::optional<HintReading> read_hint(const Deps& deps, const Exchange& exchange,
                                     const AuthorizationRequest& request) {
  if (request.id_token_hint.empty()) return std::nullopt;
  return read_id_token_hint(request.id_token_hint, *deps.keys.verification_keys(),
                            deps.settings.issuer, exchange.now);
}

}  // namespace

Judgement admit(const Deps& deps, Exchange& exchange, const AskedRequest& asked) {
  const RawParameters& raw = asked.parameters;
  auto client = identify_client(deps, exchange, raw);
  if (!client) return client.error();
  if (raw.repeated("redirect_uri")) {
    return page({ErrorCode::invalid_request, "CARDEA-REDIRECT-006", rfc6749("3.1"),
                 "The redirect_uri parameter was sent more than once.", "redirect_uri is repeated"},
                "Send redirect_uri once.");
  }
  AuthorizationRequest request = read_authorization_request(raw);
  auto target = find_reply_target(exchange, request, *client, deps.relaxations);
  if (!target) return target.error();
  // From here on every refusal is told to the client.
  const auto hint = read_hint(deps, exchange, request);
  auto objection = apply_check_table(
      exchange, check_table(), {asked, request, **client, deps.settings, deps.relaxations, hint});
  if (objection) return Rejected{*std::move(target), *std::move(objection)};
  auto scopes = effective_scopes(request, **client);
  auto resources = choose_resources(deps.settings, **client, {request.resources, scopes});
  ensure(resources.ok());  // checks::resources_acceptable let them pass
  auto claims_words = claims_beyond_scopes(deps.settings, request.claims, scopes);
  std::ranges::copy(words_of(request.authorization_details), std::back_inserter(claims_words));
  return Admitted{.client = *std::move(client),
                  .destination = *std::move(target),
                  .request = std::move(request),
                  .hint = hint ? std::optional(hint->value()) : std::nullopt,
                  .scopes = std::move(scopes),
                  .claims_words = std::move(claims_words),
                  .resources = *std::move(resources)};
}

}  // namespace cardea
