// The page where a person types the code of a device (RFC 8628 3.3), and what it leads to: an
// interaction like any other, with sign-in and a consent page that is always shown. The address
// with the code in it (3.3.1) fills the field and nothing else.
#include "server/authorize/replies.h"
#include "server/authorize/start.h"
#include "server/device/admit_device.h"
#include "server/device/answer_device.h"
#include "server/device/user_code.h"
#include "server/endpoints/endpoints.h"
#include "server/sessions/browser.h"

namespace cardea::endpoints {
namespace {

constexpr std::string_view csrf_place = "device";

struct Refused {
  DeviceView::Problem problem = DeviceView::Problem::none;
  Seconds wait{};
};

http::Response page(const Deps& deps, const Exchange& exchange, const BindingValue& binding,
                    std::string_view typed, Refused refused) {
  const auto code = read_user_code(typed);
  return deps.pages.device(frame_of(exchange, {}),
                           {.action = deps.settings.issuer_path + "/device",
                            .csrf = csrf_value(deps.seals, binding, csrf_place),
                            .user_code = code ? shown_user_code(*code) : std::string(),
                            .problem = refused.problem,
                            .wait = refused.wait});
}

PageError forged() {
  return {{ErrorCode::invalid_request, "CARDEA-DEVICE-002", rfc6749("10.12"),
           "The form was not sent from our page. Go back and try again.",
           "the csrf field is absent or not of this browser"},
          "Reload the page and send it again.",
          403};
}

http::Response no_such_page(const Deps& deps, Exchange& exchange) {
  return page_error(deps, exchange,
                    {{ErrorCode::invalid_request, "CARDEA-DEVICE-003", rfc8628("3.3"),
                      "There is no such page.", "an unknown address below /device"},
                     "Go to /device.",
                     404});
}

Attempt attempt_of(const Exchange& exchange, const Browser& browser) {
  return {.subject = ThrottleSubject::user_code,
          .account = browser.sessions.empty() ? "" : browser.sessions.front().user.login,
          .address = exchange.request.peer_address};
}

using Found = Result<PolledRequest, Refused>;

// RFC 8628 5.1: wrong codes are counted before the answer leaves, one at a time for each address.
Task<store::Answer<Found>> find_request(const Deps& deps, const Exchange& exchange,
                                        const Browser& browser, std::string code) {
  using Problem = DeviceView::Problem;
  const auto attempt = attempt_of(exchange, browser);
  const auto turn = co_await deps.passwords.gate().enter("user_code\n" + attempt.address);
  if (!turn) co_return Found(refuse(Refused{Problem::busy, {}}));
  const auto standing = co_await deps.throttle.check(attempt, exchange.now);
  if (!standing) co_return refuse(standing.error());
  if (standing->wait) co_return Found(refuse(Refused{Problem::wait, *standing->wait}));
  auto found = co_await deps.store.find_request_of_user_code(digest_of_user_code(deps.seals, code));
  if (!found) co_return refuse(found.error());
  if (*found && is_answerable(**found, exchange.now)) co_return Found(**std::move(found));
  // A code that was a device's once is no guess.
  if (!*found) {
    const auto counted = co_await deps.throttle.failed(attempt, exchange.now);
    if (!counted) co_return refuse(counted.error());
  }
  co_return Found(refuse(Refused{Problem::unknown, {}}));
}

Task<http::Response> submit(const Deps& deps, Exchange& exchange, Browser browser) {
  const auto form = read_parameters(exchange);
  if (!form) co_return page_error(deps, exchange, form.error());
  if (form->repeated("csrf") ||
      !csrf_matches(deps.seals, *browser.binding, csrf_place, form->get("csrf"))) {
    co_return page_error(deps, exchange, forged());
  }
  const std::string typed(form->get("user_code"));
  const auto code = read_user_code(typed);
  if (!code) {
    co_return page(deps, exchange, *browser.binding, typed, {DeviceView::Problem::unknown, {}});
  }
  auto found = co_await find_request(deps, exchange, browser, *code);
  if (!found) co_return unavailable(deps, exchange, found.error());
  if (!*found) {
    exchange.warn("CARDEA-DEVICE-005", rfc8628("5.1"), "no open request has this user_code",
                  "Type the code that the device shows now.");
    co_return page(deps, exchange, *browser.binding, typed, found->error());
  }
  auto parameters = device_parameters(found->value().request_id, *code);
  auto judged = co_await admit_device(deps, exchange, parameters);
  if (!judged) co_return unavailable(deps, exchange, judged.error());
  auto* admitted = std::get_if<Admitted>(&*judged);
  if (!admitted) co_return co_await answer_refused(deps, exchange, *std::move(judged));
  AskedRequest asked{.parameters = std::move(parameters), .completes = std::nullopt};
  co_return co_await start(deps, exchange, std::move(asked), std::move(*admitted));
}

}  // namespace

Task<http::Response> device(const Deps& deps, Exchange& exchange) {
  const auto path = exchange.request.path().substr(deps.settings.issuer_path.size());
  if (path == device_approved_path || path == device_denied_path) {
    co_return deps.pages.device_done(frame_of(exchange, {}),
                                     {.approved = path == device_approved_path});
  }
  if (path != "/device") co_return no_such_page(deps, exchange);
  auto browser = co_await identify_browser(deps, exchange);
  if (!browser) co_return unavailable(deps, exchange, browser.error());
  const bool is_new = !browser->binding.has_value();
  if (exchange.request.method == "POST" && is_new) co_return page_error(deps, exchange, forged());
  if (exchange.request.method == "POST") {
    co_return co_await submit(deps, exchange, *std::move(browser));
  }
  if (is_new) browser->binding = new_binding(deps.random);
  const auto query = read_parameters(exchange);
  if (!query) co_return page_error(deps, exchange, query.error());
  auto response = page(deps, exchange, *browser->binding, query->get("user_code"), {});
  if (is_new) {
    response.headers.add("Set-Cookie", binding_cookie(deps.settings, *browser->binding));
  }
  co_return response;
}

}  // namespace cardea::endpoints
