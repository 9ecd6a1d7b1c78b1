// Asking for the second factor within a sign-in; see factor_steps.h. Adding one is in
// enrol_factor_step.cpp.
#include "server/second_factor/factor_steps.h"

#include "server/authorize/finish.h"
#include "server/authorize/replies.h"
#include "server/second_factor/prove_factor.h"
#include "server/sign_in/complete_sign_in.h"

namespace cardea {
namespace {

using Ask = SecondFactorView::Ask;

std::vector<std::string> locales_of(const FactorStep& step) {
  return step.visit ? step.visit->admitted.request.ui_locales : std::vector<std::string>();
}

SecondFactorView view_of(const Deps& deps, const Exchange& exchange, const FactorStep& step) {
  SecondFactorView view{.client = step.visit ? client_view(step.visit->admitted) : ClientView{},
                        .page = step_path(step.at.handle, "second-factor"),
                        .csrf = form_csrf(deps, step.at, factor_form_about(step.user)),
                        .account_name = step.user.display_name(),
                        .account_login = step.user.login};
  view.sign_in = step.visit ? step_path(step.at.handle, "sign-in") : "/account/sign-in";
  view.ask = exchange.request.query() == "with=recovery-code" ? Ask::recovery_code : Ask::app_code;
  view.open_for = time_left(step.at, exchange.now);
  return view;
}

// What was typed tells which of the two was meant.
Ask asked_by(std::string_view typed) {
  return typed.find_first_not_of("0123456789 ") == std::string_view::npos ? Ask::app_code
                                                                          : Ask::recovery_code;
}

http::Response problem_page(const Deps& deps, Exchange& exchange, const FactorStep& step, Ask ask,
                            const FactorProblem& problem) {
  auto view = view_of(deps, exchange, step);
  view.ask = ask;
  view.problem = problem.problem;
  view.wait = problem.wait;
  exchange.warn("CARDEA-FACTOR-001", cardea_policy("P5"), "the second factor was not proven",
                "Type the newest code of the app, or a recovery code.");
  return deps.pages.second_factor(frame_of(exchange, locales_of(step)), view);
}

// Remembers the failure; at a lock, and after too many, the password counts no more.
Task<http::Response> not_proven(const Deps& deps, Exchange& exchange, FactorStep step, Ask ask,
                                FactorProblem problem) {
  std::int64_t failures = 0;
  if (problem.problem == CodeProblem::wrong_code) failures = 1;
  if (problem.problem == CodeProblem::wait) failures = factor_failures_max;
  if (failures > 0) {
    const auto outcome = co_await deps.store.perform(store::StepInteraction{
        .step = {.handle = step.at.row.handle, .factor_failures = failures}, .now = exchange.now});
    if (!outcome) co_return unavailable(deps, exchange, outcome.error());
    const bool is_last = step.at.row.factor_failures + failures >= factor_failures_max;
    if (is_last && problem.problem == CodeProblem::wrong_code) {
      problem.problem = CodeProblem::too_many;
    }
  }
  co_return problem_page(deps, exchange, step, ask, problem);
}

Task<http::Response> sign_in(const Deps& deps, Exchange& exchange, FactorStep step, Ask ask,
                             FactorUse use) {
  Browser browser = step.at.browser;
  auto plan = co_await plan_sign_in(deps, exchange, &step.at, step.visit, std::move(browser),
                                    {.user = step.user,
                                     .how = by_password_and_code(exchange.now),
                                     .rehashed = {},
                                     .factor = std::move(use)});
  if (!plan) co_return unavailable(deps, exchange, plan.error());
  const auto outcome = co_await deps.store.perform(plan->operation);
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  switch (*outcome) {
    case store::SignIn::Outcome::signed_in:
      co_return co_await signed_in(deps, exchange, &step.at, *std::move(plan));
    case store::SignIn::Outcome::factor_used:
      co_return problem_page(deps, exchange, step, ask, {CodeProblem::used_code, {}});
    case store::SignIn::Outcome::user_changed:
      co_return problem_page(deps, exchange, step, ask, {CodeProblem::too_many, {}});
    case store::SignIn::Outcome::interaction_not_open:
      break;
  }
  co_return gone_page(deps, exchange, Gone::finished);
}

}  // namespace

std::string factor_form_about(const User& user) {
  return "factor " + user.user_id.value();
}

http::Response second_factor_page(const Deps& deps, const Exchange& exchange,
                                  const FactorStep& step) {
  return deps.pages.second_factor(frame_of(exchange, locales_of(step)),
                                  view_of(deps, exchange, step));
}

Task<http::Response> second_factor_submitted(const Deps& deps, Exchange& exchange, FactorStep step,
                                             RawParameters form) {
  if (step.visit && form.get("action") == "cancel") {
    co_return co_await finish_with_denial(deps, exchange, step.at, *step.visit, Denial::cancelled);
  }
  const Ask ask = asked_by(form.get("code"));
  auto proof = co_await prove_factor(deps, exchange, step.user.user_id,
                                     TypedCode(std::string(form.get("code"))));
  if (!proof) co_return unavailable(deps, exchange, proof.error());
  if (!*proof) {
    co_return co_await not_proven(deps, exchange, std::move(step), ask, proof->error());
  }
  co_return co_await sign_in(deps, exchange, std::move(step), ask, **std::move(proof));
}

}  // namespace cardea
