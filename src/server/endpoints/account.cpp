// /account and below: which page, which form. What the forms do is in server/account.
#include "server/account/account_actions.h"
#include "server/authorize/replies.h"
#include "server/endpoints/endpoints.h"

namespace cardea::endpoints {
namespace {

// "" for /account, "/password" for /account/password; nothing where there is no such address.
std::optional<std::string> step_of(const Settings& settings, std::string_view path) {
  path.remove_prefix(std::min(path.size(), settings.issuer_path.size()));
  static constexpr std::string_view root = "/account";
  path.remove_prefix(std::min(path.size(), root.size()));
  for (const std::string_view step :
       {"", "/sign-in", "/signed-out", "/sign-out", "/switch", "/withdraw", "/end-session",
        "/end-all", "/password", "/answer", "/factor", "/factor/codes", "/factor/remove"}) {
    if (path == step) return std::string(path);
  }
  return std::nullopt;
}

AccountView::Notice notice_named(std::string_view name) {
  using Notice = AccountView::Notice;
  if (name == "withdrawn") return Notice::withdrawn;
  if (name == "session-ended") return Notice::session_ended;
  if (name == "all-ended") return Notice::all_ended;
  if (name == "password-changed") return Notice::password_changed;
  if (name == "request-allowed") return Notice::request_allowed;
  if (name == "request-denied") return Notice::request_denied;
  if (name == "request-over") return Notice::request_over;
  if (name == "request-needs-sign-in") return Notice::request_needs_sign_in;
  if (name == "request-needs-factor") return Notice::request_needs_factor;
  if (name == "factor-removed") return Notice::factor_removed;
  return Notice::none;
}

http::Response no_such_page(const Deps& deps, Exchange& exchange) {
  return page_error(deps, exchange,
                    {{ErrorCode::invalid_request, "CARDEA-ACCOUNT-002", cardea_policy("P5"),
                      "There is no such page.", "an unknown address below /account"},
                     "Go to /account.",
                     404});
}

Task<http::Response> show(const Deps& deps, Exchange& exchange, AccountVisit visit,
                          std::string step) {
  if (step == "/signed-out") co_return deps.pages.signed_out(frame_of(exchange, {}), {});
  if (!visit.is_signed_in() && step == "/sign-in") {
    co_return account_sign_in_page(deps, exchange, visit);
  }
  if (!visit.is_signed_in()) co_return go_to(deps.settings, "/account/sign-in");
  if (step == "/factor") co_return co_await factor_page(deps, exchange, std::move(visit));
  if (!step.empty()) co_return go_to(deps.settings, "/account");
  const auto query = read_parameters(exchange);
  if (!query) co_return page_error(deps, exchange, query.error());
  auto view = co_await view_account(deps, exchange, visit);
  if (!view) co_return unavailable(deps, exchange, view.error());
  view->notice = notice_named(query->get("done"));
  co_return deps.pages.account(frame_of(exchange, {}), *view);
}

Task<http::Response> submit(const Deps& deps, Exchange& exchange, AccountVisit visit,
                            std::string step) {
  auto form = read_parameters(exchange);
  if (!form) co_return page_error(deps, exchange, form.error());
  const bool signs_in = step == "/sign-in";
  // The session ended since the page was shown, or began in another tab.
  if (visit.is_signed_in() == signs_in) co_return go_to(deps.settings, "/account");
  if (const auto forged = check_account_csrf(deps, visit, *form)) {
    co_return page_error(deps, exchange, *forged);
  }
  if (signs_in) {
    co_return co_await account_sign_in(deps, exchange, std::move(visit), *std::move(form));
  }
  if (step == "/withdraw") {
    co_return co_await withdraw_access(deps, exchange, std::move(visit), *std::move(form));
  }
  if (step == "/answer") {
    co_return co_await answer_request(deps, exchange, std::move(visit), *std::move(form));
  }
  if (step == "/end-session") {
    co_return co_await end_session(deps, exchange, std::move(visit), *std::move(form));
  }
  if (step == "/end-all") co_return co_await end_other_sessions(deps, exchange, std::move(visit));
  if (step == "/password") {
    co_return co_await change_password(deps, exchange, std::move(visit), *std::move(form));
  }
  if (step == "/factor") {
    co_return co_await add_factor(deps, exchange, std::move(visit), *std::move(form));
  }
  if (step == "/factor/codes") {
    co_return co_await replace_recovery_codes(deps, exchange, std::move(visit), *std::move(form));
  }
  if (step == "/factor/remove") {
    co_return co_await remove_factor(deps, exchange, std::move(visit), *std::move(form));
  }
  if (step == "/switch") co_return switch_account(deps, exchange, std::move(visit), *form);
  if (step == "/sign-out") co_return co_await sign_out(deps, exchange, std::move(visit));
  co_return go_to(deps.settings, "/account");
}

}  // namespace

Task<http::Response> account(const Deps& deps, Exchange& exchange) {
  auto step = step_of(deps.settings, exchange.request.path());
  if (!step) co_return no_such_page(deps, exchange);
  auto browser = co_await identify_browser(deps, exchange);
  if (!browser) co_return unavailable(deps, exchange, browser.error());
  const AccountVisit visit = visit_account(deps, *std::move(browser));
  auto response = exchange.request.method == "POST"
                      ? co_await submit(deps, exchange, visit, *std::move(step))
                      : co_await show(deps, exchange, visit, *std::move(step));
  keep_binding(deps, visit, response);
  co_return response;
}

}  // namespace cardea::endpoints
