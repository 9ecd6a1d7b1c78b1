// Changing the password of whoever is signed in; see account_actions.h. The new password is judged
// first, because that costs nothing and says nothing about the current one.
#include "server/account/account_actions.h"
#include "server/authorize/replies.h"
#include "server/notices/notice_delivery.h"
#include "server/sign_in/prove_password.h"

namespace cardea {
namespace {

using Problem = AccountView::Problem;

struct Refused {
  Problem problem = Problem::none;
  Seconds wait{};
};

Problem shown(PasswordProblem problem) {
  switch (problem) {
    case PasswordProblem::too_short:
      return Problem::too_short;
    case PasswordProblem::too_long:
      return Problem::too_long;
    case PasswordProblem::too_weak:
      return Problem::too_weak;
    case PasswordProblem::mismatch:
      return Problem::mismatch;
  }
  return Problem::too_weak;
}

Refused shown(const SignInProblem& problem) {
  switch (problem.problem) {
    case SignInView::Problem::wait:
      return {Problem::wait, problem.wait};
    case SignInView::Problem::busy:
      return {Problem::busy, {}};
    case SignInView::Problem::none:
    case SignInView::Problem::bad_credentials:
      break;
  }
  return {Problem::wrong_password, {}};
}

Task<http::Response> problem_page(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                  Refused refused) {
  auto view = co_await view_account(deps, exchange, visit);
  if (!view) co_return unavailable(deps, exchange, view.error());
  exchange.warn("CARDEA-ACCOUNT-003", cardea_policy("P5"), "the password was not changed",
                "Do as the page says.");
  view->problem = refused.problem;
  view->wait = refused.wait;
  co_return deps.pages.account(frame_of(exchange, {}), *view);
}

// Nothing when the current password is this person's.
Task<store::Answer<std::optional<Refused>>> check_current(const Deps& deps,
                                                          const Exchange& exchange, User user,
                                                          Password current) {
  const auto proof = co_await prove_password(deps, exchange, user.login, std::move(current));
  if (!proof) co_return refuse(proof.error());
  if (!*proof) co_return std::optional(shown(proof->error()));
  // The login may have moved to another person since this request began.
  if (proof->value().user.user_id != user.user_id) {
    co_return std::optional(Refused{Problem::wrong_password, {}});
  }
  co_return std::optional<Refused>();
}

}  // namespace

Task<http::Response> change_password(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                     RawParameters form) {
  const NewPassword chosen{Password(std::string(form.get("password"))),
                           Password(std::string(form.get("repeat")))};
  if (const auto problem = judge_password(chosen, {visit.user().login})) {
    co_return co_await problem_page(deps, exchange, std::move(visit), {shown(*problem), {}});
  }
  const auto refused = co_await check_current(deps, exchange, visit.user(),
                                              Password(std::string(form.get("current"))));
  if (!refused) co_return unavailable(deps, exchange, refused.error());
  if (*refused) co_return co_await problem_page(deps, exchange, std::move(visit), **refused);
  auto hash = co_await deps.passwords.hash(chosen.password);
  if (!hash) {
    co_return co_await problem_page(deps, exchange, std::move(visit), {Problem::busy, {}});
  }
  const auto outcome = co_await deps.store.perform(
      store::ChangePassword{.user_id = visit.user().user_id,
                            .security_version = visit.user().security_version,
                            .password_hash = *std::move(hash),
                            .keep = visit.session().session_id});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  // Changed by someone else meanwhile: this session has ended, so the page asks to sign in.
  if (*outcome == store::ChangePassword::Outcome::user_changed) {
    co_return go_to(deps.settings, "/account");
  }
  deps.notice_delivery.wake();
  deps.log.info("password.changed", {{"request_id", exchange.request_id},
                                     {"user_id", visit.user().user_id.value()},
                                     {"by", "account page"}});
  co_return go_to(deps.settings, "/account?done=password-changed");
}

}  // namespace cardea
