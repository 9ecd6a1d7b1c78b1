// Applying migrations; see migrate.h.
#include "store/sql/migrate.h"

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

struct Applied {
  std::int64_t version = 0;
  std::string name;
  std::string checksum;
};

MigrationRefusal failed(const Connection& sql, std::string what) {
  return {MigrationRefusal::Kind::failed,
          std::move(what) + ": " + (sql.failure() ? sql.failure()->reason : "unknown")};
}

std::string label(std::int64_t version, std::string_view name) {
  return std::to_string(version) + " (" + std::string(name) + ")";
}

std::vector<Applied> read_applied(Connection& sql) {
  return sql.all(read_migrations, {},
                 [](const Row& row) { return Applied{row.integer(0), row.text(1), row.text(2)}; });
}

// Applied migrations must be the first of ours, unchanged.
std::optional<MigrationRefusal> check(const std::vector<Applied>& applied,
                                      std::span<const Migration> ours) {
  using enum MigrationRefusal::Kind;
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (i >= ours.size()) {
      return MigrationRefusal{newer, "the store has schema migration " +
                                         label(applied[i].version, applied[i].name) +
                                         ", which is newer than this program; use the version of "
                                         "Cardea that wrote it, or a later one"};
    }
    if (applied[i].version != ours[i].version ||
        applied[i].checksum != crypto::sha256(ours[i].script)) {
      return MigrationRefusal{changed, "schema migration " +
                                           label(applied[i].version, applied[i].name) +
                                           " of the store is not the one this program knows"};
    }
  }
  return std::nullopt;
}

bool apply_one(Connection& sql, const Migration& migration, Instant now) {
  sql.run_script("BEGIN");
  sql.run_script(migration.script);
  sql.run(insert_migration,
          {migration.version, migration.name, Cell::bytes(crypto::sha256(migration.script)), now});
  sql.run_script("COMMIT");
  return !sql.failure();
}

}  // namespace

Result<int, MigrationRefusal> migrate(Connection& sql, std::span<const Migration> to, Instant now) {
  auto applied = read_applied(sql);
  if (sql.failure()) {
    // A new store. A role that may not make tables has none to make where the store is up to date.
    sql.clear_failure();
    sql.run_script(bookkeeping);
    applied = read_applied(sql);
  }
  if (sql.failure()) return refuse(failed(sql, "the schema version could not be read"));
  if (auto refused = check(applied, to)) return refuse(*std::move(refused));
  int done = 0;
  for (const Migration& migration : to.subspan(applied.size())) {
    if (!apply_one(sql, migration, now)) {
      auto refused = failed(sql, "schema migration " + label(migration.version, migration.name));
      sql.clear_failure();
      sql.run_script("ROLLBACK");
      return refuse(std::move(refused));
    }
    ++done;
  }
  return done;
}

}  // namespace cardea::store::sql
