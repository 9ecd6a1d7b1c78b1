// Remembering: one interface that every engine implements, checked by one contract suite
// (tests/store).
//
// A write is an operation: a value with a value outcome (decision T3). No caller code runs inside a
// transaction, so the same operations become savepoints in SQLite and array statements elsewhere.
// An outcome is delivered only after its COMMIT is durable (decision T2). A Failure acknowledges
// nothing; the commit may have happened only where T2 says so. Reads see every acknowledged write
// of this process, and unless they say otherwise those of others.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/operations.h"
#include "store/statistics.h"
#include "task/delivery.h"
#include "task/task.h"

namespace cardea::store {

struct Failure {
  enum class Kind { unavailable, overloaded, past_deadline, corrupt };
  Kind kind = Kind::unavailable;
  std::string reason;  // for log and operator; never holds a value that was written
};

template <class T>
using Answer = Result<T, Failure>;
template <class T>
using Pending = Task<Answer<T>>;

// A session with the user it belongs to, as stored together.
struct SessionView {
  Session session;
  User user;
};

// Everything a refresh needs, read in one go.
struct RefreshView {
  RefreshRow row;
  GrantView grant;
};

// A random key of one purpose, wrapped by the root key (decision Q6). Several per purpose while
// rotating.
struct WrappedKey {
  std::string purpose;  // "code", "access_token", "interaction", "csrf", "refresh_mac", ...
  std::string key_id;   // 4 characters, unique
  std::string sealed;
  Instant created_at{};
};

struct Meta {
  std::string epoch;           // 16 raw random bytes (decision Q7)
  std::string root_key_check;  // sealed constant that opens only under the right root key; "" in a
                               // new store
  std::string made_by;         // "serve" or "dev" (decision Q15); "" in a new store
  Instant swept_before{};      // sweep boundary (decision Q7)
  std::int64_t schema_version = 0;
};

// Of what nodes keep copies in memory: a copy read when these numbers were the same, or later, is
// as good as the store.
struct Versions {
  std::int64_t clients = 0;
  std::int64_t keys = 0;  // signing keys; what seals is made once
  // Of what find_grant and find_user read, and of counters; where is_shared(), else 0.
  std::int64_t live_changes = 0;
  std::int64_t failure_changes = 0;
};

struct Counter {
  CounterDigest key;
  std::int64_t count = 0;
  Instant window_start{};
};

class Store {
 public:
  virtual ~Store() = default;

  // Queues the operation and gives its outcome after COMMIT. A caller that goes away does not
  // cancel it. deadline_ms: dropped with past_deadline when it has not started by then
  // (monotonic_ms(); 0: none).
  template <class Op>
  Pending<typename Op::Outcome> perform(Op operation, std::int64_t deadline_ms = 0) {
    using Out = typename Op::Outcome;
    Delivery<Answer<Out>> delivery;
    submit(Operation(std::move(operation)), deadline_ms,
           [sink = delivery.sink()](Answer<AnyOutcome> answer) {
             if (answer) {
               sink.deliver(std::get<Out>(std::move(*answer)));
             } else {
               sink.deliver(refuse(std::move(answer).error()));
             }
           });
    co_return co_await delivery;
  }

  // Whether other processes may write to it. Where not, what this process changes is all there is.
  virtual bool is_shared() const = 0;

