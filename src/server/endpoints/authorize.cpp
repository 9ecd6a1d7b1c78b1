// The authorization endpoint: parse, admit, start. RFC 6749 3.1, OIDC Core 3.1.2.
#include "server/authorize/adopt_client.h"
#include "server/authorize/replies.h"
#include "server/authorize/start.h"
#include "server/endpoints/endpoints.h"

namespace cardea::endpoints {

Task<http::Response> authorize(const Deps& deps, Exchange& exchange) {
  auto raw = read_parameters(exchange);
  if (!raw) co_return page_error(deps, exchange, raw.error());
  if (deps.relaxations.unknown_client()) {
    const auto adopted = co_await adopt_unknown_client(deps, exchange, *raw);
    if (!adopted) co_return unavailable(deps, exchange, adopted.error());
  }
  Judgement judgement = admit(deps, exchange, *raw);
  auto* admitted = std::get_if<Admitted>(&judgement);
  if (!admitted) co_return answer_refused(deps, exchange, judgement);
  if (exchange.request.method == "POST") {
    co_return co_await start_posted(deps, exchange, *std::move(raw));
  }
  co_return co_await start(deps, exchange, *std::move(raw), std::move(*admitted));
}

}  // namespace cardea::endpoints
