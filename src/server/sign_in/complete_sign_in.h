// The end of every sign-in: a session for a person who proved all that is asked of them, in one
// write with the interaction's step and with the use of the second factor.
#pragma once

#include <optional>

#include "server/authorize/park.h"
#include "server/authorize/visit.h"

namespace cardea {

struct ProvenSignIn {
  User user;
  Authentication how;
  std::optional<PasswordHash> rehashed;  // to be stored with the sign-in
  std::optional<FactorUse> factor;
};

// What the write will do, and what the answer needs afterwards.
struct SignInPlan {
  store::SignIn operation;
  Browser browser;             // with the new session first
  std::optional<Visit> visit;  // decided as of afterwards; nothing: to the account page
};

// Puts the new session first among the browser's, replacing a former one of the same user, which
// keeps its session id (`sid`), so that what is bound to it lives on; only the handle is new (ASVS
// 7.2.4). Reads only. at: the interaction, whose step is taken; null for the account page's own.
Task<store::Answer<SignInPlan>> plan_sign_in(const Deps& deps, Exchange& exchange,
                                             const OpenInteraction* at, std::optional<Visit> visit,
                                             Browser browser, ProvenSignIn proven);

// Answers a plan whose write happened: on to the next step, to the client, or to the account page.
Task<http::Response> signed_in(const Deps& deps, Exchange& exchange, const OpenInteraction* at,
                               SignInPlan plan);

// Whether the account is asked for a second factor, or must add one, before it gets a session.
Task<store::Answer<bool>> needs_second_factor(const Deps& deps, const User& user,
                                              const Client* client);

}  // namespace cardea
