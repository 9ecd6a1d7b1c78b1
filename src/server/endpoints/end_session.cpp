// The logout endpoint. OIDC RP-Initiated Logout 2.
#include "server/authorize/replies.h"
#include "server/endpoints/endpoints.h"
#include "server/logout/logout_step.h"

namespace cardea::endpoints {

Task<http::Response> end_session(const Deps& deps, Exchange& exchange) {
  auto raw = read_parameters(exchange);
  if (!raw) co_return page_error(deps, exchange, raw.error());
  auto request = judge_logout(deps, exchange, *raw);
  if (!request) co_return page_error(deps, exchange, request.error());
  if (request->client) exchange.client_id = request->client->client_id.value();
  if (exchange.request.method == "POST") {
    co_return co_await start_posted_logout(deps, exchange, *std::move(raw));
  }
  co_return co_await start_logout(deps, exchange, *std::move(raw), *std::move(request));
}

}  // namespace cardea::endpoints
