// Signing in to see the account page: the same proof as in a journey, without an interaction; see
// account_actions.h.
#include "base/limits.h"
#include "server/account/account_actions.h"
#include "server/authorize/park.h"
#include "server/authorize/replies.h"
#include "server/sign_in/complete_sign_in.h"
#include "server/sign_in/prove_password.h"

namespace cardea {
namespace {

http::Response sign_in_page(const Deps& deps, const Exchange& exchange, const AccountVisit& visit,
                            std::string login, const SignInProblem& problem) {
  SignInView view{.action = deps.settings.issuer_path + "/account/sign-in",
                  .csrf = account_csrf(deps, visit),
                  .login = std::move(login),
                  .problem = problem.problem,
                  .wait = problem.wait,
                  .can_cancel = false,
                  .forgot_password_text = deps.settings.forgot_password_text};
  return deps.pages.sign_in(frame_of(exchange, {}), view);
}

// The second factor is asked for (or added) in an interaction of its own.
Task<http::Response> keep_first_factor(const Deps& deps, Exchange& exchange,
                                       const AccountVisit& visit, const ProvenUser& proven) {
  keep_rehashed(deps, proven);
  const AskedRequest nothing;
  const auto parked =
      co_await park(deps, exchange,
                    {.kind = Interaction::Kind::account,
                     .asked = nothing,
                     .binding = visit.browser.binding,
                     .first_factor = FirstFactor{.user_id = proven.user.user_id,
                                                 .security_version = proven.user.security_version,
                                                 .proven_at = exchange.now}});
  if (!parked) co_return unavailable(deps, exchange, parked.error());
  if (!*parked) co_return page_error(deps, exchange, parked->error());
  co_return go_to(deps.settings, step_path(**parked, path_of(NextStep::Kind::second_factor)));
}

}  // namespace

http::Response account_sign_in_page(const Deps& deps, const Exchange& exchange,
                                    const AccountVisit& visit) {
  return sign_in_page(deps, exchange, visit, "", {SignInView::Problem::none, {}});
}

Task<http::Response> account_sign_in(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                     RawParameters form) {
  const std::string login(form.get("login").substr(0, limits::login_bytes_max));
  auto proof = co_await prove_password(deps, exchange, std::string(form.get("login")),
                                       Password(std::string(form.get("password"))));
  if (!proof) co_return unavailable(deps, exchange, proof.error());
  if (!*proof) {
    exchange.warn("CARDEA-SIGNIN-001", cardea_policy("P5"), "the sign-in did not succeed",
                  "Check login and password, or wait as the page says.");
    co_return sign_in_page(deps, exchange, visit, login, proof->error());
  }
  ProvenUser proven = **std::move(proof);
  const auto needed = co_await needs_second_factor(deps, proven.user, nullptr);
  if (!needed) co_return unavailable(deps, exchange, needed.error());
  if (*needed) co_return co_await keep_first_factor(deps, exchange, visit, proven);
  Browser browser = visit.browser;
  auto plan = co_await plan_sign_in(deps, exchange, nullptr, std::nullopt, std::move(browser),
                                    {.user = std::move(proven.user),
                                     .how = by_password(exchange.now),
                                     .rehashed = std::move(proven.rehashed),
                                     .factor = {}});
  if (!plan) co_return unavailable(deps, exchange, plan.error());
  const auto outcome = co_await deps.store.perform(plan->operation);
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome != store::SignIn::Outcome::signed_in) {
    // The password or the account changed while it was verified: it proves nothing any more.
    co_return sign_in_page(deps, exchange, visit, login, {});
  }
  co_return co_await signed_in(deps, exchange, nullptr, *std::move(plan));
}

}  // namespace cardea
