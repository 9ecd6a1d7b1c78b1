// Deciding about a visit; see visit.h.
#include "server/authorize/visit.h"

#include "server/second_factor/requirement.h"

#include <utility>

#include "protocol/redirect_uri.h"
#include "server/tokens/subject.h"

namespace cardea {
namespace {

// What the client calls the people of these sessions; needed only where it means one of them.
std::vector<std::string> subjects_of(const Deps& deps, const Client& client,
                                     const std::vector<store::SessionView>& sessions) {
  std::vector<std::string> subjects;
  for (const auto& view : sessions) {
    subjects.push_back(subject_of(deps.seals, client, view.user.user_id));
  }
  return subjects;
}

Situation situation_of(const Deps& deps, const Exchange& exchange, const Visit& visit,
                       const std::vector<std::string>& resources, bool has_second_factor) {
  const Admitted& admitted = visit.admitted;
  auto wanted =
      wanted_subjects(admitted.request, admitted.hint ? admitted.hint->subject : std::string());
  auto subjects = wanted ? subjects_of(deps, *admitted.client, visit.browser.sessions)
                         : std::vector<std::string>();
  return {.request = admitted.request,
          .client = *admitted.client,
          .scopes = admitted.scopes,
          .claims_words = admitted.claims_words,
          .resources = resources,
          .sessions = visit.browser.sessions,
          .consent = visit.consent,
          .facts = visit.facts,
          .wanted = std::move(wanted),
          .subjects = std::move(subjects),
          .redirect_is_local = admitted.target() != nullptr &&
                               is_local_redirect_uri(admitted.target()->redirect_uri()),
          // RFC 8628 5.4: before a device is allowed anything, a person is asked, also in dev.
          .consent_is_automatic = deps.settings.is_dev && admitted.device() == nullptr &&
                                  deps.settings.interaction == Settings::Interaction::automatic,
          .acr_values = deps.settings.acr_values,
          .second_factor_required = requires_second_factor(deps.settings, *admitted.client),
          .has_second_factor = has_second_factor,
          .now = exchange.now};
}

}  // namespace

InteractionFacts facts_of(const Interaction& row) {
  return {.session_id = row.session_id,
          .authenticated_here = row.authenticated_here,
          .account_selected = row.account_selected,
          .first_factor = row.first_factor,
          .enrolment_declined = row.enrolment_declined};
}

Task<store::Answer<std::optional<User>>> find_proven(const Deps& deps, const Exchange& exchange,
                                                     const Interaction& row) {
  // Corpus H06: after a lock, or a while, the flow begins again with the first factor.
  const auto& first = row.first_factor;
  if (!first || row.factor_failures >= factor_failures_max ||
      exchange.now >= first->proven_at + first_factor_lifetime) {
    co_return std::optional<User>();
  }
  const auto user = co_await deps.store.find_user(first->user_id);
  if (!user) co_return refuse(user.error());
  const bool is_same =
      *user && (*user)->enabled && (*user)->security_version == first->security_version;
  co_return is_same ? std::optional(**user) : std::nullopt;
}

Task<store::Answer<Unit>> decide(const Deps& deps, Exchange& exchange, Visit& visit) {
  const auto resources = values_of(visit.admitted.resources);
  visit.consent.reset();
  bool has_second_factor = false;
  if (!visit.proven) visit.facts.first_factor.reset();
  if (visit.facts.first_factor) {
    const auto factor = co_await deps.store.find_second_factor(visit.proven->user_id);
    if (!factor) co_return refuse(factor.error());
    has_second_factor = factor->has_value();
  }
  // It refers to the consent, and so sees what is found below.
  const auto situation = situation_of(deps, exchange, visit, resources, has_second_factor);
  const auto who = candidate_session(situation);
  if (who && !visit.facts.first_factor) {
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
