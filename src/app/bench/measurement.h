// What one run found, as values: for the table, the JSON object and the curve. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/bench/load.h"
#include "app/bench/process_meter.h"
#include "app/bench/workload.h"
#include "base/json.h"

namespace cardea::app::bench {

struct Measurement {
  Workload workload = Workload::client_credentials;
  std::optional<double> offered_rate;  // operations a second; nothing: closed loop
  LoadResult load;
  std::int64_t driver_cpu_us = 0;
  // Of the processes that were named; nothing when none was.
  std::optional<ProcessFigures> before;
  std::optional<ProcessFigures> after;

  double seconds() const;
  double rate() const;  // operations a second that succeeded
  double milliseconds(double share) const;
  std::optional<double> server_cpu_us() const;  // for an operation, failed ones included
};

// Members: docs/bench.md.
json::Object write(const Measurement& measurement);
// A line of the table, and its heading.
std::string table_heading();
std::string table_row(const Measurement& measurement);
// One line for each kind of error, the most frequent first; "" when there is none.
std::string error_lines(const Measurement& measurement);

}  // namespace cardea::app::bench
