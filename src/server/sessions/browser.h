// The browser behind a request: its cookies, and the sessions they prove (decision Q16). The
// session cookie holds up to limits::accounts_per_browser_max handles, newest first; the binding
// cookie ties interactions to this browser.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "domain/interaction.h"
#include "domain/session.h"
#include "http/cookie.h"
#include "server/deps.h"

namespace cardea {

using SessionHandle =
    Secret<struct SessionHandleTextTag>;  // 256 bits, 43 characters; only its digest is stored
using BindingValue = Secret<struct BindingValueTag>;

struct Browser {
  // Live sessions of enabled users with an unchanged security version, in cookie order.
  std::vector<store::SessionView> sessions;
  std::vector<SessionHandle> handles;   // of `sessions`, same order
  std::optional<BindingValue> binding;  // nothing: no cookie yet
};

// Reads cookies and looks the sessions up; dead ones are left out. Queues coalesced idle touches.
Task<store::Answer<Browser>> identify_browser(const Deps& deps, Exchange& exchange);

// What every cookie of ours begins with: its life and whether it is Secure (decision Q16).
http::SetCookie cookie_of(const Settings& settings, const std::string& name);

// Set-Cookie values.
// The browser has these sessions now, newest first; empty: none, and the cookie is deleted. Notes
// it on the exchange too, so it is called before the answer that tells a client (browser_state.h).
std::string session_cookie(const Deps& deps, Exchange& exchange,
                           const std::vector<SessionHandle>& handles);
std::string binding_cookie(const Settings& settings, const BindingValue& value);
BindingValue new_binding(Random& random);
BindingDigest digest_of(const BindingValue& value);

// The anti-forgery value of a form: MAC over the browser's binding and the form's place ("account",
// or the interaction handle). Same for the life of the binding, so a page opened twice works in
// both tabs.
std::string csrf_value(const Seals& seals, const BindingValue& binding, std::string_view place);
bool csrf_matches(const Seals& seals, const BindingValue& binding, std::string_view place,
                  std::string_view presented);

// A new session for a user who just proved who they are.
struct NewSession {
  SessionRecord session;
  SessionHandle handle;
};
NewSession begin_session(const Deps& deps, const Exchange& exchange, const User& user,
                         Authentication how);

}  // namespace cardea
