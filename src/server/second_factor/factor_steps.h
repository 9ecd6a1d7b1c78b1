// The steps of a sign-in between the password and the session: the second factor is asked for, or
// added where one is required and the account has none (asvs-6.3.3). Of an authorization request's
// interaction, or of the account page's own sign-in, which is parked for them. P5: field code;
// buttons action=verify, add-factor, not-now, cancel.
#pragma once

#include "server/authorize/park.h"
#include "server/authorize/visit.h"

namespace cardea {

// Where a step stands. user: whose password was proven here, or whose session adds a factor.
struct FactorStep {
  const OpenInteraction& at;
  User user;
  std::optional<Visit> visit;  // nothing: on the way to the account page
};

// What the forms' anti-forgery value is about: a page shown for one account proves and adds nothing
// for another.
std::string factor_form_about(const User& user);

http::Response second_factor_page(const Deps& deps, const Exchange& exchange,
                                  const FactorStep& step);
// A right code is used up in the write that makes the session. A wrong one counts; after
// factor_failures_max of them, or while the account waits, the password is next (corpus H06).
Task<http::Response> second_factor_submitted(const Deps& deps, Exchange& exchange, FactorStep step,
                                             RawParameters form);

http::Response enrol_factor_page(const Deps& deps, const Exchange& exchange,
                                 const FactorStep& step);
// Answers with the recovery codes, from where the interaction goes on.
Task<http::Response> enrol_factor_submitted(const Deps& deps, Exchange& exchange, FactorStep step,
                                            RawParameters form);

}  // namespace cardea
