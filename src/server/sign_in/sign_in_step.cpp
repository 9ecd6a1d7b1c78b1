// The sign-in step; see sign_in_step.h.
#include "server/sign_in/sign_in_step.h"

#include <algorithm>

#include "base/limits.h"
#include "base/url.h"
#include "server/authorize/finish.h"
#include "server/authorize/replies.h"
#include "server/sign_in/complete_sign_in.h"
#include "server/sign_in/prove_password.h"

namespace cardea {
namespace {

using Proof = Result<ProvenUser, SignInProblem>;

SignInView::Reason shown_reason(StepReason reason) {
  switch (reason) {
    case StepReason::prompt_login:
    case StepReason::max_age_passed:
    case StepReason::acr_needs_sign_in:
    case StepReason::factor_needs_sign_in:
      return SignInView::Reason::again;
    case StepReason::hint_means_another:
    case StepReason::login_hint_means_another:
      return SignInView::Reason::other_account;
    default:
      return SignInView::Reason::first;
  }
}

std::string prefilled_login(const Visit& visit) {
  if (!visit.admitted.request.login_hint.empty()) return visit.admitted.request.login_hint;
  if (visit.step.kind == NextStep::Kind::login && visit.step.session) {
    return visit.session().user.login;
  }
  return {};
}

SignInView view_of(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                   const Visit& visit) {
  SignInView view{.client = client_view(visit.admitted),
                  .action = step_action(deps.settings, at.handle, "sign-in"),
                  .csrf = form_csrf(deps, at),
                  .login = prefilled_login(visit)};
  if (deps.settings.is_dev && deps.settings.interaction != Settings::Interaction::form) {
    view.picker = deps.settings.picker_logins;
  }
  view.forgot_password_text = deps.settings.forgot_password_text;
  view.reason = shown_reason(visit.step.reason);
  view.open_for = time_left(at, exchange.now);
  return view;
}

http::Response problem_page(const Deps& deps, Exchange& exchange, SignInView view,
                            const Visit& visit, const SignInProblem& problem) {
  view.problem = problem.problem;
  view.wait = problem.wait;
  exchange.warn("CARDEA-SIGNIN-001", cardea_policy("P5"), "the sign-in did not succeed",
                "Check login and password, or wait as the page says.");
  auto response = deps.pages.sign_in(frame_of(exchange, visit.admitted.request.ui_locales), view);
  if (problem.problem == SignInView::Problem::busy) {
    response.status = 503;
    response.headers.set("Retry-After", "2");
  }
  return response;
}

// The account of a picker button: dev only, and only one of those on offer.
Task<store::Answer<Proof>> prove_by_picker(const Deps& deps, std::string login) {
  const auto& offered = deps.settings.picker_logins;
  const bool is_offered = deps.settings.is_dev &&
                          deps.settings.interaction != Settings::Interaction::form &&
                          std::ranges::find(offered, login) != offered.end();
  if (!is_offered) co_return Proof(refuse(SignInProblem{}));
  auto user = co_await deps.store.find_user_by_login(std::move(login));
  if (!user) co_return refuse(user.error());
  if (!*user || !(*user)->enabled) co_return Proof(refuse(SignInProblem{}));
  co_return Proof(ProvenUser{static_cast<User&&>(**user), {}});
}

Task<store::Answer<Proof>> prove(const Deps& deps, const Exchange& exchange,
                                 const RawParameters& form) {
  if (form.contains("account")) {
    co_return co_await prove_by_picker(deps, std::string(form.get("account")));
  }
  co_return co_await prove_password(deps, exchange, std::string(form.get("login")),
                                    Password(std::string(form.get("password"))));
}

// The password is proven, and the second factor is asked for (or added) before there is a session.
Task<http::Response> keep_first_factor(const Deps& deps, Exchange& exchange,
                                       const OpenInteraction& at, Visit visit, ProvenUser proven) {
  const User& user = proven.user;
  keep_rehashed(deps, proven);
  visit.facts.first_factor = FirstFactor{.user_id = user.user_id,
                                         .security_version = user.security_version,
                                         .proven_at = exchange.now};
  const auto outcome = co_await deps.store.perform(store::StepInteraction{
      .step = {.handle = at.row.handle, .first_factor = visit.facts.first_factor},
      .now = exchange.now});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == store::StepInteraction::Outcome::not_open) {
    co_return gone_page(deps, exchange, Gone::finished);
  }
  visit.proven = user;
  const auto decided = co_await decide(deps, exchange, visit);
  if (!decided) co_return unavailable(deps, exchange, decided.error());
  co_return go_to(deps.settings, step_path(at.handle, path_of(visit.step.kind)));
}

// One write: the session, and with it the interaction's step; its end when nothing more is asked.
Task<http::Response> sign_in(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                             Visit visit, ProvenUser proven) {
  const auto needed = co_await needs_second_factor(deps, proven.user, visit.admitted.client.get());
  if (!needed) co_return unavailable(deps, exchange, needed.error());
  if (*needed) {
    co_return co_await keep_first_factor(deps, exchange, at, std::move(visit), std::move(proven));
  }
  Browser browser = visit.browser;
  auto plan = co_await plan_sign_in(deps, exchange, &at, visit, std::move(browser),
                                    {.user = std::move(proven.user),
                                     .how = by_password(exchange.now),
                                     .rehashed = std::move(proven.rehashed),
                                     .factor = {}});
  if (!plan) co_return unavailable(deps, exchange, plan.error());
  const auto outcome = co_await deps.store.perform(plan->operation);
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  switch (*outcome) {
    case store::SignIn::Outcome::signed_in:
      co_return co_await signed_in(deps, exchange, &at, *std::move(plan));
    case store::SignIn::Outcome::interaction_not_open:
      co_return gone_page(deps, exchange, Gone::finished);
    case store::SignIn::Outcome::user_changed:
    case store::SignIn::Outcome::factor_used:
      break;
  }
  // The password or the account changed while it was verified: it proves nothing any more.
  co_return problem_page(deps, exchange, view_of(deps, exchange, at, visit), visit, {});
}

}  // namespace

