// The store on SQLite: one file (write-ahead log, every commit flushed) or in memory. Decisions T2,
// E3, E7. One process holds a store at a time; reads run at once on the calling thread, writes on
// one writer thread with group commit.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "store/sql/migrate.h"
#include "store/sqlite/writer.h"
#include "store/store.h"

namespace cardea::store::sqlite {

struct OpenOptions {
  std::string path;              // "": in memory, gone when the store is closed
  const Clock* clock = nullptr;  // the store's clock (decision T1); null: the system's
  Random* random = nullptr;      // for the epoch; null: the system's
  Log* log = nullptr;            // null: no log
  std::size_t queue_max = 4096;  // waiting operations; above: overloaded
  std::size_t batch_max = 256;   // operations in one commit
  std::size_t readers = 4;       // connections for reads
  // Of the loops that carry requests; null: no commit waits for more. The longest that one waits
  // while all are busy: a flush takes the processor for about a tenth of a millisecond, which is
  // then shared by what arrives in this time.
  Occupancy* occupancy = nullptr;
  std::chrono::milliseconds gather_max{10};
  // The longest lifetime of an access token that the issuer may set, with a margin: grant rows
  // outlive every token issued under them by this (decision Q7).
  Seconds token_retention = hours(25);
  Seconds sweep_hold = hours(1);  // nothing expired is removed for this long after a clock's jump
  std::span<const sql::Migration> migrations = sql::migrations();
};

struct OpenError {
  enum class Kind { locked, newer_schema, changed_migration, not_a_store, corrupt, unavailable };
  Kind kind = Kind::unavailable;
  std::string reason;  // one sentence for the operator
  int locked_by = 0;   // process id, for locked
};

class SqliteStore final : public Store {
 public:
  struct Parts;             // store/sqlite/parts.h
  ~SqliteStore() override;  // performs what is queued, empties the log, releases the lock

  Pending<Meta> meta() override;
  Pending<Instant> store_now() override;
  Pending<std::vector<Client>> clients() override;
  Pending<std::optional<Client>> find_client(ClientId client_id) override;
  Pending<std::vector<UserRecord>> users() override;
  Pending<std::optional<User>> find_user(UserId user_id) override;
  Pending<std::optional<UserRecord>> find_user_by_login(std::string canonical_login) override;
  Pending<std::optional<SessionView>> find_session(SessionDigest handle) override;
  Pending<std::optional<SessionView>> find_session_by_id(SessionId session_id) override;
  Pending<std::vector<SessionRecord>> sessions_of(UserId user_id) override;
  Pending<std::optional<Interaction>> find_interaction(InteractionDigest handle) override;
  Pending<std::optional<Consent>> find_consent(UserId user_id, ClientId client_id) override;
  Pending<std::vector<Consent>> consents_of(UserId user_id) override;
  Pending<std::optional<GrantView>> find_grant(GrantId grant_id, TokenId token_id,
                                               Instant now) override;
  Pending<bool> is_token_marked(TokenId token_id) override;
  Pending<bool> is_spent(OnceDigest digest, Instant now) override;
  Pending<std::optional<RefreshView>> find_refresh(GrantId grant_id, Instant now) override;
  Pending<std::vector<Grant>> grants_of(UserId user_id) override;
  Pending<std::optional<std::string>> find_parked(ParkedId value_id) override;
  Pending<std::optional<PolledRequest>> find_polled_request(GrantId request_id) override;
  Pending<std::optional<PolledRequest>> find_request_of_user_code(UserCodeDigest code) override;
  Pending<std::vector<PolledRequest>> requests_asking(UserId user_id, Instant now) override;
  Pending<std::vector<ServerKey>> server_keys() override;
  Pending<std::vector<WrappedKey>> wrapped_keys() override;
  Pending<std::vector<Counter>> counters(std::vector<CounterDigest> keys) override;
  Pending<std::vector<NoticeLane>> due_notice_lanes(Instant now, int at_most) override;
  Pending<std::vector<ClientNotice>> due_notices(NoticeLane lane, Instant now,
                                                 int at_most) override;
  Pending<std::optional<KeptSecondFactor>> find_second_factor(UserId user_id) override;
  Pending<bool> has_recovery_code(UserId user_id, RecoveryDigest digest) override;
  Pending<bool> is_initial_token_usable(InitialTokenDigest digest, Instant now) override;
  Pending<std::optional<UserId>> find_link(LinkDigest digest, Instant now) override;

  // Thread-safe; for tests of "awaited writes per operation", and for metrics.
  WriteStatistics statistics() const;
  // A consistent copy of the store as it is now, made while it serves; mode 0600. Refuses to
  // replace a file. Blocking; thread-safe.
  Status<Failure> backup_to(const std::string& path);

 protected:
  void submit(Operation operation, std::int64_t deadline_ms, Done done) override;

 private:
  friend Result<std::unique_ptr<SqliteStore>, OpenError> open(const OpenOptions&);
  explicit SqliteStore(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Opens the store, making it when it is absent and finishing a restore that was cut short
// (store/sqlite/restore.h). What the options point to must outlive it.
Result<std::unique_ptr<SqliteStore>, OpenError> open(const OpenOptions& options);

}  // namespace cardea::store::sqlite
