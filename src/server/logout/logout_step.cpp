// Carrying a logout out; see logout_step.h.
#include "server/logout/logout_step.h"

#include "protocol/authorization_response.h"
#include "server/authorize/replies.h"
#include "server/logout/front_channel.h"
#include "server/notices/notice_delivery.h"

namespace cardea {
namespace {

http::Response see_other(std::string location) {
  return {303, {{"Location", std::move(location)}, {"Cache-Control", "no-store"}}, ""};
}

// The hinted session, or every session of this browser.
std::vector<SessionId> sessions_to_end(const Seals& seals, const LogoutRequest& request,
                                       const Browser& browser) {
  if (const auto hinted = hinted_session(seals, request, browser)) {
    return {browser.sessions[*hinted].session.session_id};
  }
  std::vector<SessionId> all;
  for (const auto& view : browser.sessions) all.push_back(view.session.session_id);
  return all;
}

std::vector<SessionHandle> handles_left(const Seals& seals, const LogoutRequest& request,
                                        const Browser& browser) {
  auto left = browser.handles;
  const auto hinted = hinted_session(seals, request, browser);
  if (!hinted) return {};
  left.erase(left.begin() + static_cast<std::ptrdiff_t>(*hinted));
  return left;
}

// Where the client wants the browser; "" for nowhere.
std::string address_after(const LogoutRequest& request) {
  if (request.redirect_uri.empty()) return "";
  ParameterPairs parameters;
  if (!request.state.empty()) parameters.emplace_back("state", request.state);
  return response_location(request.redirect_uri, ResponseMode::query, parameters);
}

// One write; then to the client, or to `elsewhere`.
Task<http::Response> end_sessions(const Deps& deps, Exchange& exchange,
                                  const LogoutRequest& request, const Browser& browser,
                                  http::Response elsewhere) {
  auto ending = sessions_to_end(deps.seals, request, browser);
  std::vector<std::string> frames;
  if (!ending.empty()) {
    const auto outcome =
        co_await deps.store.perform(store::EndSessions{.session_ids = ending, .user_id = {}});
    if (!outcome) co_return unavailable(deps, exchange, outcome.error());
    deps.log.info("session.ended", {{"request_id", exchange.request_id},
                                    {"sessions", static_cast<std::int64_t>(ending.size())}});
    deps.notice_delivery.wake();
    frames = logout_frames(deps, outcome->clients);
  }
  http::Response response = std::move(elsewhere);
  auto back = address_after(request);
  if (!frames.empty()) {
    response = deps.pages.signed_out_apps(frame_of(exchange, request.ui_locales),
                                          {std::move(frames), std::move(back)});
  } else if (!back.empty()) {
    response = see_other(std::move(back));
  }
  response.headers.add("Set-Cookie",
                       session_cookie(deps, exchange, handles_left(deps.seals, request, browser)));
  co_return response;
}

LogoutView view_of(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                   const LogoutRequest& request) {
  LogoutView view{.action = step_action(deps.settings, at.handle, "logout"),
                  .csrf = form_csrf(deps, at)};
  view.open_for = time_left(at, exchange.now);
  if (request.client) view.client_name = request.client->display_name();
  if (const auto hinted = hinted_session(deps.seals, request, at.browser)) {
    view.account_name = at.browser.sessions[*hinted].user.display_name();
  } else if (at.browser.sessions.size() == 1) {
    view.account_name = at.browser.sessions.front().user.display_name();
  }
  return view;
}

Task<Unit> close(store::Store& store, InteractionDigest handle, Instant now) {
  [[maybe_unused]] const auto outcome = co_await store.perform(store::StepInteraction{
      .step = {.handle = std::move(handle), .after = store::AfterStep::finished}, .now = now});
  co_return Unit{};
}

Task<http::Response> show(const Deps& deps, Exchange& exchange, OpenInteraction at,
                          const LogoutRequest& request) {
  // A posted request only now meets its cookies.
  if (may_end_unasked(deps.seals, request, at.browser)) {
    co_return co_await end_sessions(deps, exchange, request, at.browser,
                                    signed_out_page(deps, exchange));
  }
  const bool is_new = !at.browser.binding.has_value();
  if (is_new) at.browser.binding = new_binding(deps.random);
  auto response = deps.pages.logout(frame_of(exchange, request.ui_locales),
                                    view_of(deps, exchange, at, request));
  if (is_new) {
    response.headers.add("Set-Cookie", binding_cookie(deps.settings, *at.browser.binding));
  }
  co_return response;
}

Task<http::Response> submit(const Deps& deps, Exchange& exchange, OpenInteraction at,
                            const LogoutRequest& request) {
  const auto form = read_parameters(exchange);
  if (!form) co_return page_error(deps, exchange, form.error());
  if (const auto forged = check_form_csrf(deps, at, *form)) {
    co_return page_error(deps, exchange, *forged, request.ui_locales);
  }
  // Ending sessions twice changes nothing, so a double submit may have the same answer twice; the
  // parked row is only tidied away.
  deps.background.start(close(deps.store, at.row.handle, exchange.now));
  if (form->get("action") != "sign-out") co_return go_to(deps.settings, "/account");
  co_return co_await end_sessions(deps, exchange, request, at.browser,
                                  go_to(deps.settings, step_path(at.handle, "signed-out")));
}

}  // namespace

Task<http::Response> start_logout(const Deps& deps, Exchange& exchange, RawParameters raw,
                                  LogoutRequest request) {
  auto browser = co_await identify_browser(deps, exchange);
  if (!browser) co_return unavailable(deps, exchange, browser.error());
  if (may_end_unasked(deps.seals, request, *browser)) {
    co_return co_await end_sessions(deps, exchange, request, *browser,
                                    signed_out_page(deps, exchange));
  }
  const bool is_new = !browser->binding.has_value();
  const BindingValue binding = is_new ? new_binding(deps.random) : *browser->binding;
  const AskedRequest asked{.parameters = std::move(raw)};
  const auto parked = co_await park(
      deps, exchange, {.kind = Interaction::Kind::logout, .asked = asked, .binding = binding});
  if (!parked) co_return unavailable(deps, exchange, parked.error());
  if (!*parked) co_return page_error(deps, exchange, parked->error());
  auto response = go_to(deps.settings, step_path(**parked, "logout"));
  if (is_new) response.headers.add("Set-Cookie", binding_cookie(deps.settings, binding));
  co_return response;
}

Task<http::Response> start_posted_logout(const Deps& deps, Exchange& exchange, RawParameters raw) {
  const AskedRequest asked{.parameters = std::move(raw)};
  const auto parked = co_await park(
      deps, exchange, {.kind = Interaction::Kind::logout, .asked = asked, .binding = {}});
  if (!parked) co_return unavailable(deps, exchange, parked.error());
  if (!*parked) co_return page_error(deps, exchange, parked->error());
  co_return go_to(deps.settings, step_path(**parked, "logout"));
}

Task<http::Response> logout_step(const Deps& deps, Exchange& exchange, OpenInteraction at) {
  const auto request = judge_logout(deps, exchange, at.asked.parameters);
  if (!request) co_return page_error(deps, exchange, request.error());
  if (request->client) exchange.client_id = request->client->client_id.value();
  if (exchange.request.method == "POST") {
    co_return co_await submit(deps, exchange, std::move(at), *request);
  }
  co_return co_await show(deps, exchange, std::move(at), *request);
}

http::Response signed_out_page(const Deps& deps, const Exchange& exchange) {
  return deps.pages.signed_out(frame_of(exchange, {}), {});
}

}  // namespace cardea
