// Counters behind /metrics; the only file that includes the metrics library.
#include "app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>

namespace cardea::app {
namespace {

// Methods are a closed list: a caller may send any token.
std::string method_label(const std::string& method) {
  constexpr std::array<std::string_view, 6> known{"GET", "HEAD",   "POST",
                                                  "PUT", "DELETE", "OPTIONS"};
  return std::ranges::find(known, method) != known.end() ? method : "other";
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("cardea_http_requests_total")
          .Help("Finished requests by endpoint, method and status.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& refusals =
      prometheus::BuildCounter()
          .Name("cardea_refusals_total")
          .Help("Refused protocol requests by endpoint, error and rule.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& build =
      prometheus::BuildCounter().Name("cardea_build_info").Help("Always 1.").Register(registry);
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  impl_->build.Add({{"version", CARDEA_VERSION}}).Increment();
}
Metrics::~Metrics() = default;

void Metrics::finished(const Exchange& exchange, const http::Response& response) {
  impl_->requests
      .Add({{"endpoint", exchange.endpoint.empty() ? "none" : exchange.endpoint},
            {"method", method_label(exchange.request.method)},
            {"code", std::to_string(response.status)}})
      .Increment();
  if (exchange.refusal) {
    impl_->refusals
        .Add({{"endpoint", exchange.endpoint},
              {"error", std::string(name_of(exchange.refusal->code))},
              {"rule", std::string(exchange.refusal->rule)}})
        .Increment();
  }
}

std::string Metrics::exposition() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace cardea::app