http::Response sign_in_page(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                            const Visit& visit) {
  return deps.pages.sign_in(frame_of(exchange, visit.admitted.request.ui_locales),
                            view_of(deps, exchange, at, visit));
}

Task<http::Response> sign_in_submitted(const Deps& deps, Exchange& exchange,
                                       const OpenInteraction& at, Visit visit, RawParameters form) {
  if (form.get("action") == "cancel") {
    co_return co_await finish_with_denial(deps, exchange, at, visit, Denial::cancelled);
  }
  auto proof = co_await prove(deps, exchange, form);
  if (!proof) co_return unavailable(deps, exchange, proof.error());
  if (!*proof) {
    SignInView view = view_of(deps, exchange, at, visit);
    view.login = form.get("login").substr(0, limits::login_bytes_max);
    co_return problem_page(deps, exchange, std::move(view), visit, proof->error());
  }
  co_return co_await sign_in(deps, exchange, at, std::move(visit), **std::move(proof));
}

Task<store::Answer<bool>> sign_in_automatically(const Deps& deps, Exchange& exchange,
                                                Visit& visit) {
  const std::string& hint = visit.admitted.request.login_hint;
  const auto& offered = deps.settings.picker_logins;
  if (hint.empty() && offered.empty()) co_return false;
  const auto login = canonical_login(hint.empty() ? offered.front() : hint);
  if (!login) co_return false;
  auto user = co_await deps.store.find_user_by_login(*login);
  if (!user) co_return refuse(user.error());
  if (!*user || !(*user)->enabled) co_return false;
  const auto needed = co_await needs_second_factor(deps, **user, visit.admitted.client.get());
  if (!needed) co_return refuse(needed.error());
  if (*needed) co_return false;  // which no machine types in
  auto plan = co_await plan_sign_in(
      deps, exchange, nullptr, std::nullopt, visit.browser,
      {.user = **std::move(user), .how = by_password(exchange.now), .rehashed = {}, .factor = {}});
  if (!plan) co_return refuse(plan.error());
  const auto outcome = co_await deps.store.perform(plan->operation);
  if (!outcome) co_return refuse(outcome.error());
  if (*outcome != store::SignIn::Outcome::signed_in) co_return false;
  visit.browser = std::move(plan->browser);
  visit.facts = {.session_id = plan->operation.session.session_id, .authenticated_here = true};
  co_return true;
}

}  // namespace cardea
