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
#include "server/second_factor/factor_steps.h"
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

// "Another account" leads to the sign-in page: from the chooser, from the second factor, and from
// the consent page when its address says so. Otherwise a step that is over, gone back to, leads on
// to the next one.
bool is_reachable(const NextStep& step, std::string_view asked, const http::Request& request) {
  if (asked == path_of(step.kind)) return true;
  if (asked != "sign-in") return false;
  return step.kind == NextStep::Kind::choose_account ||
         step.kind == NextStep::Kind::second_factor || step.kind == NextStep::Kind::enrol_factor ||
         (step.kind == NextStep::Kind::consent && request.query() == another_account);
}

bool is_factor_step(std::string_view step) {
  return step == path_of(NextStep::Kind::second_factor) ||
         step == path_of(NextStep::Kind::enrol_factor);
}

FactorStep factor_step(const OpenInteraction& at, Visit visit) {
  User user = visit.proven ? *visit.proven : visit.session().user;
  return {.at = at, .user = std::move(user), .visit = std::move(visit)};
}

http::Response factor_page(const Deps& deps, const Exchange& exchange, const FactorStep& step,
                           std::string_view name) {
  return name == path_of(NextStep::Kind::second_factor) ? second_factor_page(deps, exchange, step)
                                                        : enrol_factor_page(deps, exchange, step);
}

Task<http::Response> factor_submitted(const Deps& deps, Exchange& exchange, FactorStep step,
                                      std::string_view name, RawParameters form) {
  if (const auto forged = check_form_csrf(deps, step.at, form, factor_form_about(step.user))) {
    co_return page_error(deps, exchange, *forged);
  }
  if (name == path_of(NextStep::Kind::second_factor)) {
    co_return co_await second_factor_submitted(deps, exchange, std::move(step), std::move(form));
  }
  co_return co_await enrol_factor_submitted(deps, exchange, std::move(step), std::move(form));
}

http::Response page_of_step(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                            const Visit& visit, std::string_view step) {
  if (step == "sign-in") return sign_in_page(deps, exchange, at, visit);
  if (step == "choose") return choose_page(deps, exchange, at, visit);
  if (is_factor_step(step)) return factor_page(deps, exchange, factor_step(at, visit), step);
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
  const bool is_exact = step == "consent" || is_factor_step(step);
  if (is_exact && step != path_of(visit.step.kind)) {
    // Not what is asked now: a skipped step, or another tab was faster (corpus G05).
    co_return go_to(deps.settings, step_path(at.handle, path_of(visit.step.kind)));
  }
  if (is_factor_step(step)) {
    co_return co_await factor_submitted(deps, exchange, factor_step(at, std::move(visit)), step,
                                        *std::move(form));
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
  co_return co_await answer_refused(deps, exchange, judgement);
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
  Visit visit{.admitted = std::move(*admitted), .browser = at.browser, .facts = facts_of(at.row)};
  auto proven = co_await find_proven(deps, exchange, at.row);
  if (!proven) co_return unavailable(deps, exchange, proven.error());
  visit.proven = *std::move(proven);
  const auto decided = co_await decide(deps, exchange, visit);
  if (!decided) co_return unavailable(deps, exchange, decided.error());
  const bool is_step =
      step == "sign-in" || step == "choose" || step == "consent" || is_factor_step(step);
  if (exchange.request.method == "POST" && is_step) {
    co_return co_await submit_step(deps, exchange, at, std::move(visit), std::move(step));
  }
  co_return co_await show_step(deps, exchange, at, std::move(visit), std::move(step));
}

// The account page's own sign-in, between its two factors.
Task<http::Response> account_step(const Deps& deps, Exchange& exchange, OpenInteraction at,
                                  std::string step) {
  auto proven = co_await find_proven(deps, exchange, at.row);
  if (!proven) co_return unavailable(deps, exchange, proven.error());
  if (!*proven) co_return go_to(deps.settings, "/account/sign-in");
  const auto factor = co_await deps.store.find_second_factor((*proven)->user_id);
  if (!factor) co_return unavailable(deps, exchange, factor.error());
  const auto name = path_of(*factor ? NextStep::Kind::second_factor : NextStep::Kind::enrol_factor);
  if (step != name) co_return go_to(deps.settings, step_path(at.handle, name));
  FactorStep where{.at = at, .user = **std::move(proven), .visit = std::nullopt};
  if (exchange.request.method != "POST") co_return factor_page(deps, exchange, where, name);
  auto form = read_parameters(exchange);
  if (!form) co_return page_error(deps, exchange, form.error());
  co_return co_await factor_submitted(deps, exchange, std::move(where), name, *std::move(form));
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
  if (at.row.kind == Interaction::Kind::account) {
    co_return co_await account_step(deps, exchange, std::move(at), std::move(address->step));
  }
  co_return co_await authorize_step(deps, exchange, std::move(at), std::move(address->step));
}

}  // namespace cardea::endpoints
