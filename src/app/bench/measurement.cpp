// Figures of a run; see measurement.h.
#include "app/bench/measurement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace cardea::app::bench {
namespace {

double per_operation(double total, const LoadResult& load) {
  const auto operations = load.done + load.failed;
  return operations == 0 ? 0 : total / static_cast<double>(operations);
}

// A tenth of a microsecond is more than any of it is exact to.
double rounded(double number) {
  return std::round(number * 10'000) / 10'000;
}

std::string number(const char* form, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), form, value);
  return text.data();
}

json::Array write_errors(const LoadResult& load) {
  json::Array errors;
  for (const auto& [error, count] : load.errors) {
    errors.emplace_back(json::Object{{"error", error}, {"count", count}});
  }
  return errors;
}

json::Object write_processes(const Measurement& of) {
  const auto cpu_us = static_cast<double>(of.after->cpu_us - of.before->cpu_us);
  return {{"processes", of.after->processes},
          {"cpu_us_per_operation", rounded(per_operation(cpu_us, of.load))},
          {"cores", rounded(cpu_us / 1e6 / of.seconds())},
          {"rss_kib", of.after->rss_kib},
          {"pss_kib", of.after->pss_kib}};
}

}  // namespace

double Measurement::seconds() const {
  return static_cast<double>(std::max<std::int64_t>(load.elapsed_ns, 1)) / 1e9;
}

double Measurement::rate() const {
  return static_cast<double>(load.done) / seconds();
}

double Measurement::milliseconds(double share) const {
  return static_cast<double>(load.latencies.percentile(share)) / 1e6;
}

std::optional<double> Measurement::server_cpu_us() const {
  if (!before || !after) return std::nullopt;
  return per_operation(static_cast<double>(after->cpu_us - before->cpu_us), load);
}

json::Object write(const Measurement& of) {
  json::Object out{{"workload", name_of(of.workload)},
                   {"loop", of.offered_rate ? "open" : "closed"},
                   {"operations", of.load.done},
                   {"failed", of.load.failed},
                   {"not_started", of.load.not_started},
                   {"seconds", rounded(of.seconds())},
                   {"rate", rounded(of.rate())},
                   {"latency_ms", json::Object{{"mean", rounded(of.load.latencies.mean_ns() / 1e6)},
                                               {"p50", rounded(of.milliseconds(0.5))},
                                               {"p90", rounded(of.milliseconds(0.9))},
                                               {"p99", rounded(of.milliseconds(0.99))},
                                               {"p999", rounded(of.milliseconds(0.999))},
                                               {"max", rounded(of.milliseconds(1))}}},
                   {"errors", write_errors(of.load)},
                   {"gave_up", of.load.gave_up},
                   {"driver_cpu_us_per_operation",
                    rounded(per_operation(static_cast<double>(of.driver_cpu_us), of.load))}};
  if (of.offered_rate) out.set("offered_rate", rounded(*of.offered_rate));
  if (of.before && of.after) out.set("server", write_processes(of));
  return out;
}

std::string table_heading() {
  return "workload               rate /s     p50 ms     p90 ms     p99 ms   p99.9 ms     failed  "
         "CPU us/op   memory MiB";
}

std::string table_row(const Measurement& of) {
  std::string row(name_of(of.workload));
  row.resize(std::max<std::size_t>(row.size(), 19), ' ');
  row += number("%11.0f", of.rate());
  for (const double share : {0.5, 0.9, 0.99, 0.999}) {
    row += number("%11.3f", of.milliseconds(share));
  }
  row += number("%11.0f", static_cast<double>(of.load.failed));
  const auto cpu = of.server_cpu_us();
  row += cpu ? number("%11.1f", *cpu) : "          -";
  row += cpu ? number("%13.1f", static_cast<double>(of.after->rss_kib) / 1024) : "            -";
  return row;
}

std::string error_lines(const Measurement& of) {
  std::vector<std::pair<std::int64_t, std::string>> errors;
  for (const auto& [error, count] : of.load.errors) errors.emplace_back(count, error);
  std::ranges::sort(errors, std::ranges::greater());
  std::string lines;
  for (const auto& [count, error] : errors) {
    lines += (lines.empty() ? "" : "\n") + std::string("  failed ") + std::to_string(count) +
             " times: " + error;
  }
  if (of.load.not_started > 0) {
    lines += (lines.empty() ? "" : "\n") + std::string("  ") + std::to_string(of.load.not_started) +
             " operations were due and found no free connection until the end";
  }
  return lines;
}

}  // namespace cardea::app::bench
