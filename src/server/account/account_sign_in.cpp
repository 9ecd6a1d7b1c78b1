// Signing in to see the account page: the same proof as in a journey, without an interaction; see
// account_actions.h.
#include "base/limits.h"
#include "server/account/account_actions.h"
#include "server/authorize/replies.h"
#include "server/sign_in/prove_password.h"
#include "server/sign_in/sign_in_step.h"

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

Authentication by_password(const Deps& deps, Instant now) {
  const auto& acr = deps.settings.acr_values;
  return {.auth_time = Instant::from_seconds(now.unix_seconds()),
          .acr = acr.empty() ? "" : acr.front(),
          .amr = {"pwd"}};
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
  const User user = proof->value().user;
  NewSession made = begin_session(deps, exchange, user, by_password(deps, exchange.now));
  const auto former = adopt_session(visit.browser, made, user);
  const auto outcome =
      co_await deps.store.perform(store::SignIn{.session = made.session,
                                                .replaces = former,
                                                .rehashed = proof->value().rehashed,
                                                .now = exchange.now});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome != store::SignIn::Outcome::signed_in) {
    // The password or the account changed while it was verified: it proves nothing any more.
    co_return sign_in_page(deps, exchange, visit, login, {});
  }
  deps.log.info("login.succeeded",
                {{"request_id", exchange.request_id}, {"user_id", user.user_id.value()}});
  // RFC 9700 4.12: 303, so that the credentials go no further.
  auto response = go_to(deps.settings, "/account");
  response.headers.add("Set-Cookie", session_cookie(deps.settings, visit.browser.handles));
  co_return response;
}

}  // namespace cardea
