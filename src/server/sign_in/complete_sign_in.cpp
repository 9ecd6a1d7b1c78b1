// Completing a sign-in; see complete_sign_in.h.
#include "server/sign_in/complete_sign_in.h"

#include "base/limits.h"
#include "server/authorize/finish.h"
#include "server/authorize/replies.h"

namespace cardea {
namespace {

// Gives the former session's id.
std::optional<SessionId> adopt_session(Browser& browser, NewSession& made, const User& user) {
  std::optional<SessionId> former;
  for (std::size_t i = 0; i < browser.sessions.size(); ++i) {
    if (browser.sessions[i].user.user_id != user.user_id) continue;
    former = browser.sessions[i].session.session_id;
    made.session.session_id = *former;
    browser.sessions.erase(browser.sessions.begin() + static_cast<std::ptrdiff_t>(i));
    browser.handles.erase(browser.handles.begin() + static_cast<std::ptrdiff_t>(i));
    break;
  }
  browser.sessions.insert(browser.sessions.begin(),
                          {static_cast<const Session&>(made.session), user});
  browser.handles.insert(browser.handles.begin(), made.handle);
  if (browser.sessions.size() > limits::accounts_per_browser_max) {
    browser.sessions.resize(limits::accounts_per_browser_max);
    browser.handles.resize(limits::accounts_per_browser_max);
  }
  return former;
}

bool is_over(const Visit& visit) {
  return visit.step.kind == NextStep::Kind::issue || visit.step.kind == NextStep::Kind::refuse;
}

// Ends the interaction when nothing more is asked.
Task<store::Answer<store::InteractionStep>> step_of(const Deps& deps, Exchange& exchange,
                                                    const OpenInteraction& at, SignInPlan& plan) {
  const SessionId& session_id = plan.operation.session.session_id;
  bool ends = true;
  if (plan.visit) {
    plan.visit->browser = plan.browser;
    plan.visit->proven.reset();
    plan.visit->facts = {.session_id = session_id,
                         .authenticated_here = true,
                         .enrolment_declined = plan.visit->facts.enrolment_declined};
    const auto decided = co_await decide(deps, exchange, *plan.visit);
    if (!decided) co_return refuse(decided.error());
    ends = is_over(*plan.visit);
  }
  co_return store::InteractionStep{
      .handle = at.row.handle,
      .after = ends ? store::AfterStep::finished : store::AfterStep::stays_open,
      .session_id = session_id,
      .authenticated_here = true};
}

}  // namespace

Task<store::Answer<SignInPlan>> plan_sign_in(const Deps& deps, Exchange& exchange,
                                             const OpenInteraction* at, std::optional<Visit> visit,
                                             Browser browser, ProvenSignIn proven) {
  NewSession made = begin_session(deps, exchange, proven.user, std::move(proven.how));
  SignInPlan plan{.operation = {}, .browser = std::move(browser), .visit = std::move(visit)};
  plan.operation.replaces = adopt_session(plan.browser, made, proven.user);
  plan.operation.session = std::move(made.session);
  plan.operation.rehashed = std::move(proven.rehashed);
  plan.operation.factor = std::move(proven.factor);
  plan.operation.now = exchange.now;
  if (at != nullptr) {
    auto step = co_await step_of(deps, exchange, *at, plan);
    if (!step) co_return refuse(step.error());
    plan.operation.interaction = *std::move(step);
  }
  co_return plan;
}

Task<http::Response> signed_in(const Deps& deps, Exchange& exchange, const OpenInteraction* at,
                               SignInPlan plan) {
  deps.log.info("login.succeeded", {{"request_id", exchange.request_id},
                                    {"user_id", plan.operation.session.user_id.value()},
                                    {"acr", plan.operation.session.authentication.acr}});
  auto cookie = session_cookie(deps, exchange, plan.browser.handles);
  // RFC 9700 4.12: 303, so that the credentials go no further.
  auto response = go_to(deps.settings, "/account");
  if (plan.visit) {
    response = is_over(*plan.visit)
                   ? co_await finish(deps, exchange, *plan.visit)
                   : go_to(deps.settings, step_path(at->handle, path_of(plan.visit->step.kind)));
  }
  response.headers.add("Set-Cookie", cookie);
  co_return response;
}

Task<store::Answer<bool>> needs_second_factor(const Deps& deps, const User& user,
                                              const Client* client) {
  if (deps.settings.second_factor == Settings::SecondFactor::required) co_return true;
  if (client != nullptr && client->require_second_factor) co_return true;
  const auto factor = co_await deps.store.find_second_factor(user.user_id);
  if (!factor) co_return refuse(factor.error());
  co_return factor->has_value();
}

}  // namespace cardea
