// Prometheus metrics from finished exchanges: counts by endpoint, method and status, token requests
// by result. No label ever holds a client_id, an address or anything a caller chose.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/exchange.h"
#include "store/statistics.h"

namespace cardea::app {

class Metrics final : public Observer {
 public:
  Metrics();
  ~Metrics() override;

  bool reads_notes() const override { return false; }
  void finished(const Exchange& exchange, const http::Response& response) override;
  void fetched(std::string_view purpose, std::string_view outcome) override;
  // The exposition text (version 0.0.4) of /metrics, with what the store has done so far, and how
  // far this machine's clock is ahead of the store's, in milliseconds.
  std::string exposition(const store::WriteStatistics& store, std::int64_t clock_ahead_ms) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cardea::app
