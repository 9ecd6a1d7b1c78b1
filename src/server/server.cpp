// The way of every request through the server; see server.h.
#include "server/server.h"

#include <utility>

#include "base/limits.h"
#include "base/time.h"
#include "domain/identifiers.h"
#include "server/authorize/replies.h"
#include "server/cors.h"
#include "server/json_answer.h"
#include "server/pages/page_headers.h"
#include "server/routes.h"
#include "server/sessions/browser_state.h"

namespace cardea {
namespace {

http::Response plain_answer(int status, std::string text) {
  http::Response response{.status = status, .headers = {}, .body = std::move(text)};
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Content-Security-Policy", inert_policy}};
  return response;
}

// RFC 9110 15.5.6. OPTIONS without being a preflight is answered here too.
http::Response method_refused(const Route& route) {
  auto response = plain_answer(405, "This address answers " + route.allow() + ".\n");
  response.headers.set("Allow", route.allow());
  return response;
}

// The store does not say whether what this node knows still holds.
http::Response unanswered(const Deps& deps, const Route& route, Exchange& exchange,
                          const store::Failure& trouble) {
  return route.is_for_people ? unavailable(deps, exchange, trouble)
                             : store_unavailable(deps, exchange, trouble);
}

// What every answer carries, whoever wrote it.
void finish(const Deps& deps, const Exchange& exchange, http::Response& response) {
  response.headers.set("X-Request-Id", exchange.request_id);
  if (!exchange.dpop_nonce.empty()) response.headers.set("DPoP-Nonce", exchange.dpop_nonce);
  keep_browser_state(deps.settings, exchange, response);
  if (response.status == 503 && !response.headers.contains("Retry-After")) {
    response.headers.set("Retry-After", "1");
  }
  // Never from a loopback issuer: HSTS there would break every other service on that host (P8).
  if (sends_hsts(deps.settings)) response.headers.set("Strict-Transport-Security", hsts_value);
}

// The access log: never the path (handles and links are in it), the query or a body.
void report(const Deps& deps, const Exchange& exchange, const http::Response& response,
            std::int64_t began_ms) {
  const auto rule = exchange.refusal ? exchange.refusal->rule : std::string_view();
  const auto reason = exchange.refusal ? std::string_view(exchange.refusal->reason) : "";
  const auto logged_reason = reason.substr(0, limits::logged_reason_bytes_max);
  deps.log.info("request.finished", {{"request_id", exchange.request_id},
                                     {"method", exchange.request.method},
                                     {"endpoint", exchange.endpoint},
                                     {"status", response.status},
                                     {"client_id", exchange.client_id},
                                     {"address", exchange.request.peer_address},
                                     {"rule", rule},
                                     {"reason", logged_reason},
                                     {"ms", monotonic_ms() - began_ms}});
  deps.observer.finished(exchange, response);
}

// RFC 9110 9.3.2: HEAD is GET whose content is not sent, which the listener sees to. Handlers tell
// POST from everything else, so that none can take HEAD for a form, and a proof of DPoP names the
// method that arrived.
Task<http::Response> answer(const Deps& deps, const Route* route, Exchange& exchange) {
  if (route == nullptr) co_return plain_answer(404, "Not found.\n");
  if (is_preflight(*route, exchange.request)) {
    co_return preflight_answer(*route, exchange.request);
  }
  if (!route->allows(exchange.request.method)) co_return method_refused(*route);
  auto response = co_await route->handler(deps, exchange);
  allow_origins(deps, *route, exchange, response);
  co_return response;
}

}  // namespace

Task<http::Response> Server::handle(http::Request request) const {
  const auto began_ms = monotonic_ms();
  Exchange exchange;
  exchange.request = std::move(request);
  exchange.now = deps_.clock.now();
  exchange.request_id = new_identifier(deps_.random);
  exchange.is_shown = deps_.observer.reads_notes();
  const auto* route = find_route(deps_.settings, exchange.request.path());
  exchange.endpoint = route == nullptr ? "" : route->endpoint;

  std::optional<store::Failure> trouble;
  if (deps_.registry.has_doubts()) co_await deps_.registry.settle_doubts();
  if (deps_.freshness.is_needed() && route != nullptr && !route->is_document) {
    if (const auto fresh = co_await deps_.freshness.ensure(); !fresh) trouble = fresh.error();
  }
  auto response = trouble ? unanswered(deps_, *route, exchange, *trouble)
                          : co_await answer(deps_, route, exchange);
  finish(deps_, exchange, response);
  report(deps_, exchange, response, began_ms);
  co_return response;
}

}  // namespace cardea
