// Starting an authorization request; see start.h.
#include "server/authorize/start.h"

#include "server/authorize/finish.h"
#include "server/authorize/park.h"
#include "server/authorize/replies.h"
#include "server/authorize/visit.h"
#include "server/sign_in/sign_in_step.h"

namespace cardea {
namespace {

Task<http::Response> park_for_page(const Deps& deps, Exchange& exchange, RawParameters raw,
                                   const Visit& visit) {
  const bool is_new = !visit.browser.binding.has_value();
  const BindingValue binding = is_new ? new_binding(deps.random) : *visit.browser.binding;
  const auto parked =
      co_await park(deps, exchange,
                    {.kind = Interaction::Kind::authorize, .parameters = raw, .binding = binding});
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

}  // namespace

Task<http::Response> start(const Deps& deps, Exchange& exchange, RawParameters raw,
                           Admitted admitted) {
  auto browser = co_await identify_browser(deps, exchange);
  if (!browser) co_return unavailable(deps, exchange, browser.error());
  Visit visit{.admitted = std::move(admitted), .browser = *std::move(browser)};
  auto decided = co_await decide(deps, exchange, visit);
  if (!decided) co_return unavailable(deps, exchange, decided.error());
  bool signed_in = false;
  if (visit.step.kind == NextStep::Kind::login && is_automatic(deps.settings)) {
    const auto done = co_await sign_in_automatically(deps, exchange, visit);
    if (!done) co_return unavailable(deps, exchange, done.error());
    signed_in = *done;
    if (signed_in) decided = co_await decide(deps, exchange, visit);
    if (!decided) co_return unavailable(deps, exchange, decided.error());
  }
  auto response = is_over(visit.step)
                      ? co_await finish(deps, exchange, visit)
                      : co_await park_for_page(deps, exchange, std::move(raw), visit);
  if (signed_in) {
    response.headers.add("Set-Cookie", session_cookie(deps.settings, visit.browser.handles));
  }
  co_return response;
}

Task<http::Response> start_posted(const Deps& deps, Exchange& exchange, RawParameters raw) {
  const auto parked = co_await park(
      deps, exchange, {.kind = Interaction::Kind::authorize, .parameters = raw, .binding = {}});
  if (!parked) co_return unavailable(deps, exchange, parked.error());
  if (!*parked) co_return page_error(deps, exchange, parked->error());
  co_return go_to(deps.settings, step_path(**parked, "resume"));
}

http::Response answer_refused(const Deps& deps, Exchange& exchange, const Judgement& judgement) {
  if (const auto* rejected = std::get_if<Rejected>(&judgement)) {
    return reply_refusal(deps, exchange, rejected->target, rejected->objection);
  }
  return page_error(deps, exchange, std::get<PageError>(judgement));
}

}  // namespace cardea
