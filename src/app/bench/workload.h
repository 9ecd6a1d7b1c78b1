// The workloads of `cardea bench` by name, and what each needs before it can run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::app::bench {

enum class Workload { client_credentials, refresh, code, introspection, userinfo, discovery, jwks };

std::string_view name_of(Workload workload);  // as on the command line: "client-credentials"
std::optional<Workload> workload_named(std::string_view name);
std::vector<std::string> workload_names();

bool needs_client(Workload workload);  // all but the documents
bool needs_person(Workload workload);  // somebody must have signed in

}  // namespace cardea::app::bench
