// Counters behind /metrics; the only file that includes the metrics library.
#include "app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <mutex>
#include <tuple>

namespace cardea::app {
namespace {

// Methods are a closed list: a caller may send any token.
std::string_view method_label(std::string_view method) {
  constexpr std::array<std::string_view, 6> known{"GET", "HEAD",   "POST",
                                                  "PUT", "DELETE", "OPTIONS"};
  return std::ranges::find(known, method) != known.end() ? method : std::string_view("other");
}

// The store counts for itself; its numbers are only written out.
void append_counter(std::string& text, std::string_view name, std::string_view help,
                    std::int64_t count) {
  const auto full = "cardea_store_" + std::string(name) + "_total";
  text.append("# HELP ").append(full).append(" ").append(help).append("\n# TYPE ").append(full);
  text.append(" counter\n").append(full).append(" ").append(std::to_string(count)).append("\n");
}

// T1: harmless, for the store's clock counts; but a machine that is wrong about it needs somebody.
void append_clock(std::string& text, std::int64_t ahead_ms) {
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.3f", static_cast<double>(ahead_ms) / 1000);
  text.append(
          "# HELP cardea_clock_ahead_seconds How far this machine's clock is ahead of the "
          "store's.\n"
          "# TYPE cardea_clock_ahead_seconds gauge\ncardea_clock_ahead_seconds ")
      .append(seconds.data())
      .append("\n");
}

}  // namespace

struct Metrics::Impl {
  // Endpoints and methods are closed lists (server/routes.cpp and method_label), so this stays
  // small. Finding a counter by its labels costs more than all the rest of a small request.
  using Key = std::tuple<std::string, std::string, int>;

  prometheus::Counter& counter_of(const Exchange& exchange, int status) {
    const std::tuple<std::string_view, std::string_view, int> key(
        exchange.endpoint, method_label(exchange.request.method), status);
    const std::lock_guard lock(mutex);
    const auto found = known.find(key);
    if (found != known.end()) return *found->second;
    auto& added = requests.Add(
        {{"endpoint", std::string(exchange.endpoint.empty() ? "none" : exchange.endpoint)},
         {"method", std::string(std::get<1>(key))},
         {"code", std::to_string(status)}});
    known.emplace(key, &added);
    return added;
  }

  std::mutex mutex;
  std::map<Key, prometheus::Counter*, std::less<>> known;
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
  prometheus::Family<prometheus::Counter>& outgoing =
      prometheus::BuildCounter()
          .Name("cardea_outgoing_requests_total")
          .Help("Requests that the server sent, by purpose and outcome.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& build =
      prometheus::BuildCounter().Name("cardea_build_info").Help("Always 1.").Register(registry);
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  impl_->build.Add({{"version", CARDEA_VERSION}}).Increment();
}
Metrics::~Metrics() = default;

void Metrics::finished(const Exchange& exchange, const http::Response& response) {
  impl_->counter_of(exchange, response.status).Increment();
  if (exchange.refusal) {
    impl_->refusals
        .Add({{"endpoint", std::string(exchange.endpoint)},
              {"error", std::string(name_of(exchange.refusal->code))},
              {"rule", std::string(exchange.refusal->rule)}})
        .Increment();
  }
}

void Metrics::fetched(std::string_view purpose, std::string_view outcome) {
  impl_->outgoing.Add({{"purpose", std::string(purpose)}, {"outcome", std::string(outcome)}})
      .Increment();
}

std::string Metrics::exposition(const store::WriteStatistics& store,
                                std::int64_t clock_ahead_ms) const {
  auto text = prometheus::TextSerializer().Serialize(impl_->registry.Collect());
  append_counter(text, "operations", "Writes that were started.", store.operations);
  append_counter(text, "batches", "Groups of writes that were committed together.", store.batches);
  append_counter(text, "commits", "Groups that became durable.", store.commits);
  append_counter(text, "failed_operations", "Writes refused by an error.", store.failed_operations);
  append_counter(text, "failed_batches", "Groups that did not commit.", store.failed_batches);
  append_counter(text, "overloaded", "Writes refused by a full queue.", store.overloaded);
  append_counter(text, "past_deadline", "Writes dropped unstarted.", store.past_deadline);
  append_counter(text, "swept_rows", "Expired rows removed.", store.swept_rows);
  append_counter(text, "recoveries", "Times the store was opened anew.", store.recoveries);
  append_counter(text, "checkpoints", "Times the log was emptied.", store.checkpoints);
  append_clock(text, clock_ahead_ms);
  return text;
}

}  // namespace cardea::app
