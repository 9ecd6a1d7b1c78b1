// Applying migrations; see migrate.h.
#include "store/sql/migrate.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>

#include "crypto/hash.h"
#include "store/sql/statements.h"

namespace cardea::store::sql {
namespace {

constexpr Statement read_migrations{
    "SELECT version, name, checksum FROM schema_migrations ORDER BY version"};
constexpr Statement insert_migration{
    "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)"};

// SQL that both engines run; the table that tells which migrations are applied.
constexpr std::string_view bookkeeping =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL, checksum BYTEA NOT NULL, applied_at BIGINT NOT NULL)";

// From this migration on a row says which programs the schema serves.
constexpr std::int64_t first_that_says = 12;
constexpr Statement insert_saying_migration{
    "INSERT INTO schema_migrations (version, name, checksum, applied_at, serves_from)"
    " VALUES ($1, $2, $3, $4, $5)"};
constexpr Statement read_serves_from{
    "SELECT serves_from FROM schema_migrations ORDER BY version DESC LIMIT 1"};

struct Applied {
  std::int64_t version = 0;
  std::string name;
  std::string checksum;
};

MigrationRefusal failed(const Connection& sql, std::string what) {
  const bool is_busy = sql.failure() && sql.failure()->kind == SqlFailure::Kind::busy;
  return {is_busy ? MigrationRefusal::Kind::busy : MigrationRefusal::Kind::failed,
          std::move(what) + ": " + (sql.failure() ? sql.failure()->reason : "unknown")};
}

std::string label(std::int64_t version, std::string_view name) {
  return std::to_string(version) + " (" + std::string(name) + ")";
}
std::string label(const Migration& migration) {
  return label(migration.version, migration.name);
}

std::vector<Applied> read_applied(Connection& sql) {
  return sql.all(read_migrations, {},
                 [](const Row& row) { return Applied{row.integer(0), row.text(1), row.text(2)}; });
}

// Applied migrations must be the first of ours, unchanged, or all of ours and then others.
std::optional<MigrationRefusal> check(const std::vector<Applied>& applied,
                                      std::span<const Migration> ours) {
  using enum MigrationRefusal::Kind;
  for (std::size_t i = 0; i < std::min(applied.size(), ours.size()); ++i) {
    if (applied[i].version != ours[i].version ||
        applied[i].checksum != crypto::sha256(ours[i].script)) {
      return MigrationRefusal{changed, "schema migration " +
                                           label(applied[i].version, applied[i].name) +
                                           " of the store is not the one this program knows"};
    }
  }
  return std::nullopt;
}

// The oldest program that the newest of the applied migrations serves.
std::int64_t serves_from_of(Connection& sql, const std::vector<Applied>& applied) {
  if (applied.empty()) return 0;
  const auto newest = applied.back().version;
  if (newest < first_that_says) return newest;
  return sql.first(read_serves_from, {}, [](const Row& row) { return row.integer(0); })
      .value_or(newest);
}

// Whether a program that knows `ours` may work on it.
std::optional<MigrationRefusal> check_newer(Connection& sql, const std::vector<Applied>& applied,
                                            std::span<const Migration> ours) {
  if (applied.size() <= ours.size()) return std::nullopt;
  if (!ours.empty() && serves_from_of(sql, applied) <= ours.back().version) return std::nullopt;
  return MigrationRefusal{MigrationRefusal::Kind::newer,
                          "the store has schema migration " +
                              label(applied.back().version, applied.back().name) +
                              ", which is newer than this program; use the version of Cardea that "
                              "wrote it, or a later one"};
}

std::optional<MigrationRefusal> check_others(const std::vector<Applied>& applied,
                                             std::span<const Migration> to) {
  if (applied.empty() || applied.size() >= to.size()) return std::nullopt;
  for (const Migration& migration : to.subspan(applied.size())) {
    if (serves_from(migration) <= applied.back().version) continue;
    return MigrationRefusal{
        MigrationRefusal::Kind::stops_others,
        "schema migration " + label(migration) +
            " stops nodes that serve from the schema as it is: stop every node, "
            "then run `cardea migrate up`"};
  }
  return std::nullopt;
}

void apply_within(Connection& sql, const Migration& migration, Instant now) {
  sql.run_script(migration.script);
  const auto checksum = crypto::sha256(migration.script);
  if (migration.version < first_that_says) {
    sql.run(insert_migration, {migration.version, migration.name, Cell::bytes(checksum), now});
  } else {
    sql.run(insert_saying_migration, {migration.version, migration.name, Cell::bytes(checksum), now,
                                      serves_from(migration)});
  }
}

bool apply_one(Connection& sql, const Migration& migration, Instant now) {
  sql.run_script("BEGIN");
  apply_within(sql, migration, now);
  sql.run_script("COMMIT");
  return !sql.failure();
}

// What was said, then rolled back.
MigrationRefusal take_back(Connection& sql, std::string what) {
  auto refused = failed(sql, std::move(what));
  sql.clear_failure();
  sql.run_script("ROLLBACK");
  return refused;
}

// Whether a statement begins there, as far as scripts of ours are written.
bool begins_statement(std::string_view script, std::size_t at) {
  const auto before = script.substr(0, at).find_last_not_of(' ');
  return before == script.npos || script[before] == '\n' || script[before] == ';';
}

std::string identifier_at(std::string_view script, std::size_t begin) {
  return std::string(script.substr(begin, script.find_first_of(" \n(;", begin) - begin));
}

// What the statements name that begin so.
std::vector<std::string> named_behind(std::string_view script, std::string_view beginning) {
  std::vector<std::string> out;
  for (auto at = script.find(beginning); at != script.npos; at = script.find(beginning, at + 1)) {
    if (begins_statement(script, at)) out.push_back(identifier_at(script, at + beginning.size()));
  }
  return out;
}

// The tables on which CREATE INDEX makes one.
std::vector<std::string> tables_indexed(std::string_view script) {
  constexpr std::string_view on = " ON ";
  std::vector<std::string> out;
  for (const std::string_view create : {"CREATE INDEX ", "CREATE UNIQUE INDEX "}) {
    for (auto at = script.find(create); at != script.npos; at = script.find(create, at + 1)) {
      if (const auto found = script.find(on, at); found != script.npos) {
        out.push_back(identifier_at(script, found + on.size()));
      }
    }
  }
  return out;
}

}  // namespace

