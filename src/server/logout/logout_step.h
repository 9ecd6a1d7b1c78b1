// Carrying a logout out: at once where the request proves itself, else after the person's yes. P5:
// buttons action=sign-out and action=cancel. OIDC RP-Initiated Logout 2.
#pragma once

#include "server/authorize/park.h"
#include "server/logout/logout_request.h"

namespace cardea {

// For GET /logout: ended at once, or parked for the confirmation page.
Task<http::Response> start_logout(const Deps& deps, Exchange& exchange, RawParameters raw,
                                  LogoutRequest request);
// For POST /logout: parked unbound, answered by 303 to its page (decision Q16).
Task<http::Response> start_posted_logout(const Deps& deps, Exchange& exchange, RawParameters raw);

// /interaction/<handle>/logout, shown or submitted.
Task<http::Response> logout_step(const Deps& deps, Exchange& exchange, OpenInteraction at);

// /interaction/<handle>/signed-out: the same for everybody.
http::Response signed_out_page(const Deps& deps, const Exchange& exchange);

}  // namespace cardea
