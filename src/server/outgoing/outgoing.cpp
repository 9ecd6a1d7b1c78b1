// Asking, then telling; see outgoing.h.
#include "server/outgoing/outgoing.h"

#include "base/limits.h"
#include "base/url.h"
#include "task/delivery.h"

namespace cardea {

Task<http::TransportResult> Outgoing::fetch(http::Fetch fetch) {
  const auto began_ms = monotonic_ms();
  const auto purpose = fetch.purpose;
  const auto parts = url::parse(fetch.request.url);
  const std::string host = parts ? parts->host : "";
  Delivery<http::TransportResult> delivery;
  fetcher_.submit(std::move(fetch), [sink = delivery.sink()](http::TransportResult result) {
    sink.deliver(std::move(result));
  });
  auto result = co_await delivery;
  const auto outcome = result ? std::string_view("answered") : http::name_of(result.error().kind);
  const std::string_view reason = result ? "" : std::string_view(result.error().reason);
  log_.info("outgoing.finished", {{"purpose", http::name_of(purpose)},
                                  {"host", host},
                                  {"outcome", outcome},
                                  {"status", result ? result->status : 0},
                                  {"reason", reason.substr(0, limits::logged_reason_bytes_max)},
                                  {"ms", monotonic_ms() - began_ms}});
  observer_.fetched(http::name_of(purpose), outcome);
  co_return result;
}

}  // namespace cardea
