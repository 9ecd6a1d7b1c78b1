// Proving the second factor; see prove_factor.h.
#include "server/second_factor/prove_factor.h"

#include <algorithm>

#include "base/ascii.h"
#include "server/second_factor/recovery_codes.h"

namespace cardea {
namespace {

using Proof = Result<FactorUse, FactorProblem>;

Proof failed_with(CodeProblem problem, Seconds wait = {}) {
  return refuse(FactorProblem{problem, wait});
}

Proof judge_app_code(const Seals& seals, const SecondFactor& factor, std::string_view code,
                     Instant now) {
  const auto secret = open_factor(seals, factor);
  if (!secret) return failed_with(CodeProblem::wrong_code);
  const auto step = totp::find_step(*secret, code, now);
  if (!step) return failed_with(CodeProblem::wrong_code);
  if (*step <= factor.last_used_step) return failed_with(CodeProblem::used_code);
  return FactorUse{.user_id = factor.user_id, .step = *step, .recovery_code = {}};
}

Task<store::Answer<Proof>> judge(const Deps& deps, Instant now, SecondFactor factor,
                                 TypedCode typed) {
  if (const auto code = app_code(typed.reveal())) {
    co_return judge_app_code(deps.seals, factor, *code, now);
  }
  auto digest = digest_of_recovery_code(deps.seals, factor, typed.reveal());
  if (!digest) co_return failed_with(CodeProblem::wrong_code);
  const auto is_there = co_await deps.store.has_recovery_code(factor.user_id, *digest);
  if (!is_there) co_return refuse(is_there.error());
  if (!*is_there) co_return failed_with(CodeProblem::wrong_code);
  co_return Proof(
      FactorUse{.user_id = factor.user_id, .step = 0, .recovery_code = *std::move(digest)});
}

}  // namespace

Task<store::Answer<Proof>> prove_factor(const Deps& deps, const Exchange& exchange, UserId user_id,
                                        TypedCode code) {
  const Attempt attempt{.subject = ThrottleSubject::second_factor,
                        .account = user_id.value(),
                        .address = exchange.request.peer_address};
  // One at a time for the account, so that parallel guesses cannot outrun the counter (H03).
  const auto turn = co_await deps.passwords.gate().enter("second factor\n" + attempt.account);
  if (!turn) co_return failed_with(CodeProblem::busy);
  const auto standing = co_await deps.throttle.check(attempt, exchange.now);
  if (!standing) co_return refuse(standing.error());
  if (standing->wait) co_return failed_with(CodeProblem::wait, *standing->wait);
  auto factor = co_await deps.store.find_second_factor(std::move(user_id));
  if (!factor) co_return refuse(factor.error());
  // Removed meanwhile: what this proof is for will be refused as well.
  if (!*factor) co_return failed_with(CodeProblem::wrong_code);
  auto proof = co_await judge(deps, exchange.now, **std::move(factor), std::move(code));
  if (!proof) co_return refuse(proof.error());
  if (*proof) {
    deps.background.start(deps.throttle.forgive(standing->failures));
  } else if (proof->error().problem == CodeProblem::wrong_code) {
    deps.log.warning("factor.failed", {{"request_id", exchange.request_id},
                                       {"user_id", attempt.account},
                                       {"address", attempt.address}});
    const auto counted = co_await deps.throttle.failed(attempt, exchange.now);
    if (!counted) co_return refuse(counted.error());
  }
  co_return *std::move(proof);
}

// The user's id stands inside, so that no row's secret passes for another's.
std::string seal_factor(const Deps& deps, const UserId& user_id, const totp::SharedSecret& secret) {
  std::string text = user_id.value() + "\n" + std::string(secret.reveal());
  auto sealed = deps.seals.seal(SealPurpose::second_factor, text, deps.random);
  wipe(text);
  return sealed;
}

std::optional<totp::SharedSecret> open_factor(const Seals& seals, const SecondFactor& factor) {
  auto text = seals.open(SealPurpose::second_factor, factor.sealed_secret);
  if (!text) return std::nullopt;
  const std::string mine = factor.user_id.value() + "\n";
  std::optional<totp::SharedSecret> secret;
  if (text->starts_with(mine)) secret.emplace(text->substr(mine.size()));
  wipe(*text);
  return secret;
}

std::optional<std::string> app_code(std::string_view typed) {
  std::string code;
  for (const char c : typed) {
    if (c != ' ') code += c;
  }
  if (code.size() != totp::code_digits || !std::ranges::all_of(code, ascii::is_digit)) {
    return std::nullopt;
  }
  return code;
}

}  // namespace cardea
