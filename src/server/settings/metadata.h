// What this issuer says about itself, built from the settings alone: the Host header has no say
// (RFC 8414 3.3; 9700-17), and nothing is in it that does not work. OIDC Discovery 3, RFC 8414 2.
#pragma once

#include "base/json.h"
#include "server/settings/settings.h"

namespace cardea {

json::Object metadata_of(const Settings& settings);

}  // namespace cardea
