// What a client's registration needs of the issuer: asked where a client is configured, added by
// the operator, registers itself or comes with a document, so that none is taken that cannot be
// served.
#pragma once

#include <optional>
#include <string>

#include "domain/client.h"
#include "server/settings/settings.h"

namespace cardea {

struct Deps;

// Whether the client cannot do without a TLS client certificate (RFC 8705 2 and 3).
bool needs_certificate(const Client& client);

// What the settings lack for this client to authenticate or to get tokens; nothing when it has all.
std::optional<std::string> lacking_settings(const Settings& settings, const Client& client);

// The same, and the keys that sign and decrypt for it.
std::optional<std::string> lacking_means(const Deps& deps, const Client& client);

}  // namespace cardea
