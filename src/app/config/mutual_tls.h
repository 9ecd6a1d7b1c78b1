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

// What the server lacks for this client to authenticate or to get tokens; nothing when it has all.
std::optional<std::string> mutual_tls_lack(const Config& config, const Client& client);

// Whether the client cannot do without a TLS client certificate.
bool needs_certificate(const Client& client);

}  // namespace cardea::app
