// Proving a password; see prove_password.h.
#include "server/sign_in/prove_password.h"

#include "base/limits.h"

namespace cardea {
namespace {

using Proof = Result<ProvenUser, SignInProblem>;
using Problem = SignInView::Problem;

Proof failed_with(Problem problem, Seconds wait = {}) {
  return refuse(SignInProblem{problem, wait});
}

// Counts the failure before the answer leaves, so that guesses cannot outrun it.
Task<store::Answer<Proof>> count_failure(const Deps& deps, const Exchange& exchange,
                                         Attempt attempt) {
  deps.log.warning("login.failed", {{"request_id", exchange.request_id},
                                    {"address", exchange.request.peer_address}});
  const auto counted = co_await deps.throttle.failed(std::move(attempt), exchange.now);
  if (!counted) co_return refuse(counted.error());
  co_return failed_with(Problem::bad_credentials);
}

Task<Unit> store_rehashed(store::Store& store, store::KeepRehashed operation) {
  // One that is lost is made anew at the next sign-in.
  [[maybe_unused]] const auto outcome = co_await store.perform(std::move(operation));
  co_return Unit{};
}

Task<store::Answer<std::optional<UserRecord>>> find_person(const Deps& deps,
                                                           std::optional<std::string> login) {
  if (!login) co_return std::optional<UserRecord>();
  co_return co_await deps.store.find_user_by_login(*std::move(login));
}

}  // namespace

Task<store::Answer<Proof>> prove_password(const Deps& deps, const Exchange& exchange,
                                          std::string login, Password password) {
  const auto canonical = canonical_login(login);
  const Attempt attempt{.subject = ThrottleSubject::password,
                        .account = canonical.value_or(""),
                        .address = exchange.request.peer_address};
  const auto turn = co_await deps.passwords.gate().enter(attempt.account + '\n' + attempt.address);
  if (!turn) co_return failed_with(Problem::busy);
  const auto standing = co_await deps.throttle.check(attempt, exchange.now);
  if (!standing) co_return refuse(standing.error());
  if (standing->wait) co_return failed_with(Problem::wait, *standing->wait);
  // argon2id reads all of it: what is too long is nobody's password (J09).
  if (password.reveal().size() > limits::password_bytes_max) {
    co_return co_await count_failure(deps, exchange, attempt);
  }
  auto person = co_await find_person(deps, canonical);
  if (!person) co_return refuse(person.error());
  auto check = co_await deps.passwords.verify(*person ? (*person)->password_hash : PasswordHash(),
                                              std::move(password));
  if (!check) co_return failed_with(Problem::busy);
  if (!check->matches || !(*person)->enabled) {
    co_return co_await count_failure(deps, exchange, attempt);
  }
  deps.background.start(deps.throttle.forgive(standing->failures));
  co_return Proof(ProvenUser{static_cast<User&&>(**person), std::move(check->rehashed)});
}

void keep_rehashed(const Deps& deps, const ProvenUser& proven) {
  if (!proven.rehashed) return;
  deps.background.start(store_rehashed(
      deps.store, {proven.user.user_id, proven.user.security_version, *proven.rehashed}));
}

}  // namespace cardea
