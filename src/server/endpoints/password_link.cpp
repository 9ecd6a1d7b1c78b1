// /link/<token>: the one-time page where a person sets a password. Opening it spends nothing, so a
// mail scanner that follows links does no harm; only the form does. Security corpus 9700-10,
// asvs-6.4.1.
#include "server/account/password_link.h"
#include "base/base64url.h"
#include "server/account/account_visit.h"
#include "server/account/password_rules.h"
#include "server/authorize/replies.h"
#include "server/endpoints/endpoints.h"
#include "server/notices/notice_delivery.h"

namespace cardea::endpoints {
namespace {

using Problem = SetPasswordView::Problem;

constexpr std::string_view root = "/link/";
constexpr std::string_view done = "done";

std::string_view last_part(const Settings& settings, std::string_view path) {
  path.remove_prefix(std::min(path.size(), settings.issuer_path.size() + root.size()));
  return path;
}

struct LinkVisit {
  PasswordLinkToken token;
  User user;
  BindingValue binding;
};

// The form's anti-forgery value is of this browser and this link.
std::string csrf_place(const LinkVisit& visit) {
  return "link " + base64url_encode(digest_of(visit.token).value());
}

http::Response link_page(const Deps& deps, const Exchange& exchange, const LinkVisit& visit,
                         Problem problem) {
  return deps.pages.set_password(
      frame_of(exchange, {}),
      {.action = deps.settings.issuer_path + std::string(root) + std::string(visit.token.reveal()),
       .csrf = csrf_value(deps.seals, visit.binding, csrf_place(visit)),
       .login = visit.user.login,
       .problem = problem});
}

http::Response gone_page(const Deps& deps, Exchange& exchange) {
  exchange.refuse_with({ErrorCode::access_denied, "CARDEA-LINK-001", cardea_policy("P5"),
                        "The link no longer works.", "the link is unknown, used or expired"},
                       "Make a new one with `cardea users link`.");
  return deps.pages.set_password(frame_of(exchange, {}), {.problem = Problem::link_gone});
}

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

// The user of a link that still works.
Task<store::Answer<std::optional<User>>> find_owner(const Deps& deps, const Exchange& exchange,
                                                    LinkDigest digest) {
  const auto user_id = co_await deps.store.find_link(std::move(digest), exchange.now);
  if (!user_id) co_return refuse(user_id.error());
  if (!*user_id) co_return std::optional<User>();
  const auto user = co_await deps.store.find_user(**user_id);
  if (!user) co_return refuse(user.error());
  co_return *user && (*user)->enabled ? std::optional(**user) : std::nullopt;
}

Task<http::Response> submit(const Deps& deps, Exchange& exchange, LinkVisit visit) {
  const auto form = read_parameters(exchange);
  if (!form) co_return page_error(deps, exchange, form.error());
  if (form->repeated("csrf") ||
      !csrf_matches(deps.seals, visit.binding, csrf_place(visit), form->get("csrf"))) {
    co_return page_error(deps, exchange,
                         {{ErrorCode::invalid_request, "CARDEA-LINK-002", rfc6749("10.12"),
                           "The form was not sent from our page. Go back and try again.",
                           "the csrf field is absent or not of this browser and link"},
                          "Open the link again.",
                          403});
  }
  const NewPassword chosen{Password(std::string(form->get("password"))),
                           Password(std::string(form->get("repeat")))};
  if (const auto problem = judge_password(chosen, {visit.user.login})) {
    co_return link_page(deps, exchange, visit, shown(*problem));
  }
  auto hash = co_await deps.passwords.hash(chosen.password);
  if (!hash) co_return link_page(deps, exchange, visit, Problem::busy);
  const auto outcome = co_await deps.store.perform(store::UsePasswordLink{
      .digest = digest_of(visit.token), .password_hash = *std::move(hash), .now = exchange.now});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == store::UsePasswordLink::Outcome::not_usable) {
    co_return gone_page(deps, exchange);
  }
  deps.notice_delivery.wake();
  deps.log.info("password.changed", {{"request_id", exchange.request_id},
                                     {"user_id", visit.user.user_id.value()},
                                     {"by", "link"}});
  co_return go_to(deps.settings, std::string(root) + std::string(done));
}

}  // namespace

Task<http::Response> password_link(const Deps& deps, Exchange& exchange) {
  const auto last = last_part(deps.settings, exchange.request.path());
  if (last == done) co_return deps.pages.password_set(frame_of(exchange, {}), {});
  PasswordLinkToken token{std::string(last)};
  const auto user = co_await find_owner(deps, exchange, digest_of(token));
  if (!user) co_return unavailable(deps, exchange, user.error());
  if (!*user) co_return gone_page(deps, exchange);
  auto browser = co_await identify_browser(deps, exchange);
  if (!browser) co_return unavailable(deps, exchange, browser.error());
  const AccountVisit visit = visit_account(deps, *std::move(browser));
  const LinkVisit link{std::move(token), **user, *visit.browser.binding};
  auto response = exchange.request.method == "POST"
                      ? co_await submit(deps, exchange, link)
                      : link_page(deps, exchange, link, Problem::none);
  keep_binding(deps, visit, response);
  co_return response;
}

}  // namespace cardea::endpoints
