// What the issuer's frame knows of a browser (OIDC Session Management 3.2): a cookie that its
// script reads, whose value changes when somebody signs in or out and when another account comes
// first.
//
// It is "<seed>.<digest over the seed and the session handles>". Who reads it learns no handle and
// gets no access by it; the seed is random, so that no site can compute it for a browser in which
// nobody is signed in. The server needs no memory of it: a value that does not belong to the
// sessions that are alive now is replaced, whatever ended them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/deps.h"
#include "server/exchange.h"
#include "server/sessions/browser.h"

namespace cardea {

// Puts on the exchange the state of a browser with these sessions: the presented one where it is
// still true, else a fresh one. Nothing while sign_in.session_management is off.
void note_sessions(const Deps& deps, Exchange& exchange, const std::vector<SessionHandle>& handles);

// Adds the cookie to the answer, unless the browser has it or nobody looked at its sessions.
void keep_browser_state(const Settings& settings, const Exchange& exchange,
                        http::Response& response);

// session_state of the answer that goes to this address; nothing where nobody looked at the
// browser's sessions, and for an address that no page can be at (a private-use scheme).
std::optional<std::string> session_state_for(const Deps& deps, const Exchange& exchange,
                                             const ClientId& client_id,
                                             std::string_view redirect_uri);

}  // namespace cardea
