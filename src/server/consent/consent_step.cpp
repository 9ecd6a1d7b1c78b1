// The consent step; see consent_step.h.
#include "server/consent/consent_step.h"

#include <algorithm>

#include "base/base64url.h"
#include "crypto/hash.h"
#include "protocol/scope.h"
#include "server/account/device_name.h"
#include "server/authorize/finish.h"
#include "server/authorize/replies.h"
#include "server/consent/consent_items.h"
#include "server/device/answer_device.h"

namespace cardea {
namespace {

// What was not approved before; all of it when nothing was, or when the page is shown again.
std::vector<std::string> still_to_ask(const Visit& visit, std::vector<std::string> words) {
  if (visit.step.reason != StepReason::more_than_approved &&
      visit.step.reason != StepReason::offline_access_not_approved) {
    return words;
  }
  std::erase_if(words, [&](const std::string& word) {
    return std::ranges::find(visit.consent->scopes, word) != visit.consent->scopes.end();
  });
  return words;
}

store::Approve approval(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                        const Visit& visit) {
  const Admitted& admitted = visit.admitted;
  std::vector<std::string> words = admitted.scopes;
  words.insert(words.end(), admitted.claims_words.begin(), admitted.claims_words.end());
  return {.consent = new_consent(deps, exchange,
                                 {.user_id = visit.session().user.user_id,
                                  .client_id = admitted.client->client_id,
                                  .words = std::move(words),
                                  .resources = admitted.resources}),
          .interaction = {.handle = at.row.handle,
                          .after = store::AfterStep::finished,
                          .session_id = visit.session().session.session_id,
                          .authenticated_here = visit.facts.authenticated_here,
                          .account_selected = visit.facts.account_selected},
          .now = exchange.now};
}

}  // namespace

namespace {

// Everything that the page says is approved: a client that changes its registration while somebody
// reads the page gets no more than what was read (RFC 6749 10.2).
std::string digest_of_shown(const Admitted& admitted) {
  std::string text = admitted.client->client_name;
  const auto add = [&](std::string_view part) { text.append(1, '\0').append(part); };
  if (const auto* target = admitted.target()) add(target->redirect_uri());
  add("scopes");
  for (const auto& scope : admitted.scopes) add(scope);
  add("words");
  for (const auto& word : admitted.claims_words) add(word);
  for (const auto& resource : values_of(admitted.resources)) add(resource);
  return base64url_encode(crypto::sha256(text));
}

}  // namespace

std::string consent_form_about(const Visit& visit) {
  return "consent " + visit.session().session.session_id.value() + " " +
         digest_of_shown(visit.admitted);
}

http::Response consent_page(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                            const Visit& visit) {
  const Admitted& admitted = visit.admitted;
  const User& user = visit.session().user;
  const auto scopes = still_to_ask(visit, admitted.scopes);
  ConsentView view{.client = client_view(admitted),
                   .action = step_action(deps.settings, at.handle, "consent"),
                   .csrf = form_csrf(deps, at, consent_form_about(visit)),
                   .account_name = user.display_name(),
                   .account_login = user.login};
  view.scopes =
      consent_rows(deps.settings, user, scopes, still_to_ask(visit, admitted.claims_words));
  view.details = detail_rows(deps.settings, admitted.request.authorization_details,
                             still_to_ask(visit, admitted.claims_words));
  view.resources = values_of(admitted.resources);
  view.offline_access = has_scope(scopes, "offline_access");
  view.lifetime = has_scope(admitted.scopes, "offline_access")
                      ? deps.settings.lifetimes.refresh_absolute
                      : deps.settings.lifetimes.session_absolute;
  view.open_for = time_left(at, exchange.now);
  if (const auto* device = admitted.device()) {
    view.device = {.user_code = device->user_code,
                   .address = device->address,
                   .asked_at = utc_minute(device->asked_at)};
  }
  view.asked_before = scopes.size() < admitted.scopes.size();
  return deps.pages.consent(frame_of(exchange, admitted.request.ui_locales), view);
}

Task<http::Response> consent_submitted(const Deps& deps, Exchange& exchange,
                                       const OpenInteraction& at, Visit visit, RawParameters form) {
  if (form.get("action") == "other") {
    co_return go_to(deps.settings,
                    step_path(at.handle, "sign-in") + "?" + std::string(another_account));
  }
  if (form.get("action") != "allow") {
    co_return co_await finish_with_denial(deps, exchange, at, visit, Denial::consent_denied);
  }
  auto approve = approval(deps, exchange, at, visit);
  if (const auto* device = visit.admitted.device()) {
    co_return co_await allow_device(deps, exchange, *device, visit.session().session,
                                    std::move(approve));
  }
  const auto outcome = co_await deps.store.perform(std::move(approve));
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (outcome->result == store::Approve::Outcome::Result::interaction_not_open) {
    co_return gone_page(deps, exchange, Gone::finished);
  }
  deps.log.info("consent.approved", {{"request_id", exchange.request_id},
                                     {"client_id", exchange.client_id},
                                     {"user_id", visit.session().user.user_id.value()}});
  visit.step.kind = NextStep::Kind::issue;
  visit.step.reason = StepReason::all_is_there;
  visit.step.scopes = visit.admitted.scopes;
  visit.step.consent_id = outcome->consent_id;
  co_return co_await finish(deps, exchange, visit);
}

}  // namespace cardea
