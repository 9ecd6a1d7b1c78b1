// A person at the account pages: the browser, the account whose pages are shown (the browser's
// first session: the newest, or the one chosen here), and the forms' anti-forgery value. Nothing
// here changes anything.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/parameters.h"
#include "server/authorize/objection.h"
#include "server/deps.h"
#include "server/sessions/browser.h"

namespace cardea {

struct AccountVisit {
  Browser browser;  // browser.binding is always set
  enum class Binding { known, fresh } binding = Binding::known;

  bool is_signed_in() const { return !browser.sessions.empty(); }
  const User& user() const { return browser.sessions.front().user; }
  const Session& session() const { return browser.sessions.front().session; }
};

// Gives the browser a binding when it has none yet; keep_binding() sends it.
AccountVisit visit_account(const Deps& deps, Browser browser);
void keep_binding(const Deps& deps, const AccountVisit& visit, http::Response& response);

// The value of the csrf field. It names the session too, so that a page shown for one account
// changes nothing in another.
std::string account_csrf(const Deps& deps, const AccountVisit& visit);
// Nothing when the form's value is right; else a 403 page (6749-26).
std::optional<PageError> check_account_csrf(const Deps& deps, const AccountVisit& visit,
                                            const RawParameters& form);

// Connected apps and sessions, read from the store.
Task<store::Answer<AccountView>> view_account(const Deps& deps, const Exchange& exchange,
                                              const AccountVisit& visit);

}  // namespace cardea
