// How a person proves the second factor: the app's code, or a recovery code. Counted and throttled
// for the account, from wherever it comes. Proving uses nothing up: what the proof allows does, in
// one write, and says when another was faster.
#pragma once

#include "domain/second_factor.h"
#include "protocol/totp.h"
#include "server/deps.h"
#include "server/pages/views.h"

namespace cardea {

using TypedCode = Secret<struct TypedCodeTag>;

// Why not, as the page says it: wrong_code, used_code, wait (with how long) or busy.
struct FactorProblem {
  CodeProblem problem = CodeProblem::wrong_code;
  Seconds wait{};
};

// Writes one counter when the code is wrong; a right one clears the counter off the reply.
Task<store::Answer<Result<FactorUse, FactorProblem>>> prove_factor(const Deps& deps,
                                                                   const Exchange& exchange,
                                                                   UserId user_id, TypedCode code);

// The secret of an app as it is kept, and back; nothing when it is not this user's.
std::string seal_factor(const Deps& deps, const UserId& user_id, const totp::SharedSecret& secret);
std::optional<totp::SharedSecret> open_factor(const Seals& seals, const SecondFactor& factor);

// Six digits of what was typed, or nothing: people and apps write "123 456".
std::optional<std::string> app_code(std::string_view typed);

}  // namespace cardea
