// The consent step of an interaction: the page, and what its buttons do. P5: buttons action=allow
// and action=deny; action=other leads to the sign-in page. Every approval writes a row (decision
// Q20).
#pragma once

#include "server/authorize/park.h"
#include "server/authorize/visit.h"

namespace cardea {

// The query by which the sign-in page is asked for while consent is the next step.
inline constexpr std::string_view another_account = "account=other";

// visit.step is a consent step.
http::Response consent_page(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                            const Visit& visit);
Task<http::Response> consent_submitted(const Deps& deps, Exchange& exchange,
                                       const OpenInteraction& at, Visit visit, RawParameters form);

// What the form is about besides its interaction: the account it was shown for.
std::string consent_form_about(const Visit& visit);

}  // namespace cardea
