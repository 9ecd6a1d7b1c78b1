// The store on PostgreSQL 15 or later, for any number of nodes. Decisions T1, T2, E7. Everything
// that nodes share is in the database; this holds connections, two queues and a clock.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "store/postgres/link.h"
#include "store/sql/migrate.h"
#include "store/sql/remembering_store.h"
#include "store/store.h"
#include "task/delivery.h"

namespace cardea::store::postgres {

class Reader;
class Writer;

struct OpenOptions {
  LinkOptions link;
  const Clock* clock = nullptr;  // the store's clock in tests; null: the database's
  Random* random = nullptr;      // for the epoch; null: the system's
  Log* log = nullptr;            // null: no log
  std::size_t queue_max = 4096;  // waiting operations, and waiting reads; above: overloaded
  std::size_t batch_max = 256;   // operations in one commit
  std::size_t writers = 2;       // connections for writes
  std::size_t readers = 2;       // and for reads
  // As in store/sqlite/sqlite_store.h.
  Seconds token_retention = hours(25);
  Seconds sweep_hold = hours(1);
  // Expired rows are looked for after so many operations, or so long.
  std::size_t sweep_after = 64;
  std::chrono::milliseconds sweep_interval{1000};
  std::span<const sql::Migration> migrations = sql::migrations(sql::Dialect::postgres);
};

struct OpenError {
  // stops_others: a pending migration would break nodes that may serve meanwhile.
  enum class Kind { newer_schema, changed_migration, stops_others, unavailable };
  Kind kind = Kind::unavailable;
  std::string reason;  // one sentence for the operator; never holds a password
};

class PostgresStore final : public sql::RememberingStore<PostgresStore> {
 public:
  struct Parts;
  ~PostgresStore() override;  // performs what is queued

  bool is_shared() const override { return true; }
  // One question at a time, for all who ask before it is sent; more only while one is slow.
  Pending<Versions> versions() override;
  Pending<std::shared_ptr<const User>> find_user(UserId user_id) override;
  Pending<std::shared_ptr<const GrantView>> find_grant(GrantId grant_id, TokenId token_id) override;
  Pending<std::vector<Counter>> counters(std::vector<CounterDigest> keys) override;
  sql::Memory& memory();
  Instant now() const;
  Pending<Instant> store_now() override;
  template <class Read>
  auto read(Read read) -> Pending<decltype(read(std::declval<sql::Connection&>()))> {
    std::optional<decltype(read(std::declval<sql::Connection&>()))> value;
    Delivery<Status<Failure>> delivery;
    submit_read([&](sql::Connection& connection) { value.emplace(read(connection)); },
                [sink = delivery.sink()](Status<Failure> status) { sink.deliver(status); });
    auto status = co_await delivery;
    if (!status) co_return refuse(std::move(status).error());
    co_return *std::move(value);
  }

  WriteStatistics statistics() const override;

 protected:
  void submit(Operation operation, std::int64_t deadline_ms, Done done) override;

 private:
  friend Result<std::unique_ptr<PostgresStore>, OpenError> open(const OpenOptions&);
  explicit PostgresStore(std::unique_ptr<Parts> parts);
  void submit_read(std::function<void(sql::Connection&)> read,
                   std::move_only_function<void(Status<Failure>)> done);
  Pending<Unit> catch_up();
  struct Question;
  void ask_for_versions();
  void answer_versions(Question& question, const Status<Failure>& status);
  std::unique_ptr<Parts> parts_;
};

// Connects, brings the schema up to date where it may and other nodes can go on meanwhile, and
// gives the store. What the options point to must outlive it.
Result<std::unique_ptr<PostgresStore>, OpenError> open(const OpenOptions& options);

// For looking at the schema while nodes serve. No lock is waited for longer than 300 ms.
Result<std::unique_ptr<sql::SchemaAccess>, OpenError> open_schema(const LinkOptions& options);
// Nodes, and other programs of ours, that are connected to the database now.
Result<int, OpenError> count_nodes(const LinkOptions& options);
// The schema alone, when no other node does the same. How many migrations were applied.
Result<int, OpenError> bring_up_to_date(const LinkOptions& options,
                                        std::span<const sql::Migration> to, sql::Others others);

}  // namespace cardea::store::postgres
