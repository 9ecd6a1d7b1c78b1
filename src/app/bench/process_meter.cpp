// Figures of processes; see process_meter.h.
#include "app/bench/process_meter.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

namespace cardea::app::bench {
namespace {

std::string place_of(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

struct Stat {
  pid_t parent = 0;
  std::int64_t ticks = 0;
};

// proc(5): what follows the name, which may hold any character but is closed by the last ')'.
std::optional<Stat> read_stat(pid_t pid) {
  std::ifstream file(place_of(pid, "stat"));
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  Stat stat;
  std::string skipped;
  fields >> skipped >> stat.parent;
  for (int field = 5; field < 14; ++field) fields >> skipped;
  for (int field = 14; field <= 17; ++field) {  // utime, stime, cutime, cstime
    std::int64_t ticks = 0;
    fields >> ticks;
    stat.ticks += ticks;
  }
  if (!fields) return std::nullopt;
  return stat;
}

// The figure of a line "Name:   123 kB"; 0 when the file or the line is not there.
std::int64_t read_kib(pid_t pid, const char* file, std::string_view name) {
  std::ifstream stream(place_of(pid, file));
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name)) continue;
    std::istringstream rest(line.substr(name.size()));
    std::int64_t kib = 0;
    rest >> kib;
    return kib;
  }
  return 0;
}

std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> children;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const auto name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem != std::errc() || end != name.data() + name.size()) continue;
    if (const auto stat = read_stat(pid)) children.emplace(stat->parent, pid);
  }
  return children;
}

}  // namespace

pid_t ProcessMeter::find_missing() const {
  const auto missing =
      std::ranges::find_if(roots_, [](pid_t pid) { return !read_stat(pid).has_value(); });
  return missing == roots_.end() ? 0 : *missing;
}

std::vector<pid_t> ProcessMeter::tree() const {
  const auto children = children_by_parent();
  std::vector<pid_t> all;
  for (auto root : roots_) {
    if (std::ranges::find(all, root) == all.end()) all.push_back(root);
  }
  for (std::size_t at = 0; at < all.size(); ++at) {
    const auto [first, last] = children.equal_range(all[at]);
    for (auto child = first; child != last; ++child) {
      if (std::ranges::find(all, child->second) == all.end()) all.push_back(child->second);
    }
  }
  return all;
}

ProcessFigures ProcessMeter::read_cpu() const {
  ProcessFigures figures;
  const auto ticks_a_second = sysconf(_SC_CLK_TCK);
  for (const auto pid : is_idle() ? std::vector<pid_t>() : tree()) {
    const auto stat = read_stat(pid);
    if (!stat) continue;
    ++figures.processes;
    figures.cpu_us += stat->ticks * 1'000'000 / ticks_a_second;
  }
  return figures;
}

ProcessFigures ProcessMeter::read() const {
  auto figures = read_cpu();
  for (const auto pid : is_idle() ? std::vector<pid_t>() : tree()) {
    figures.rss_kib += read_kib(pid, "status", "VmRSS:");
    figures.pss_kib += read_kib(pid, "smaps_rollup", "Pss:");
  }
  return figures;
}

}  // namespace cardea::app::bench