std::int64_t serves_from(const Migration& migration) {
  constexpr std::string_view says = "-- Serves programs from ";
  const auto at = migration.script.find(says);
  if (at == std::string_view::npos) return migration.version;
  std::int64_t version = migration.version;
  const auto text = migration.script.substr(at + says.size());
  std::from_chars(text.data(), text.data() + text.size(), version);
  return version;
}

std::vector<std::string> tables_gone_through(const Migration& migration) {
  const auto script = migration.script;
  auto touched = tables_indexed(script);
  for (const std::string_view verb : {"UPDATE ", "DELETE FROM "}) {
    for (auto& table : named_behind(script, verb)) touched.push_back(std::move(table));
  }
  std::ranges::sort(touched);
  const auto repeated = std::ranges::unique(touched);
  touched.erase(repeated.begin(), repeated.end());
  for (const auto& made : named_behind(script, "CREATE TABLE ")) std::erase(touched, made);
  return touched;
}

Result<int, MigrationRefusal> migrate(Connection& sql, std::span<const Migration> to, Instant now,
                                      Others others) {
  auto applied = read_applied(sql);
  if (sql.failure()) {
    // A new store. A role that may not make tables has none to make where the store is up to date.
    sql.clear_failure();
    sql.run_script(bookkeeping);
    applied = read_applied(sql);
  }
  if (sql.failure()) return refuse(failed(sql, "the schema version could not be read"));
  if (auto refused = check(applied, to)) return refuse(*std::move(refused));
  if (auto refused = check_newer(sql, applied, to)) return refuse(*std::move(refused));
  if (others == Others::may_serve) {
    if (auto refused = check_others(applied, to)) return refuse(*std::move(refused));
  }
  int done = 0;
  for (const Migration& migration : to.subspan(std::min(applied.size(), to.size()))) {
    if (!apply_one(sql, migration, now)) {
      return refuse(take_back(sql, "schema migration " + label(migration)));
    }
    ++done;
  }
  return done;
}

Result<SchemaStatus, MigrationRefusal> read_schema(Connection& sql,
                                                   std::span<const Migration> ours) {
  const auto applied = read_applied(sql);
  sql.clear_failure();  // there is no schema yet
  if (auto refused = check(applied, ours)) return refuse(*std::move(refused));
  if (auto refused = check_newer(sql, applied, ours)) return refuse(*std::move(refused));
  const auto missing = ours.subspan(std::min(applied.size(), ours.size()));
  SchemaStatus status{.version = applied.empty() ? 0 : applied.back().version,
                      .pending = {missing.begin(), missing.end()},
                      .serves_from = serves_from_of(sql, applied)};
  if (sql.failure()) return refuse(failed(sql, "the schema version could not be read"));
  return status;
}

Result<std::chrono::milliseconds, MigrationRefusal> try_out(Connection& sql,
                                                            const SchemaStatus& status) {
  const auto begin = monotonic_ms();
  sql.run_script("BEGIN");
  if (status.version == 0) sql.run_script(bookkeeping);
  for (const Migration& migration : status.pending) {
    apply_within(sql, migration, Instant{});
    if (sql.failure()) return refuse(take_back(sql, "schema migration " + label(migration)));
  }
  sql.run_script("ROLLBACK");
  if (sql.failure()) return refuse(failed(sql, "the trial could not be taken back"));
  return std::chrono::milliseconds(monotonic_ms() - begin);
}

TableSize size_of(Connection& sql, const std::string& table) {
  // Connections know a statement by its address, so each stays where it is.
  static std::mutex mutex;
  static std::map<std::string, Statement, std::less<>> statements;
  std::unique_lock lock(mutex);
  const auto [at, is_new] = statements.try_emplace("SELECT count(*) FROM " + table);
  if (is_new) at->second.text = at->first;
  const Statement& statement = at->second;
  lock.unlock();
  const auto begin = monotonic_ms();
  const auto rows = sql.first(statement, {}, [](const Row& row) { return row.integer(0); });
  sql.clear_failure();  // a table that an earlier pending migration makes
  return {.rows = rows.value_or(0),
          .counted_in = std::chrono::milliseconds(monotonic_ms() - begin)};
}

}  // namespace cardea::store::sql
