// The account chooser; see choose_step.h.
#include "server/sessions/choose_step.h"

#include <algorithm>

#include "server/authorize/finish.h"
#include "server/authorize/replies.h"

namespace cardea {

http::Response choose_page(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                           const Visit& visit) {
  ChooseAccountView view{.client = client_view(visit.admitted),
                         .action = step_action(deps.settings, at.handle, "choose"),
                         .csrf = form_csrf(deps, at),
                         .accounts = {},
                         .open_for = time_left(at, exchange.now)};
  for (const store::SessionView& each : visit.browser.sessions) {
    view.accounts.push_back(
        {each.session.session_id.value(), each.user.display_name(), each.user.login});
  }
  return deps.pages.choose_account(frame_of(exchange, visit.admitted.request.ui_locales), view);
}

Task<http::Response> account_chosen(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                                    Visit visit, RawParameters form) {
  if (form.get("action") == "cancel") {
    co_return co_await finish_with_denial(deps, exchange, at, visit, Denial::cancelled);
  }
  const SessionId wanted(std::string(form.get("session")));
  const bool is_here = std::ranges::any_of(
      visit.browser.sessions, [&](const auto& each) { return each.session.session_id == wanted; });
  if (!is_here) co_return go_to(deps.settings, step_path(at.handle, "sign-in"));
  visit.facts = {.session_id = wanted, .account_selected = true};
  const auto decided = co_await decide(deps, exchange, visit);
  if (!decided) co_return unavailable(deps, exchange, decided.error());
  const bool ends =
      visit.step.kind == NextStep::Kind::issue || visit.step.kind == NextStep::Kind::refuse;
  const auto outcome = co_await deps.store.perform(store::StepInteraction{
      .step = {.handle = at.row.handle,
               .after = ends ? store::AfterStep::finished : store::AfterStep::stays_open,
               .session_id = wanted,
               .account_selected = true},
      .now = exchange.now});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == store::StepInteraction::Outcome::not_open) {
    co_return gone_page(deps, exchange, Gone::finished);
  }
  if (ends) co_return co_await finish(deps, exchange, visit);
  co_return go_to(deps.settings, step_path(at.handle, path_of(visit.step.kind)));
}

}  // namespace cardea
