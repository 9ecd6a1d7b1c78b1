// Whose key it is: the DPoP proof of a request (RFC 9449 4.3), checked the same way wherever one
// may come (token and PAR endpoint, userinfo), or the certificate of its connection (RFC 8705 3).
// What was proven stands on the exchange.
#pragma once

#include <optional>
#include <string_view>

#include "server/deps.h"
#include "server/exchange.h"
#include "server/json_answer.h"
#include "task/task.h"

namespace cardea {

// Sets exchange.confirmation where there is a DPoP header; a request without one passes unproven.
// client: who sends it, or for whom the access token is; outlives the task. Its profile narrows the
// algorithms (FAPI 2.0 Security Profile 5.4.1).
// access_token: the one that comes with it, which the proof must name; nothing where none does.
// Refuses: invalid_dpop_proof (several headers, a malformed, foreign, old or used proof);
// use_dpop_nonce with a DPoP-Nonce header, where one is required and the proof has none that is
// fresh; temporarily_unavailable. Writes one for an accepted proof: the same is refused afterwards,
// on every node. Nothing is read or spent of the request itself.
Task<std::optional<JsonRefusal>> prove_possession(
    const Deps& deps, Exchange& exchange, const Client& client,
    std::optional<std::string_view> access_token = {});

// What the connection proves by its certificate; binds nothing where there is none. The handshake
// has seen the key, so nothing has to be checked (RFC 8705 3).
Confirmation certificate_confirmation(const http::Request& request);

// After prove_possession, at the token endpoint: settles what the client's tokens are bound to.
// Sets exchange.confirmation to the certificate for a client that registered for it (RFC 8705 3.4).
// Refuses: invalid_dpop_proof (RFC 9449 5.2: the client's tokens must be bound to a key, and there
// is no proof); invalid_request (they must be bound to a certificate, and there is none, or a proof
// besides).
std::optional<JsonRefusal> settle_binding(const Client& client, Exchange& exchange);

}  // namespace cardea
