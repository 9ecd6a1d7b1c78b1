// Adding a second factor within a sign-in; see factor_steps.h.
#include "server/authorize/finish.h"
#include "server/authorize/replies.h"
#include "server/second_factor/enrolment.h"
#include "server/second_factor/factor_steps.h"
#include "server/sign_in/complete_sign_in.h"

namespace cardea {
namespace {

using Problem = EnrolFactorView::Problem;

std::vector<std::string> locales_of(const FactorStep& step) {
  return step.visit ? step.visit->admitted.request.ui_locales : std::vector<std::string>();
}

bool is_only_wished(const FactorStep& step) {
  return step.visit && step.visit->step.reason == StepReason::acr_wishes_factor;
}

http::Response page(const Deps& deps, const Exchange& exchange, const FactorStep& step,
                    const Enrolment& enrolment, Problem problem) {
  EnrolFactorView view{
      .client = step.visit ? client_view(step.visit->admitted) : ClientView{},
      .action = step_action(deps.settings, step.at.handle, "add-factor"),
      .csrf = form_csrf(deps, step.at, factor_form_about(step.user)),
      .enrolment = enrolment.text(deps, step.user, *step.at.browser.binding, exchange.now)};
  enrolment.show_in(view, deps.settings, step.user);
  view.can_cancel = step.visit.has_value();
  view.can_decline = is_only_wished(step);
  view.problem = problem;
  view.open_for = time_left(step.at, exchange.now);
  return deps.pages.enrol_factor(frame_of(exchange, locales_of(step)), view);
}

Task<http::Response> decline(const Deps& deps, Exchange& exchange, const FactorStep& step) {
  const auto outcome = co_await deps.store.perform(store::StepInteraction{
      .step = {.handle = step.at.row.handle, .enrolment_declined = true}, .now = exchange.now});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == store::StepInteraction::Outcome::not_open) {
    co_return gone_page(deps, exchange, Gone::finished);
  }
  co_return go_to(deps.settings, step_path(step.at.handle, "continue"));
}

// The factor and the session of its first proof, in one write. The interaction goes on from the
// recovery codes; that of the account page is over.
Task<http::Response> add(const Deps& deps, Exchange& exchange, FactorStep step,
                         SecondFactor factor) {
  auto made = make_recovery_codes(deps.seals, step.user.user_id, deps.random);
  factor.recovery_key_id = made.key_id;
  Browser browser = step.at.browser;
  auto plan = co_await plan_sign_in(
      deps, exchange, &step.at, step.visit, std::move(browser),
      {.user = step.user, .how = by_password_and_code(exchange.now), .rehashed = {}, .factor = {}});
  if (!plan) co_return unavailable(deps, exchange, plan.error());
  store::SignIn& sign_in = plan->operation;
  if (step.visit) sign_in.interaction->after = store::AfterStep::stays_open;
  const auto outcome = co_await deps.store.perform(store::AddFactor{
      .factor = std::move(factor), .recovery_codes = made.digests, .sign_in = sign_in});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  switch (*outcome) {
    case store::AddFactor::Outcome::interaction_not_open:
      co_return gone_page(deps, exchange, Gone::finished);
    case store::AddFactor::Outcome::user_changed:
      // Added in another tab, or the account changed: what follows says what is next.
      co_return go_to(deps.settings, step_path(step.at.handle, "continue"));
    case store::AddFactor::Outcome::added:
      break;
  }
  deps.log.info("factor.added", {{"request_id", exchange.request_id},
                                 {"user_id", step.user.user_id.value()},
                                 {"by", "sign-in"}});
  auto response = recovery_codes_page(
      deps, exchange, made, step.visit ? step_path(step.at.handle, "continue") : "/account");
  response.headers.add("Set-Cookie", session_cookie(deps, exchange, plan->browser.handles));
  co_return response;
}

}  // namespace

http::Response enrol_factor_page(const Deps& deps, const Exchange& exchange,
                                 const FactorStep& step) {
  return page(deps, exchange, step, Enrolment::begin(deps), Problem::none);
}

Task<http::Response> enrol_factor_submitted(const Deps& deps, Exchange& exchange, FactorStep step,
                                            RawParameters form) {
  const auto action = form.get("action");
  if (action == "not-now" && is_only_wished(step)) {
    co_return co_await decline(deps, exchange, step);
  }
  if (action == "cancel" && step.visit) {
    const bool was_essential = step.visit->step.reason == StepReason::acr_needs_factor;
    co_return co_await finish_with_denial(
        deps, exchange, step.at, *step.visit,
        was_essential ? Denial::factor_not_added : Denial::cancelled);
  }
  const auto enrolment = Enrolment::resume(deps, step.user, *step.at.browser.binding,
                                           form.get("enrolment"), exchange.now);
  if (!enrolment) co_return page(deps, exchange, step, Enrolment::begin(deps), Problem::expired);
  auto factor = enrolment->prove(deps, step.user, form.get("code"), exchange.now);
  if (!factor) co_return page(deps, exchange, step, *enrolment, Problem::wrong_code);
  co_return co_await add(deps, exchange, std::move(step), *std::move(factor));
}

}  // namespace cardea
