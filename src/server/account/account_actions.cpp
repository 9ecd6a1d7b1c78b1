// Ending what a person may end: apps' access, sessions; see account_actions.h.
#include "server/account/account_actions.h"

#include <algorithm>

#include "server/authorize/replies.h"

namespace cardea {
namespace {

http::Response done(const Deps& deps, std::string_view what) {
  return go_to(deps.settings, "/account?done=" + std::string(what));
}

void forget_session(Browser& browser, std::size_t index) {
  browser.sessions.erase(browser.sessions.begin() + static_cast<std::ptrdiff_t>(index));
  browser.handles.erase(browser.handles.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace

Task<http::Response> withdraw_access(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                     RawParameters form) {
  const ClientId client_id{std::string(form.get("client_id"))};
  const auto outcome = co_await deps.store.perform(
      store::WithdrawConsent{.user_id = visit.user().user_id, .client_id = client_id});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == store::WithdrawConsent::Outcome::absent) {
    co_return go_to(deps.settings, "/account");
  }
  deps.log.info("consent.withdrawn", {{"request_id", exchange.request_id},
                                      {"user_id", visit.user().user_id.value()},
                                      {"client_id", client_id.value()}});
  co_return done(deps, "withdrawn");
}

Task<http::Response> end_session(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                 RawParameters form) {
  const SessionId session_id{std::string(form.get("session"))};
  if (session_id == visit.session().session_id) {
    co_return co_await sign_out(deps, exchange, std::move(visit));
  }
  const auto outcome = co_await deps.store.perform(
      store::EndSessions{.session_ids = {session_id}, .user_id = visit.user().user_id});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (outcome->ended == 0) co_return go_to(deps.settings, "/account");
  deps.log.info("session.ended", {{"request_id", exchange.request_id},
                                  {"user_id", visit.user().user_id.value()},
                                  {"session_id", session_id.value()}});
  co_return done(deps, "session-ended");
}

Task<http::Response> end_other_sessions(const Deps& deps, Exchange& exchange, AccountVisit visit) {
  const auto outcome = co_await deps.store.perform(
      store::EndAllSessions{.user_id = visit.user().user_id, .keep = visit.session().session_id});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  deps.log.info("session.ended", {{"request_id", exchange.request_id},
                                  {"user_id", visit.user().user_id.value()},
                                  {"count", outcome->ended}});
  co_return done(deps, "all-ended");
}

http::Response switch_account(const Deps& deps, AccountVisit visit, const RawParameters& form) {
  auto response = go_to(deps.settings, "/account");
  auto& [sessions, handles, binding] = visit.browser;
  const auto wanted = std::ranges::find_if(sessions, [&](const store::SessionView& view) {
    return view.session.session_id.value() == form.get("session");
  });
  if (wanted == sessions.end()) return response;  // it ended since the page was shown
  const auto at = handles.begin() + (wanted - sessions.begin());
  std::rotate(handles.begin(), at, at + 1);
  response.headers.add("Set-Cookie", session_cookie(deps.settings, handles));
  return response;
}

Task<http::Response> sign_out(const Deps& deps, Exchange& exchange, AccountVisit visit) {
  const auto outcome = co_await deps.store.perform(store::EndSessions{
      .session_ids = {visit.session().session_id}, .user_id = visit.user().user_id});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  deps.log.info("session.ended", {{"request_id", exchange.request_id},
                                  {"user_id", visit.user().user_id.value()},
                                  {"session_id", visit.session().session_id.value()}});
  forget_session(visit.browser, 0);
  auto response = go_to(deps.settings, "/account/signed-out");
  response.headers.add("Set-Cookie", session_cookie(deps.settings, visit.browser.handles));
  co_return response;
}

}  // namespace cardea
