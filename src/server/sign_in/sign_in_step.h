// The sign-in step of an interaction: the page, and what its buttons do. P5: fields login,
// password; buttons action=sign-in, action=cancel, and in dev account=<login>.
#pragma once

#include "server/authorize/park.h"
#include "server/authorize/visit.h"

namespace cardea {

// `visit.step` says why the page is shown.
http::Response sign_in_page(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                            const Visit& visit);
// Accepted at any time while the interaction is open: whoever proves who they are may go on.
Task<http::Response> sign_in_submitted(const Deps& deps, Exchange& exchange,
                                       const OpenInteraction& at, Visit visit, RawParameters form);

// Dev, --interaction auto: signs in login_hint's account, or the first, without a page. Nothing
// when neither is there, or a second factor is asked for.
Task<store::Answer<bool>> sign_in_automatically(const Deps& deps, Exchange& exchange, Visit& visit);

}  // namespace cardea
