// What the forms of the account page do: one guarded write each, then 303 to the page, so that a
// reload repeats nothing. All are asked for by POST with a checked csrf value.
#pragma once

#include "server/account/account_visit.h"
#include "server/account/password_rules.h"

namespace cardea {

// Withdraws an app's access: its consent and every grant (security corpus 6819-05).
Task<http::Response> withdraw_access(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                     RawParameters form);
// Ends one session of this person, or all but this one (ASVS 7.5.2).
// Allows or denies what a client asks of this person (CIBA Core 8).
Task<http::Response> answer_request(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                    RawParameters form);

Task<http::Response> end_session(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                 RawParameters form);
Task<http::Response> end_other_sessions(const Deps& deps, Exchange& exchange, AccountVisit visit);
// Shows another of the browser's accounts from now on: its handle becomes the first of the cookie.
http::Response switch_account(const Deps& deps, Exchange& exchange, AccountVisit visit,
                              const RawParameters& form);
// Ends this session; the browser's other accounts stay.
Task<http::Response> sign_out(const Deps& deps, Exchange& exchange, AccountVisit visit);

// Needs the current password (ASVS 6.2.3), which is throttled like a sign-in. Other sessions and
// all refresh tokens end (9700-10). Problems are shown on the account page.
Task<http::Response> change_password(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                     RawParameters form);

// The second factor: /account/factor adds one or shows it, the others change it. All ask for what
// was proven before (asvs-7.5.1): the password to add and to remove, a code where there is one.
Task<http::Response> factor_page(const Deps& deps, Exchange& exchange, AccountVisit visit);
Task<http::Response> add_factor(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                RawParameters form);
Task<http::Response> remove_factor(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                   RawParameters form);
Task<http::Response> replace_recovery_codes(const Deps& deps, Exchange& exchange,
                                            AccountVisit visit, RawParameters form);

// The account page's own sign-in.
http::Response account_sign_in_page(const Deps& deps, const Exchange& exchange,
                                    const AccountVisit& visit);
Task<http::Response> account_sign_in(const Deps& deps, Exchange& exchange, AccountVisit visit,
                                     RawParameters form);

}  // namespace cardea
