// Rules across settings about client certificates (RFC 8705): a certificate comes in by a listener
// of ours or by a proxy's header, or not at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/config/list_members.h"

namespace cardea::app {

// member: the key of the setting at fault.
std::vector<MemberProblem> mutual_tls_problems(const Config& config);

}  // namespace cardea::app
