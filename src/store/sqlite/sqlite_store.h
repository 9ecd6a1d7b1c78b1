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
#include "store/sql/remembering_store.h"
#include "store/sqlite/reader_pool.h"
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
  std::span<const sql::Migration> migrations = sql::migrations(sql::Dialect::sqlite);
};

struct OpenError {
  enum class Kind { locked, newer_schema, changed_migration, not_a_store, corrupt, unavailable };
  Kind kind = Kind::unavailable;
  std::string reason;  // one sentence for the operator
  int locked_by = 0;   // process id, for locked
};

class SqliteStore final : public sql::RememberingStore<SqliteStore> {
 public:
  struct Parts;             // store/sqlite/parts.h
  ~SqliteStore() override;  // performs what is queued, empties the log, releases the lock

  bool is_shared() const override { return false; }
  Pending<Instant> store_now() override;
  sql::Memory& memory();
  Instant now() const;
  // Runs at once, on the calling thread.
  template <class Read>
  auto read(Read read) -> Pending<decltype(read(std::declval<sql::Connection&>()))> {
    co_return readers().with(std::move(read));
  }

  WriteStatistics statistics() const override;
  // A consistent copy of the store as it is now, made while it serves; mode 0600. Refuses to
  // replace a file. Blocking; thread-safe.
  Status<Failure> backup_to(const std::string& path);

 protected:
  void submit(Operation operation, std::int64_t deadline_ms, Done done) override;

 private:
  friend Result<std::unique_ptr<SqliteStore>, OpenError> open(const OpenOptions&);
  explicit SqliteStore(std::unique_ptr<Parts> parts);
  ReaderPool& readers();
  std::unique_ptr<Parts> parts_;
};

// Opens the store, making it when it is absent and finishing a restore that was cut short
// (store/sqlite/restore.h). What the options point to must outlive it.
Result<std::unique_ptr<SqliteStore>, OpenError> open(const OpenOptions& options);

// For looking at the schema of a store that is there: `for_trial` as its only holder, so that
// migrations can be tried out; else also while a server has it.
Result<std::unique_ptr<sql::SchemaAccess>, OpenError> open_schema(const std::string& path,
                                                                  bool for_trial);

}  // namespace cardea::store::sqlite
