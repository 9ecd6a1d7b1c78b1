// The authorization endpoint: parse, resolve, admit, start. RFC 6749 3.1, OIDC Core 3.1.2.
#include "server/authorize/adopt_client.h"
#include "server/authorize/replies.h"
#include "server/authorize/start.h"
#include "server/endpoints/endpoints.h"
#include "server/registration/prepare_client.h"

namespace cardea::endpoints {
namespace {

// What must be fetched of the client before anything of it is judged. A client_id that is sent
// twice is refused where parameters are read; nobody is asked about it.
Task<std::optional<http::Response>> prepare(const Deps& deps, Exchange& exchange,
                                            const RawParameters& raw) {
  if (raw.repeated("client_id")) co_return std::nullopt;
  const auto refused = co_await prepare_client(deps, exchange, std::string(raw.get("client_id")));
  if (!refused) co_return unavailable(deps, exchange, refused.error());
  if (*refused) co_return page_error(deps, exchange, **refused);
  co_return std::nullopt;
}

}  // namespace

Task<http::Response> authorize(const Deps& deps, Exchange& exchange) {
  auto raw = read_parameters(exchange);
  if (!raw) co_return page_error(deps, exchange, raw.error());
  if (needs_preparing(deps, raw->get("client_id"))) {
    if (auto refused = co_await prepare(deps, exchange, *raw)) co_return *std::move(refused);
  }
  auto taken = co_await take_request(deps, exchange, *std::move(raw));
  if (!taken) co_return unavailable(deps, exchange, taken.error());
  if (!*taken) co_return page_error(deps, exchange, taken->error());
  AskedRequest asked = **std::move(taken);
  if (deps.relaxations.unknown_client()) {
    const auto adopted = co_await adopt_unknown_client(deps, exchange, asked.parameters);
    if (!adopted) co_return unavailable(deps, exchange, adopted.error());
  }
  Judgement judgement = admit(deps, exchange, asked);
  auto* admitted = std::get_if<Admitted>(&judgement);
  if (!admitted) co_return co_await answer_refused(deps, exchange, std::move(judgement));
  if (exchange.request.method == "POST") {
    co_return co_await start_posted(deps, exchange, std::move(asked));
  }
  co_return co_await start(deps, exchange, std::move(asked), std::move(*admitted));
}

}  // namespace cardea::endpoints
