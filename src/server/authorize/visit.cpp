// Deciding about a visit; see visit.h.
#include "server/authorize/visit.h"

#include "protocol/redirect_uri.h"

namespace cardea {
namespace {

std::vector<std::string> resources_of(const Admitted& admitted) {
  if (!admitted.resource) return {};
  return {admitted.resource->value()};
}

Situation situation_of(const Deps& deps, const Exchange& exchange, const Visit& visit,
                       const std::vector<std::string>& resources) {
  const Admitted& admitted = visit.admitted;
  return {.request = admitted.request,
          .client = *admitted.client,
          .scopes = admitted.scopes,
          .claims_words = admitted.claims_words,
          .resources = resources,
          .sessions = visit.browser.sessions,
          .consent = visit.consent,
          .facts = visit.facts,
          .hinted_subject = admitted.hint ? admitted.hint->subject : "",
          .redirect_is_local = is_local_redirect_uri(admitted.target.redirect_uri()),
          .consent_is_automatic =
              deps.settings.is_dev && deps.settings.interaction == Settings::Interaction::automatic,
          .acr_values = deps.settings.acr_values,
          .now = exchange.now};
}

}  // namespace

Task<store::Answer<Unit>> decide(const Deps& deps, Exchange& exchange, Visit& visit) {
  const auto resources = resources_of(visit.admitted);
  visit.consent.reset();
  // It refers to the consent, and so sees what is found below.
  const auto situation = situation_of(deps, exchange, visit, resources);
  const auto who = candidate_session(situation);
  if (who) {
    auto consent = co_await deps.store.find_consent(visit.browser.sessions[*who].user.user_id,
                                                    visit.admitted.client->client_id);
    if (!consent) co_return refuse(consent.error());
    visit.consent = *std::move(consent);
  }
  visit.step = next_step(situation);
  if (visit.step.kind != NextStep::Kind::refuse) {
    exchange.pass("CARDEA-STEP-000", oidc_core("3.1.2.3"), name_of(visit.step.reason));
  }
  co_return Unit{};
}

}  // namespace cardea
