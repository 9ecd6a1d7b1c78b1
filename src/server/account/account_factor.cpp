// The account's second factor: adding, looking at, new recovery codes, removing; see
// account_actions.h.
#include "server/account/account_actions.h"
#include "server/account/device_name.h"
#include "server/authorize/replies.h"
#include "server/second_factor/enrolment.h"
#include "server/sign_in/complete_sign_in.h"
#include "server/sign_in/prove_password.h"

namespace cardea {
namespace {

template <class Problem>
struct Refused {
  Problem problem = Problem::none;
  Seconds wait{};
};
using NotAdded = Refused<EnrolFactorView::Problem>;
using NotChanged = Refused<FactorView::Problem>;

// Nothing when the password is this person's. Both pages name its problems alike.
template <class Problem>
Task<store::Answer<std::optional<Refused<Problem>>>> check_password(const Deps& deps,
                                                                    const Exchange& exchange,
                                                                    User user, Password password) {
  using Found = std::optional<Refused<Problem>>;
  const auto proof = co_await prove_password(deps, exchange, user.login, std::move(password));
  if (!proof) co_return refuse(proof.error());
  if (!*proof && proof->error().problem == SignInView::Problem::wait) {
    co_return Found({Problem::wait, proof->error().wait});
  }
  if (!*proof && proof->error().problem == SignInView::Problem::busy) {
    co_return Found({Problem::busy, {}});
  }
  // The login may have moved to another person since this request began.
  if (!*proof || proof->value().user.user_id != user.user_id) {
    co_return Found({Problem::wrong_password, {}});
  }
  co_return Found();
}

NotChanged shown(const FactorProblem& problem) {
  using Problem = FactorView::Problem;
  switch (problem.problem) {
    case CodeProblem::used_code:
      return {Problem::used_code, {}};
    case CodeProblem::wait:
      return {Problem::wait, problem.wait};
    case CodeProblem::busy:
      return {Problem::busy, {}};
    case CodeProblem::none:
    case CodeProblem::wrong_code:
    case CodeProblem::too_many:
      break;
  }
  return {Problem::wrong_code, {}};
}

http::Response enrol_page(const Deps& deps, Exchange& exchange, const AccountVisit& visit,
                          const Enrolment& enrolment, NotAdded why) {
  EnrolFactorView view{
      .action = deps.settings.issuer_path + "/account/factor",
      .csrf = account_csrf(deps, visit),
      .enrolment = enrolment.text(deps, visit.user(), *visit.browser.binding, exchange.now)};
  enrolment.show_in(view, deps.settings, visit.user());
  view.asks_password = true;
  view.can_cancel = false;
  view.problem = why.problem;
  view.wait = why.wait;
  if (why.problem != EnrolFactorView::Problem::none) {
    exchange.warn("CARDEA-ACCOUNT-004", cardea_policy("P5"), "the second factor was not added",
                  "Do as the page says.");
  }
  return deps.pages.enrol_factor(frame_of(exchange, {}), view);
}

http::Response manage_page(const Deps& deps, Exchange& exchange, const AccountVisit& visit,
                           const KeptSecondFactor& factor, NotChanged why) {
  if (why.problem != FactorView::Problem::none) {
    exchange.warn("CARDEA-ACCOUNT-005", cardea_policy("P5"), "the second factor was not changed",
                  "Do as the page says.");
  }
  return deps.pages.factor(frame_of(exchange, {}),
                           {.csrf = account_csrf(deps, visit),
                            .login = visit.user().login,
                            .since = utc_day(factor.added_at),
                            .recovery_codes_left = factor.recovery_codes_left,
                            .problem = why.problem,
                            .wait = why.wait});
}

// The page as it is now, with why nothing was changed.
Task<http::Response> show(const Deps& deps, Exchange& exchange, AccountVisit visit,
                          NotChanged why) {
  const auto factor = co_await deps.store.find_second_factor(visit.user().user_id);
  if (!factor) co_return unavailable(deps, exchange, factor.error());
  if (!*factor) co_return enrol_page(deps, exchange, visit, Enrolment::begin(deps), {});
  co_return manage_page(deps, exchange, visit, **factor, why);
}

// The factor, and the session anew with it: this browser has proven more than before (ASVS 7.2.4).
Task<http::Response> add(const Deps& deps, Exchange& exchange, AccountVisit visit,
                         SecondFactor factor) {
  const User user = visit.user();
  auto made = make_recovery_codes(deps.seals, user.user_id, deps.random);
  factor.recovery_key_id = made.key_id;
  auto plan = co_await plan_sign_in(
      deps, exchange, nullptr, std::nullopt, visit.browser,
      {.user = user, .how = by_password_and_code(exchange.now), .rehashed = {}, .factor = {}});
  if (!plan) co_return unavailable(deps, exchange, plan.error());
  const auto outcome = co_await deps.store.perform(store::AddFactor{
      .factor = std::move(factor), .recovery_codes = made.digests, .sign_in = plan->operation});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  // Added in another tab, or the account changed meanwhile: the page says how things are.
  if (*outcome != store::AddFactor::Outcome::added) co_return go_to(deps.settings, "/account");
  deps.log.info("factor.added", {{"request_id", exchange.request_id},
                                 {"user_id", user.user_id.value()},
                                 {"by", "account page"}});
  auto response = recovery_codes_page(deps, exchange, made, "/account");
  response.headers.add("Set-Cookie", session_cookie(deps, exchange, plan->browser.handles));
  co_return response;
}

}  // namespace

Task<http::Response> factor_page(const Deps& deps, Exchange& exchange, AccountVisit visit) {
  co_return co_await show(deps, exchange, std::move(visit), {});
}

Task<http::Response> add_factor(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                RawParameters form) {
  using Problem = EnrolFactorView::Problem;
  const auto enrolment = Enrolment::resume(deps, visit.user(), *visit.browser.binding,
                                           form.get("enrolment"), exchange.now);
  if (!enrolment) {
    co_return enrol_page(deps, exchange, visit, Enrolment::begin(deps), {Problem::expired, {}});
  }
  const auto refused = co_await check_password<Problem>(
      deps, exchange, visit.user(), Password(std::string(form.get("password"))));
  if (!refused) co_return unavailable(deps, exchange, refused.error());
  if (*refused) co_return enrol_page(deps, exchange, visit, *enrolment, **refused);
  auto factor = enrolment->prove(deps, visit.user(), form.get("code"), exchange.now);
  if (!factor) co_return enrol_page(deps, exchange, visit, *enrolment, {Problem::wrong_code, {}});
  co_return co_await add(deps, exchange, std::move(visit), *std::move(factor));
}

Task<http::Response> remove_factor(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                   RawParameters form) {
  using Problem = FactorView::Problem;
  const auto refused = co_await check_password<Problem>(
      deps, exchange, visit.user(), Password(std::string(form.get("password"))));
  if (!refused) co_return unavailable(deps, exchange, refused.error());
  if (*refused) co_return co_await show(deps, exchange, std::move(visit), **refused);
  auto proof = co_await prove_factor(deps, exchange, visit.user().user_id,
                                     TypedCode(std::string(form.get("code"))));
  if (!proof) co_return unavailable(deps, exchange, proof.error());
  if (!*proof) co_return co_await show(deps, exchange, std::move(visit), shown(proof->error()));
  const auto outcome = co_await deps.store.perform(
      store::RemoveFactor{.user_id = visit.user().user_id,
                          .security_version = visit.user().security_version,
                          .factor = **std::move(proof),
                          .keep = visit.session().session_id});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == store::RemoveFactor::Outcome::factor_used) {
    co_return co_await show(deps, exchange, std::move(visit), {Problem::used_code, {}});
  }
  if (*outcome != store::RemoveFactor::Outcome::removed) co_return go_to(deps.settings, "/account");
  deps.log.info("factor.removed", {{"request_id", exchange.request_id},
                                   {"user_id", visit.user().user_id.value()},
                                   {"by", "account page"}});
  co_return go_to(deps.settings, "/account?done=factor-removed");
}

