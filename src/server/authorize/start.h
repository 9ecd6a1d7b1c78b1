// What happens when an admitted request meets the browser's cookies: answered at once, or parked
// for its first page.
#pragma once

#include "server/authorize/admit.h"
#include "server/sessions/browser.h"

namespace cardea {

// For GET /authorize, and for a posted request that came back. With a live session and a remembered
// approval nothing is written (decision Q6), save that a pushed request was completed.
Task<http::Response> start(const Deps& deps, Exchange& exchange, AskedRequest asked,
                           Admitted admitted);

// For POST /authorize: parked unbound and answered by 303 to its page, because a cross-site POST
// brings no cookies (decision Q16).
Task<http::Response> start_posted(const Deps& deps, Exchange& exchange, AskedRequest asked);

// Answers what admit() did not let pass.
Task<http::Response> answer_refused(const Deps& deps, Exchange& exchange, Judgement judgement);

}  // namespace cardea
