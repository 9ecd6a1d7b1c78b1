// How a person proves who they are with a password. Unknown user, wrong password, disabled user:
// one answer, one hash call, one count (security corpus 2.H, asvs-6.3.8). Also used by the account
// page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/deps.h"
#include "server/pages/views.h"

namespace cardea {

struct ProvenUser {
  User user;
  std::optional<PasswordHash> rehashed;  // to be stored with the sign-in
};

// Stores a rehashed password off the reply, where the sign-in itself is not written yet.
void keep_rehashed(const Deps& deps, const ProvenUser& proven);

// Why not, as the page says it: bad_credentials, wait (with how long) or busy.
struct SignInProblem {
  SignInView::Problem problem = SignInView::Problem::bad_credentials;
  Seconds wait{};
};

// login: as typed. Lengths are capped before anything is looked up or hashed. Writes one counter
// when it fails; a success clears the counter off the reply.
Task<store::Answer<Result<ProvenUser, SignInProblem>>> prove_password(const Deps& deps,
                                                                      const Exchange& exchange,
                                                                      std::string login,
                                                                      Password password);

}  // namespace cardea