Task<http::Response> replace_recovery_codes(const Deps& deps, Exchange& exchange,
                                            AccountVisit visit, RawParameters form) {
  const User user = visit.user();
  auto proof =
      co_await prove_factor(deps, exchange, user.user_id, TypedCode(std::string(form.get("code"))));
  if (!proof) co_return unavailable(deps, exchange, proof.error());
  if (!*proof) co_return co_await show(deps, exchange, std::move(visit), shown(proof->error()));
  auto made = make_recovery_codes(deps.seals, user.user_id, deps.random);
  const auto outcome = co_await deps.store.perform(
      store::ReplaceRecoveryCodes{.security_version = user.security_version,
                                  .factor = **std::move(proof),
                                  .recovery_key_id = made.key_id,
                                  .recovery_codes = made.digests});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == store::ReplaceRecoveryCodes::Outcome::factor_used) {
    co_return co_await show(deps, exchange, std::move(visit), {FactorView::Problem::used_code, {}});
  }
  if (*outcome != store::ReplaceRecoveryCodes::Outcome::replaced) {
    co_return go_to(deps.settings, "/account");
  }
  deps.log.info("factor.recovery_codes_made",
                {{"request_id", exchange.request_id}, {"user_id", user.user_id.value()}});
  co_return recovery_codes_page(deps, exchange, made, "/account");
}

}  // namespace cardea
