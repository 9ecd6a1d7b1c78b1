// Starting an authorization request; see start.h.
#include "server/authorize/start.h"

#include "server/authorize/finish.h"
#include "server/authorize/park.h"
#include "server/authorize/replies.h"
#include "server/authorize/visit.h"
#include "server/sign_in/sign_in_step.h"

namespace cardea {
namespace {

Task<http::Response> park_for_page(const Deps& deps, Exchange& exchange, AskedRequest asked,
                                   const Visit& visit) {
  const bool is_new = !visit.browser.binding.has_value();
  const BindingValue binding = is_new ? new_binding(deps.random) : *visit.browser.binding;
  ToPark what{.kind = Interaction::Kind::authorize, .asked = asked, .binding = binding};
  if (const auto* device = visit.admitted.device()) {
    what.kind = Interaction::Kind::device;
    what.until = device->expires_at;
  }
  const auto parked = co_await park(deps, exchange, std::move(what));
  if (!parked) co_return unavailable(deps, exchange, parked.error());
  if (!*parked) co_return page_error(deps, exchange, parked->error());
  auto response = go_to(deps.settings, step_path(**parked, path_of(visit.step.kind)));
  if (is_new) response.headers.add("Set-Cookie", binding_cookie(deps.settings, binding));
  co_return response;
}

bool is_automatic(const Settings& settings) {
  return settings.is_dev && settings.interaction == Settings::Interaction::automatic;
}

bool is_over(const NextStep& step) {
  return step.kind == NextStep::Kind::issue || step.kind == NextStep::Kind::refuse;
}

// Without an interaction whose end would do it: a code for a pushed request completes it (RFC 9126
// 7.3). The write comes first, so that two browsers cannot both have one.
Task<http::Response> finish_at_once(const Deps& deps, Exchange& exchange, const AskedRequest& asked,
                                    const Visit& visit) {
  if (visit.step.kind != NextStep::Kind::issue || !asked.completes) {
    co_return co_await finish(deps, exchange, visit);
  }
  const auto first =
      co_await deps.store.perform(store::UseOnce{.digest = asked.completes->digest,
                                                 .expires_at = asked.completes->until,
                                                 .now = exchange.now});
  if (!first) co_return unavailable(deps, exchange, first.error());
  if (*first == store::UseOnce::Outcome::replayed) {
    co_return page_error(deps, exchange, completed_before());
  }
  co_return co_await finish(deps, exchange, visit);
}

}  // namespace

Task<http::Response> start(const Deps& deps, Exchange& exchange, AskedRequest asked,
                           Admitted admitted) {
  auto browser = co_await identify_browser(deps, exchange);
  if (!browser) co_return unavailable(deps, exchange, browser.error());
  Visit visit{.admitted = std::move(admitted), .browser = *std::move(browser)};
  auto decided = co_await decide(deps, exchange, visit);
  if (!decided) co_return unavailable(deps, exchange, decided.error());
  std::string sessions_cookie;
  if (visit.step.kind == NextStep::Kind::login && is_automatic(deps.settings)) {
    const auto done = co_await sign_in_automatically(deps, exchange, visit);
    if (!done) co_return unavailable(deps, exchange, done.error());
    if (*done) {
      sessions_cookie = session_cookie(deps, exchange, visit.browser.handles);
      decided = co_await decide(deps, exchange, visit);
    }
    if (!decided) co_return unavailable(deps, exchange, decided.error());
  }
  auto response = is_over(visit.step)
                      ? co_await finish_at_once(deps, exchange, asked, visit)
                      : co_await park_for_page(deps, exchange, std::move(asked), visit);
  if (!sessions_cookie.empty()) response.headers.add("Set-Cookie", sessions_cookie);
  co_return response;
}

Task<http::Response> start_posted(const Deps& deps, Exchange& exchange, AskedRequest asked) {
  const auto parked = co_await park(
      deps, exchange, {.kind = Interaction::Kind::authorize, .asked = asked, .binding = {}});
  if (!parked) co_return unavailable(deps, exchange, parked.error());
  if (!*parked) co_return page_error(deps, exchange, parked->error());
  co_return go_to(deps.settings, step_path(**parked, "resume"));
}

Task<http::Response> answer_refused(const Deps& deps, Exchange& exchange, Judgement judgement) {
  if (const auto* rejected = std::get_if<Rejected>(&judgement)) {
    co_return co_await reply_refusal(deps, exchange, rejected->target, rejected->objection);
  }
  co_return page_error(deps, exchange, std::get<PageError>(judgement));
}

}  // namespace cardea