  // --- reads: see every write acknowledged before, except that find_grant, find_user and counters
  // may answer what was so when versions() was last answered, and this process has written nothing
  // since. So whoever must not miss what others wrote asks for versions() first ---
  virtual Pending<Meta> meta() = 0;
  virtual Pending<Versions> versions() = 0;
  virtual Pending<Instant> store_now() = 0;  // the store's own clock (decision T1)
  virtual Pending<std::vector<Client>> clients() = 0;
  virtual Pending<std::optional<Client>> find_client(ClientId client_id) = 0;
  // Those whose logins come next in the store's order, at most so many. "" comes before all.
  virtual Pending<std::vector<UserRecord>> users_after(std::string login, std::size_t most) = 0;
  virtual Pending<std::vector<UserRecord>> users_owned_by(Ownership::By owner) = 0;
  // Null when there is none; shared with whoever asks as well.
  virtual Pending<std::shared_ptr<const User>> find_user(UserId user_id) = 0;
  virtual Pending<std::optional<UserRecord>> find_user_by_login(std::string canonical_login) = 0;
  virtual Pending<std::optional<SessionView>> find_session(SessionDigest handle) = 0;
  virtual Pending<std::optional<SessionView>> find_session_by_id(SessionId session_id) = 0;
  virtual Pending<std::vector<SessionRecord>> sessions_of(UserId user_id) = 0;
  virtual Pending<std::optional<Interaction>> find_interaction(InteractionDigest handle) = 0;
  virtual Pending<std::optional<Consent>> find_consent(UserId user_id, ClientId client_id) = 0;
  virtual Pending<std::vector<Consent>> consents_of(UserId user_id) = 0;
  // token_id may be empty. Null when there is none; shared with whoever asks as well.
  virtual Pending<std::shared_ptr<const GrantView>> find_grant(GrantId grant_id,
                                                               TokenId token_id) = 0;
  // Whether a token without a grant (client credentials) carries a mark.
  virtual Pending<bool> is_token_marked(TokenId token_id) = 0;
  // Whether a value that may be used once was used. Only for telling early: what decides is the
  // write.
  virtual Pending<bool> is_spent(OnceDigest digest, Instant now) = 0;
  virtual Pending<std::optional<RefreshView>> find_refresh(GrantId grant_id) = 0;
  virtual Pending<std::vector<Grant>> grants_of(UserId user_id) = 0;
  virtual Pending<std::optional<std::string>> find_parked(ParkedId value_id) = 0;
  virtual Pending<std::optional<PolledRequest>> find_polled_request(GrantId request_id) = 0;
  virtual Pending<std::optional<PolledRequest>> find_request_of_user_code(UserCodeDigest code) = 0;
  // Those that ask this person and can be answered still.
  virtual Pending<std::vector<PolledRequest>> requests_asking(UserId user_id, Instant now) = 0;
  virtual Pending<std::vector<ServerKey>> server_keys() = 0;
  virtual Pending<std::vector<WrappedKey>> wrapped_keys() = 0;
  virtual Pending<std::vector<Counter>> counters(std::vector<CounterDigest> keys) = 0;
  virtual Pending<bool> has_counters() = 0;  // whether any failure is counted
  // Lanes with notices that are due and that nobody has taken, and the oldest of one lane.
  virtual Pending<std::vector<NoticeLane>> due_notice_lanes(Instant now, int at_most) = 0;
  virtual Pending<std::vector<ClientNotice>> due_notices(NoticeLane lane, Instant now,
                                                         int at_most) = 0;
  virtual Pending<std::optional<KeptSecondFactor>> find_second_factor(UserId user_id) = 0;
  // Whether this recovery code of the user's is there and unused.
  virtual Pending<bool> has_recovery_code(UserId user_id, RecoveryDigest digest) = 0;
  // Whether an initial access token has uses left. Only for telling early: what decides is the
  // write.
  virtual Pending<bool> is_initial_token_usable(InitialTokenDigest digest, Instant now) = 0;
  // The user of a link that is there, unused and not expired.
  virtual Pending<std::optional<UserId>> find_link(LinkDigest digest, Instant now) = 0;

  // Thread-safe; for metrics and for tests of "awaited writes per operation".
  virtual WriteStatistics statistics() const = 0;

 protected:
  using Done = std::move_only_function<void(Answer<AnyOutcome>)>;
  // Thread-safe. Calls done exactly once, from any thread.
  virtual void submit(Operation operation, std::int64_t deadline_ms, Done done) = 0;
};

}  // namespace cardea::store
