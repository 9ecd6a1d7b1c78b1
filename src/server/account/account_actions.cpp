// Ending what a person may end: apps' access, sessions; see account_actions.h.
#include "server/account/account_actions.h"

#include <algorithm>

#include "server/authorize/replies.h"
#include "server/consent/consent_items.h"
#include "server/logout/front_channel.h"
#include "server/notices/notice_delivery.h"
#include "server/second_factor/requirement.h"

namespace cardea {
namespace {

http::Response done(const Deps& deps, std::string_view what) {
  return go_to(deps.settings, "/account?done=" + std::string(what));
}

// What the client asks of a sign-in, which the session that answers must have: as next_step() has
// it for a request that comes through the browser. Nothing when it has.
std::optional<std::string_view> lacks_of_session(const Settings& settings, const Client& client,
                                                 const Session& session, Instant now) {
  if (lacks_second_factor(settings, client, session.authentication)) return "request-needs-factor";
  const bool is_old =
      client.default_max_age && now > session.authentication.auth_time + *client.default_max_age;
  if (is_old) return "request-needs-sign-in";
  return std::nullopt;
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

Task<http::Response> answer_request(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                    RawParameters form) {
  using Outcome = store::AnswerPolledRequest::Outcome;
  const GrantId request_id{std::string(form.get("request"))};
  const auto found = co_await deps.store.find_polled_request(request_id);
  if (!found) co_return unavailable(deps, exchange, found.error());
  // Somebody else's is as good as none.
  if (!*found || (*found)->asked_user != visit.user().user_id) {
    co_return done(deps, "request-over");
  }
  const PolledRequest& request = **found;
  const bool allows = form.get("action") == "allow";
  const auto client = deps.registry.find(request.client_id);
  if (allows && (client == nullptr || !client->enabled || !is_entitled(*client, visit.user()))) {
    co_return done(deps, "request-over");
  }
  if (allows) {
    if (const auto lack = lacks_of_session(deps.settings, *client, visit.session(), exchange.now)) {
      co_return done(deps, *lack);
    }
  }
  store::AnswerPolledRequest answer{.request_id = request_id,
                                    .user_id = visit.user().user_id,
                                    .approval = std::nullopt,
                                    .interaction = std::nullopt,
                                    .now = exchange.now};
  if (allows) {
    answer.approval = store::AnswerPolledRequest::Approval{
        .consent = new_consent(deps, exchange,
                               {.user_id = visit.user().user_id,
                                .client_id = request.client_id,
                                .words = request.scopes,
                                .resources = request.resources}),
        .session = visit.session()};
  }
  const auto outcome = co_await deps.store.perform(std::move(answer));
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome != Outcome::answered) co_return done(deps, "request-over");
  deps.notice_delivery.wake();
  deps.log.info(allows ? "request.approved" : "request.denied",
                {{"request_id", exchange.request_id},
                 {"client_id", request.client_id.value()},
                 {"user_id", visit.user().user_id.value()}});
  co_return done(deps, allows ? "request-allowed" : "request-denied");
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
  deps.notice_delivery.wake();
  deps.log.info("session.ended", {{"request_id", exchange.request_id},
                                  {"user_id", visit.user().user_id.value()},
                                  {"session_id", session_id.value()}});
  co_return done(deps, "session-ended");
}

Task<http::Response> end_other_sessions(const Deps& deps, Exchange& exchange, AccountVisit visit) {
  const auto outcome = co_await deps.store.perform(
      store::EndAllSessions{.user_id = visit.user().user_id, .keep = visit.session().session_id});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  deps.notice_delivery.wake();
  deps.log.info("session.ended", {{"request_id", exchange.request_id},
                                  {"user_id", visit.user().user_id.value()},
                                  {"count", outcome->ended}});
  co_return done(deps, "all-ended");
}

http::Response switch_account(const Deps& deps, Exchange& exchange, AccountVisit visit,
                              const RawParameters& form) {
  auto response = go_to(deps.settings, "/account");
  auto& [sessions, handles, binding] = visit.browser;
  const auto wanted = std::ranges::find_if(sessions, [&](const store::SessionView& view) {
    return view.session.session_id.value() == form.get("session");
  });
  if (wanted == sessions.end()) return response;  // it ended since the page was shown
  const auto at = handles.begin() + (wanted - sessions.begin());
  std::rotate(handles.begin(), at, at + 1);
  response.headers.add("Set-Cookie", session_cookie(deps, exchange, handles));
  return response;
}

Task<http::Response> sign_out(const Deps& deps, Exchange& exchange, AccountVisit visit) {
  const auto outcome = co_await deps.store.perform(store::EndSessions{
      .session_ids = {visit.session().session_id}, .user_id = visit.user().user_id});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  deps.notice_delivery.wake();
  deps.log.info("session.ended", {{"request_id", exchange.request_id},
                                  {"user_id", visit.user().user_id.value()},
                                  {"session_id", visit.session().session_id.value()}});
  forget_session(visit.browser, 0);
  auto frames = logout_frames(deps, outcome->clients);
  auto response = frames.empty()
                      ? go_to(deps.settings, "/account/signed-out")
                      : deps.pages.signed_out_apps(frame_of(exchange, {}), {std::move(frames), ""});
  response.headers.add("Set-Cookie", session_cookie(deps, exchange, visit.browser.handles));
  co_return response;
}

}  // namespace cardea
