// Counting failures per account and per address, in the store, coalesced; never a lock-out weapon:
// what one address does wrong makes that address wait (security corpus 2.H, 6749-10).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "server/seals/seals.h"
#include "server/settings/settings.h"
#include "server/sign_in/recent_failures.h"
#include "store/store.h"

namespace cardea {

// What is being guessed.
enum class ThrottleSubject { password, client_secret, user_code, second_factor };

struct Attempt {
  ThrottleSubject subject = ThrottleSubject::password;
  // Canonical login, client_id or user id; of a user code: who is signed in, or "".
  std::string account;
  std::string address;  // Request::peer_address; IPv6 is counted by its /64
};

// What stands against an attempt.
struct Standing {
  std::optional<Seconds> wait;  // how long it must wait; nothing when it may go on
  // The failures of this account from this address (of a second factor: from everywhere) in the
  // window that runs, to be forgiven by a success. Nothing: there are none.
  std::optional<store::Counter> failures;
};

// What is counted of a request's peer_address: an IPv6 host owns its /64.
std::string counted_address(std::string_view address);

class Throttle {
 public:
  Throttle(store::Store& store, const Seals& seals, const Settings& settings);

  // Looks whether anything is counted; called once, before requests.
  Task<store::Answer<Unit>> begin();
  // False: check() would say that this client may go on, for nobody failed in its name from there
  // lately. Asks no store, which only this process writes to.
  bool may_have_to_wait(std::string_view client_id, std::string_view address);
  // Reads only. A store failure: the failure.
  Task<store::Answer<Standing>> check(Attempt attempt, Instant now);
  // Counts a failure (written before the answer leaves).
  Task<store::Answer<Unit>> failed(Attempt attempt, Instant now);
  // After a success: takes back what check() saw, later failures stay. May be left to run behind
  // the answer. Writes nothing when nobody had failed (the budget of decision Q6).
  Task<Unit> forgive(std::optional<store::Counter> failures);

 private:
  Task<store::Answer<Standing>> check_pair(const Attempt& attempt, int failures_max, Instant now);
  Task<store::Answer<Standing>> check_user_code(const Attempt& attempt, Instant now);

  store::Store& store_;
  const Seals& seals_;
  const Settings& settings_;
  RecentFailures recent_;  // of client_secret
};

}  // namespace cardea
