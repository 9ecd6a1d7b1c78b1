// Brings a database to this program's schema: forward only, each migration in a transaction of its
// own with its checksum recorded. A database that is newer, or whose applied migrations are not
// ours, is refused rather than guessed at.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/sql/connection.h"

namespace cardea::store::sql {

// One file of migrations/: 0001_store.sql is {1, "store", its text}.
struct Migration {
  std::int64_t version = 0;
  std::string_view name;
  std::string_view script;
};
// What this program was built with, in order. Made from migrations/ by cmake/migrations.cmake.
std::span<const Migration> migrations();

struct MigrationRefusal {
  enum class Kind { newer, changed, failed };
  Kind kind = Kind::failed;
  std::string reason;
};

// The versions applied now: none when all were there.
Result<int, MigrationRefusal> migrate(Connection& sql, std::span<const Migration> to, Instant now);

}  // namespace cardea::store::sql
