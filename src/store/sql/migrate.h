// Brings a database to this program's schema: forward only, each migration in a transaction of its
// own with its checksum recorded. A database whose applied migrations are not ours is refused
// rather than guessed at; one that is newer is used only where its last migration says that it
// serves programs as old as this one.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/sql/connection.h"

namespace cardea::store::sql {

// What a script may say. Statements of operations and reads are the same everywhere.
enum class Dialect { sqlite, postgres };

// One file of migrations/: 0001_store.sql is {1, "store", its text}. On PostgreSQL what stands in
// 0001_store.postgres.sql belongs to it.
struct Migration {
  std::int64_t version = 0;
  std::string_view name;
  std::string_view script;
};
// What this program was built with, in order. Made from migrations/ by cmake/migrations.cmake.
std::span<const Migration> migrations(Dialect dialect);

// The oldest version that a program may know and still work on the schema that this migration
// leaves: what the script says in a line "-- Serves programs from N on.", else its own.
std::int64_t serves_from(const Migration& migration);
// Tables that were there before and whose rows it reads or writes one by one: it takes the longer
// the more there are, and holds them from others meanwhile.
std::vector<std::string> tables_gone_through(const Migration& migration);

struct MigrationRefusal {
  // stops_others: it would break nodes that serve meanwhile. busy: others held what it has to lock.
  enum class Kind { newer, changed, stops_others, busy, failed };
  Kind kind = Kind::failed;
  std::string reason;
};

// Whether programs that know only the schema as it is may be at work on it meanwhile.
enum class Others { may_serve, are_stopped };

// The versions applied now: none when all were there, or more.
Result<int, MigrationRefusal> migrate(Connection& sql, std::span<const Migration> to, Instant now,
                                      Others others);

struct SchemaStatus {
  std::int64_t version = 0;        // 0: no schema yet
  std::vector<Migration> pending;  // in order
  std::int64_t serves_from = 0;    // of the schema as it is
};
// Changes nothing. Refuses as migrate() would, also a schema that serves newer programs only.
Result<SchemaStatus, MigrationRefusal> read_schema(Connection& sql,
                                                   std::span<const Migration> ours);

// Applies what is pending in one transaction, and takes it back. How long that took.
Result<std::chrono::milliseconds, MigrationRefusal> try_out(Connection& sql,
                                                            const SchemaStatus& status);

// How many rows a table has, and how long it took to count them.
struct TableSize {
  std::int64_t rows = 0;
  std::chrono::milliseconds counted_in{};
};
TableSize size_of(Connection& sql, const std::string& table);

// A connection for the schema alone, and what keeps others from changing that meanwhile.
class SchemaAccess {
 public:
  virtual ~SchemaAccess() = default;
  virtual Connection& sql() = 0;
};

}  // namespace cardea::store::sql
