// The pages of a parked request, one address per step: /interaction/<handle>/<step> (decision P5).
// Opening, anti-forgery and the choice of the right step are here; what a step does is in sign_in,
// sessions, consent and logout.
#include "base/ascii.h"
#include "server/authorize/finish.h"
#include "server/authorize/park.h"
#include "server/authorize/replies.h"
#include "server/authorize/start.h"
#include "server/authorize/visit.h"
#include "server/consent/consent_step.h"
#include "server/device/admit_device.h"
#include "server/endpoints/endpoints.h"
#include "server/logout/logout_step.h"
#include "server/sessions/choose_step.h"
#include "server/sign_in/sign_in_step.h"

namespace cardea::endpoints {
namespace {

// /interaction/<handle>/<step>, below the issuer's path.
struct Address {
  std::string handle;
  std::string step;
};

std::optional<Address> read_address(const Settings& settings, std::string_view path) {
  path.remove_prefix(std::min(path.size(), settings.issuer_path.size()));
  const auto parts = ascii::split(path, '/');
  if (parts.size() != 4) return std::nullopt;
  return Address{std::string(parts[2]), std::string(parts[3])};
}

bool is_over(const NextStep& step) {
  return step.kind == NextStep::Kind::issue || step.kind == NextStep::Kind::refuse;
}

// "Another account" leads to the sign-in page: from the chooser, and from the consent page when its
// address says so. Otherwise a step that is over, gone back to, leads on to the next one.
bool is_reachable(const NextStep& step, std::string_view asked, const http::Request& request) {
  if (asked == path_of(step.kind)) return true;
  if (asked != "sign-in") return false;
  return step.kind == NextStep::Kind::choose_account ||
         (step.kind == NextStep::Kind::consent && request.query() == another_account);
}

http::Response page_of_step(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                            const Visit& visit, std::string_view step) {
  if (step == "sign-in") return sign_in_page(deps, exchange, at, visit);
  if (step == "choose") return choose_page(deps, exchange, at, visit);
  return consent_page(deps, exchange, at, visit);
}

Task<http::Response> show_step(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                               Visit visit, std::string step) {
  if (is_over(visit.step)) co_return co_await end_and_finish(deps, exchange, at, visit);
  if (!is_reachable(visit.step, step, exchange.request)) {
    co_return go_to(deps.settings, step_path(at.handle, path_of(visit.step.kind)));
  }
  co_return page_of_step(deps, exchange, at, visit, step);
}

Task<http::Response> submit_step(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                                 Visit visit, std::string step) {
  auto form = read_parameters(exchange);
  if (!form) co_return page_error(deps, exchange, form.error());
  if (step == "consent" && visit.step.kind != NextStep::Kind::consent) {
    // Not what is asked now: a skipped step, or another tab was faster (corpus G05).
    co_return go_to(deps.settings, step_path(at.handle, path_of(visit.step.kind)));
  }
  const std::string about = step == "consent" ? consent_form_about(visit) : "";
  if (const auto forged = check_form_csrf(deps, at, *form, about)) {
    co_return page_error(deps, exchange, *forged, visit.admitted.request.ui_locales);
  }
  if (step == "sign-in") {
    co_return co_await sign_in_submitted(deps, exchange, at, std::move(visit), *std::move(form));
  }
  if (step == "choose") {
    co_return co_await account_chosen(deps, exchange, at, std::move(visit), *std::move(form));
  }
  co_return co_await consent_submitted(deps, exchange, at, std::move(visit), *std::move(form));
}

// The policy changed since the request was parked: the interaction ends with what admit() says now.
Task<http::Response> end_refused(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                                 const Judgement& judgement) {
  const auto outcome = co_await deps.store.perform(store::StepInteraction{
      .step = {.handle = at.row.handle, .after = store::AfterStep::finished}, .now = exchange.now});
  if (!outcome) co_return unavailable(deps, exchange, outcome.error());
  if (*outcome == store::StepInteraction::Outcome::not_open) {
    co_return gone_page(deps, exchange, Gone::finished);
  }
  co_return answer_refused(deps, exchange, judgement);
}

// As the policy is now.
Task<store::Answer<Judgement>> judge(const Deps& deps, Exchange& exchange,
                                     const OpenInteraction& at) {
  if (at.row.kind == Interaction::Kind::device) {
    co_return co_await admit_device(deps, exchange, at.asked.parameters);
  }
  co_return admit(deps, exchange, at.asked);
}

Task<http::Response> authorize_step(const Deps& deps, Exchange& exchange, OpenInteraction at,
                                    std::string step) {
  auto judged = co_await judge(deps, exchange, at);
  if (!judged) co_return unavailable(deps, exchange, judged.error());
  Judgement& judgement = *judged;
  auto* admitted = std::get_if<Admitted>(&judgement);
  if (!admitted) co_return co_await end_refused(deps, exchange, at, judgement);
  if (at.row.binding.empty()) {
    // A posted request, back by GET: it starts now, with this browser's cookies.
    if (step != "resume") co_return gone_page(deps, exchange, Gone::other_browser);
    co_return co_await start(deps, exchange, std::move(at.asked), std::move(*admitted));
  }
  Visit visit{.admitted = std::move(*admitted),
              .browser = at.browser,
              .facts = {.session_id = at.row.session_id,
                        .authenticated_here = at.row.authenticated_here,
                        .account_selected = at.row.account_selected}};
  const auto decided = co_await decide(deps, exchange, visit);
  if (!decided) co_return unavailable(deps, exchange, decided.error());
  const bool is_step = step == "sign-in" || step == "choose" || step == "consent";
  if (exchange.request.method == "POST" && is_step) {
    co_return co_await submit_step(deps, exchange, at, std::move(visit), std::move(step));
  }
  co_return co_await show_step(deps, exchange, at, std::move(visit), std::move(step));
}

}  // namespace

Task<http::Response> interaction(const Deps& deps, Exchange& exchange) {
  auto address = read_address(deps.settings, exchange.request.path());
  if (!address) co_return gone_page(deps, exchange, Gone::expired);
  if (address->step == "signed-out") co_return signed_out_page(deps, exchange);
  auto opened = co_await open_interaction(deps, exchange, std::move(address->handle));
  if (!opened) co_return unavailable(deps, exchange, opened.error());
  if (!*opened) co_return gone_page(deps, exchange, opened->error());
  OpenInteraction at = **std::move(opened);
  if (at.row.kind == Interaction::Kind::logout) {
    co_return co_await logout_step(deps, exchange, std::move(at));
  }
  co_return co_await authorize_step(deps, exchange, std::move(at), std::move(address->step));
}

}  // namespace cardea::endpoints
