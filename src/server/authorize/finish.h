// The ends of an interaction: issue, refuse, deny. Each follows one guarded write, so that two tabs
// or a double submit give one code (decision Q6).
#pragma once

#include "server/authorize/park.h"
#include "server/authorize/visit.h"

namespace cardea {

// Answers an issue or refuse step. The interaction, if any, was ended by the caller's write.
Task<http::Response> finish(const Deps& deps, Exchange& exchange, const Visit& visit);

// Ends the interaction, then answers visit.step, which is issue or refuse.
Task<http::Response> end_and_finish(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                                    const Visit& visit);

// What a person pressed.
enum class Denial { cancelled, consent_denied, factor_not_added };
// Ends the interaction and tells the client access_denied (RFC 6749 4.1.2.1), or
// unmet_authentication_requirements where an essential acr needed the factor; or denies what the
// device waits for.
Task<http::Response> finish_with_denial(const Deps& deps, Exchange& exchange,
                                        const OpenInteraction& at, const Visit& visit,
                                        Denial denial);

// The client as pages show it, with the host of the redirect URI, if there is one.
ClientView client_view(const Admitted& admitted);

}  // namespace cardea
