// The grants of the token endpoint: each turns one kind of proof into tokens. The endpoint runs the
// shared phases (parse, authenticate, duplicates, grant allowed) before and renders after; a grant
// does `exchange` only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/parameters.h"
#include "protocol/token_response.h"
#include "protocol/vocabulary.h"
#include "server/client_auth/authenticate.h"
#include "server/deps.h"
#include "server/exchange.h"
#include "server/json_answer.h"
#include "server/tokens/choose_resources.h"
#include "task/task.h"

namespace cardea {

using Exchanged = Result<TokenResponse, JsonRefusal>;

struct GrantHandler {
  GrantType grant_type = GrantType::authorization_code;
  Task<Exchanged> (*exchange)(const Deps&, Exchange&, const RawParameters&,
                              const AuthenticatedClient&) = nullptr;
};
// Every GrantType has one.
const GrantHandler& handler_of(GrantType grant_type);

namespace grants {

// Refusals that several grants give.
// invalid_grant (RFC 6749 5.2): one public sentence, whatever the reason.
JsonRefusal invalid_grant(std::string_view rule, SpecRef spec, std::string reason,
                          std::string fix = {});
JsonRefusal missing_parameter(std::string_view rule, SpecRef spec, std::string_view description);
// What tokens need is not there (tokens/mint_tokens.h, prepare_minting).
JsonRefusal cannot_mint(OAuthError error);
// What the refresh tokens of a new grant are bound to: for a public client the key that it proved,
// because it has nothing else to prove (RFC 9449 5, RFC 8705 4); a confidential one authenticates.
Confirmation refresh_binding(const Client& client, const Exchange& exchange);
// RFC 8707 2.2: what this token is for, within what was granted (tokens/choose_resources.h).
Result<TokenTarget, JsonRefusal> chosen_target(const Settings& settings, TokenTarget granted,
                                               const RawParameters& parameters);

// RFC 9396 6: the authorization_details of this token, within the granted ones and only of types
// that the client still has.
Result<std::string, JsonRefusal> chosen_details(const Client& client, const std::string& granted,
                                                const RawParameters& parameters);

// RFC 6749 4.1.3, RFC 7636 4.5; decision Q7. One write. Refuses: invalid_request (no code);
// invalid_grant (not ours, expired, other client, redirect_uri or verifier mismatch, person,
// client, session or consent gone since, replayed: which revokes what the first use gave);
// invalid_target; access_denied is not used here: a person who lost entitlement is invalid_grant
// too.
Task<Exchanged> authorization_code(const Deps& deps, Exchange& exchange,
                                   const RawParameters& parameters,
                                   const AuthenticatedClient& caller);

// RFC 6749 6; decision Q8, security corpus 4.4. One write, the last step. Refuses: invalid_request,
// invalid_grant, invalid_scope, invalid_target; 429 past the replays that grace allows.
Task<Exchanged> refresh_token(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                              const AuthenticatedClient& caller);

// RFC 6749 4.4. No write. Refuses: unauthorized_client (a public client), invalid_scope,
// invalid_target.
Task<Exchanged> client_credentials(const Deps& deps, Exchange& exchange,
                                   const RawParameters& parameters,
                                   const AuthenticatedClient& caller);

// RFC 8628 3.4. One write. Refuses: invalid_request (no device_code), and what grants/poll.h says.
Task<Exchanged> device_code(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                            const AuthenticatedClient& caller);

// RFC 7523 2.1. One write, which also remembers the assertion. Refuses: unauthorized_client (a
// public client), invalid_request (no assertion), invalid_grant (issuer not trusted or not for this
// client, any check of the assertion, nobody meant by it, what begin_grant refuses: replayed, ...),
// invalid_scope, invalid_target.
Task<Exchanged> jwt_bearer(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                           const AuthenticatedClient& caller);

// RFC 8693 2. No write. Refuses: unauthorized_client (a public client, no policy); invalid_request
// (a token that is absent, of a type not listed, not ours, dead, or not for this client to
// exchange; a requested type we do not make); invalid_scope, invalid_target; access_denied is not
// used.
Task<Exchanged> token_exchange(const Deps& deps, Exchange& exchange,
                               const RawParameters& parameters, const AuthenticatedClient& caller);

// CIBA Core 10.1. One write. Refuses: invalid_request (no auth_req_id), and what grants/poll.h
// says.
Task<Exchanged> ciba(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                     const AuthenticatedClient& caller);

}  // namespace grants
}  // namespace cardea
