// Names of workloads; see workload.h.
#include "app/bench/workload.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cardea::app::bench {
namespace {

constexpr std::array<std::pair<Workload, std::string_view>, 7> names{
    {{Workload::client_credentials, "client-credentials"},
     {Workload::refresh, "refresh"},
     {Workload::code, "code"},
     {Workload::introspection, "introspection"},
     {Workload::userinfo, "userinfo"},
     {Workload::discovery, "discovery"},
     {Workload::jwks, "jwks"}}};

}  // namespace

std::string_view name_of(Workload workload) {
  return std::ranges::find(names, workload, &std::pair<Workload, std::string_view>::first)->second;
}

std::optional<Workload> workload_named(std::string_view name) {
  const auto* found =
      std::ranges::find(names, name, &std::pair<Workload, std::string_view>::second);
  return found == names.end() ? std::nullopt : std::optional(found->first);
}

std::vector<std::string> workload_names() {
  std::vector<std::string> out;
  for (const auto& [workload, name] : names) out.emplace_back(name);
  return out;
}

bool needs_client(Workload workload) {
  return workload != Workload::discovery && workload != Workload::jwks;
}

bool needs_person(Workload workload) {
  return workload == Workload::refresh || workload == Workload::code ||
         workload == Workload::userinfo;
}

}  // namespace cardea::app::bench
