// One function per endpoint: parse, call, render; the rules live in authorize, grants, client_auth
// and tokens. The exchange outlives the task. Paths are decision P4; server/routes.cpp holds the
// table.
#pragma once

#include "http/message.h"
#include "server/deps.h"
#include "server/exchange.h"
#include "task/task.h"

namespace cardea::endpoints {

// Protocol endpoints, for clients.
Task<http::Response> discovery(const Deps& deps,
                               Exchange& exchange);                // OIDC Discovery 4, RFC 8414 3
Task<http::Response> jwks(const Deps& deps, Exchange& exchange);   // RFC 7517 5
Task<http::Response> token(const Deps& deps, Exchange& exchange);  // RFC 6749 3.2
Task<http::Response> pushed_authorization(const Deps& deps, Exchange& exchange);  // RFC 9126 2
Task<http::Response> userinfo(const Deps& deps, Exchange& exchange);              // OIDC Core 5.3
Task<http::Response> introspection(const Deps& deps, Exchange& exchange);         // RFC 7662
Task<http::Response> revocation(const Deps& deps, Exchange& exchange);            // RFC 7009
Task<http::Response> registration(const Deps& deps, Exchange& exchange);          // RFC 7591 3
Task<http::Response> client_configuration(const Deps& deps, Exchange& exchange);  // RFC 7592 2

Task<http::Response> device_authorization(const Deps& deps, Exchange& exchange);  // RFC 8628 3.1
Task<http::Response> backchannel_authentication(const Deps& deps,
                                                Exchange& exchange);  // CIBA Core 7

// Browser endpoints, for people.
Task<http::Response> authorize(const Deps& deps, Exchange& exchange);  // RFC 6749 3.1
Task<http::Response> interaction(const Deps& deps,
                                 Exchange& exchange);  // /interaction/<handle>/<step>
Task<http::Response> end_session(const Deps& deps,
                                 Exchange& exchange);  // OIDC RP-Initiated Logout 2
Task<http::Response> check_session(const Deps& deps,
                                   Exchange& exchange);              // OIDC Session Management 3.2
Task<http::Response> account(const Deps& deps, Exchange& exchange);  // /account and below
Task<http::Response> password_link(const Deps& deps, Exchange& exchange);  // /link/<token>
Task<http::Response> device(const Deps& deps, Exchange& exchange);         // /device, RFC 8628 3.3
Task<http::Response> assets(const Deps& deps, Exchange& exchange);         // /assets/<file>

}  // namespace cardea::endpoints
