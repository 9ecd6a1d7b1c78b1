// argon2id on a small pool of threads with a short queue: a password costs as much as 170 token
// requests, so it never runs on an I/O context, and a flood is shed instead of queued (decision
// E3).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/password_hash.h"
#include "domain/user.h"
#include "server/sign_in/attempt_gate.h"
#include "task/task.h"

namespace cardea {

using Password = Secret<struct PasswordTag>;

enum class PoolRefusal { overloaded };

struct PasswordCheck {
  bool matches = false;
  std::optional<PasswordHash>
      rehashed;  // when the stored hash was made at another cost and the password matches
};

class PasswordPool {
 public:
  PasswordPool(crypto::PasswordCost cost, unsigned threads, std::size_t queue_max);
  ~PasswordPool();

  // One hash call whether or not there is a hash to compare with: an absent user (empty `stored`)
  // is compared with a fixed dummy, so that time and work say nothing (security corpus 2.H).
  Task<Result<PasswordCheck, PoolRefusal>> verify(PasswordHash stored, Password password);
  Task<Result<PasswordHash, PoolRefusal>> hash(Password password);
  // How many argon2id computations were made; tests compare counts.
  std::uint64_t hash_calls() const;
  // Where attempts on one account from one address queue, so that counting them has no race.
  AttemptGate& gate() { return gate_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  AttemptGate gate_;
};

}  // namespace cardea
