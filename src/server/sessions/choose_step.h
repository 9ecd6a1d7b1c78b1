// The account chooser of an interaction: the page, and what its buttons do. P5: button
// session=<session id>, and action=other for another account.
#pragma once

#include "server/authorize/park.h"
#include "server/authorize/visit.h"

namespace cardea {

http::Response choose_page(const Deps& deps, const Exchange& exchange, const OpenInteraction& at,
                           const Visit& visit);
// Only a session of this browser can be chosen. The interaction stays open; the next address is
// decided anew.
Task<http::Response> account_chosen(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                                    Visit visit, RawParameters form);

}  // namespace cardea
