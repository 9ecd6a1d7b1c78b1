// Opening a store: lock, file, schema, connections. Refuses what it does not understand with a
// sentence that says what to do; see sqlite_store.h.
#include <cerrno>
#include <cstring>
#include <mutex>

#include <fcntl.h>
#include <unistd.h>

#include "crypto/random.h"
#include "store/sql/statements.h"
#include "store/sqlite/parts.h"
#include "store/sqlite/restore.h"

namespace cardea::store::sqlite {
namespace {

constexpr std::string_view application_id = "1131574369";  // "Crda"
// A database up to this size is verified at every start; a larger one would delay it too much.
constexpr std::int64_t verified_pages_max = 16 * 1024;

constexpr sql::Statement count_tables{"SELECT count(*) FROM sqlite_master"};
constexpr sql::Statement find_bookkeeping{
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"};

OpenError error_of(const sql::SqlFailure& cause, std::string what) {
  const bool corrupt = cause.kind == sql::SqlFailure::Kind::corrupt;
  return {.kind = corrupt ? OpenError::Kind::corrupt : OpenError::Kind::unavailable,
          .reason = std::move(what) + ": " + cause.reason,
          .locked_by = 0};
}

OpenError error_of(const sql::MigrationRefusal& refusal) {
  using From = sql::MigrationRefusal::Kind;
  OpenError out{.kind = OpenError::Kind::unavailable, .reason = refusal.reason, .locked_by = 0};
  if (refusal.kind == From::newer) out.kind = OpenError::Kind::newer_schema;
  if (refusal.kind == From::changed) out.kind = OpenError::Kind::changed_migration;
  return out;
}

// SQLite would make the file readable for others, as the umask says.
std::optional<OpenError> make_private_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return OpenError{.kind = OpenError::Kind::unavailable,
                     .reason = path + " cannot be opened: " + std::strerror(errno),
                     .locked_by = 0};
  }
  ::close(descriptor);
  return std::nullopt;
}

// Makes the names of new files durable.
void flush_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  ::close(descriptor);
}

// Whether the file is empty or one of ours, and undamaged as far as that can be told at once.
std::optional<OpenError> check_file(SqliteConnection& connection, const std::string& path) {
  const auto tables =
      connection.first(count_tables, {}, [](const sql::Row& row) { return row.integer(0); });
  const std::string id = connection.pragma("PRAGMA application_id");
  const bool ours = connection.exists(find_bookkeeping, {}) && id == application_id;
  if (connection.failure()) return error_of(*connection.failure(), path + " cannot be read");
  if (tables.value_or(0) > 0 && !ours) {
    return OpenError{.kind = OpenError::Kind::not_a_store,
                     .reason = path + " is a SQLite database, but not a store of Cardea",
                     .locked_by = 0};
  }
  const std::string pages = connection.pragma("PRAGMA page_count");
  if (std::strtoll(pages.c_str(), nullptr, 10) > verified_pages_max) return std::nullopt;
  const std::string verdict = connection.pragma("PRAGMA quick_check(1)");
  if (verdict == "ok") return std::nullopt;
  return OpenError{.kind = OpenError::Kind::corrupt,
                   .reason = path + " is damaged (" + verdict + "); restore it from a backup",
                   .locked_by = 0};
}

std::optional<sql::SqlFailure> set_up_writing(SqliteConnection& connection, bool in_memory) {
  const std::string mode =
      connection.pragma(in_memory ? "PRAGMA journal_mode = MEMORY" : "PRAGMA journal_mode = WAL");
  connection.run_script(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0;"
      "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -8192; PRAGMA temp_store = 2;");
  if (!connection.failure() && !in_memory && mode != "wal") {
    return sql::SqlFailure{sql::SqlFailure::Kind::io,
                           "this file system does not support a write-ahead log"};
  }
  return connection.failure();
}

using Opened = Result<std::unique_ptr<SqliteConnection>, sql::SqlFailure>;

Opened open_writing(const std::string& uri, bool in_memory) {
  auto connection = SqliteConnection::open(uri, Access::read_write);
  if (!connection) return connection;
  if (auto failure = set_up_writing(**connection, in_memory)) return refuse(*std::move(failure));
  return connection;
}

Opened open_reading(const std::string& uri) {
  auto connection = SqliteConnection::open(uri, Access::read_only);
  if (!connection) return connection;
  (*connection)->run_script("PRAGMA query_only = ON; PRAGMA cache_size = -2048;");
  if (auto failure = (*connection)->failure()) return refuse(*std::move(failure));
  return connection;
}

// For the writer after a failed flush: other connections keep the log's index, so the log is not
// replayed and frames of the failed commit are written over; the sound part is flushed into the
// database before the store goes on.
Opened reopen_verified(const std::string& uri, bool in_memory) {
  auto connection = open_writing(uri, in_memory);
  if (!connection) return connection;
  const std::string verdict = (*connection)->pragma("PRAGMA quick_check(1)");
  if (auto failure = (*connection)->failure()) return refuse(*std::move(failure));
  if (verdict != "ok") {
    return refuse(sql::SqlFailure{sql::SqlFailure::Kind::corrupt, verdict});
  }
  if (!in_memory && !(*connection)->checkpoint()) {
    return refuse(sql::SqlFailure{sql::SqlFailure::Kind::io, "the log cannot be flushed"});
  }
  return connection;
}

// The schema and the one row of facts.
std::optional<OpenError> prepare(SqliteConnection& connection, const OpenOptions& options,
                                 Instant now, Random& random) {
  // Written once, so that a store that is refused below is left as it was; before any table,
  // without which the file would not be known again.
  if (connection.pragma("PRAGMA application_id") != application_id) {
    connection.run_script("PRAGMA application_id = " + std::string(application_id));
  }
  if (connection.failure()) return error_of(*connection.failure(), "the store cannot be written");
  const auto migrated = sql::migrate(connection, options.migrations, now, sql::Others::are_stopped);
  if (!migrated) return error_of(migrated.error());
  const std::string epoch = random.bytes(16);
  connection.change(sql::insert_meta, {sql::Cell::bytes(epoch), sql::Cell::bytes("")});
  if (connection.failure()) return error_of(*connection.failure(), "the store cannot be written");
  return std::nullopt;
}

// A name for a database in memory that no other store of this process has.
std::string memory_uri() {
  static std::atomic<int> count = 0;
  return "file:/cardea-" + std::to_string(++count) + "?vfs=memdb";
}

std::optional<OpenError> add_readers(SqliteStore::Parts& parts, const OpenOptions& options,
                                     const std::string& uri) {
  std::vector<std::unique_ptr<SqliteConnection>> connections;
  for (std::size_t i = 0; i < options.readers; ++i) {
    auto connection = open_reading(uri);
    if (!connection) return error_of(connection.error(), "the store cannot be read");
    for (const auto* remembered : {&sql::read_grant_view, &sql::read_user}) {
      (*connection)->add_read_columns(*remembered, parts.watched);
    }
    connections.push_back(*std::move(connection));
  }
  parts.readers.emplace(
      std::move(connections), [uri] { return open_reading(uri); },
      parts.in_memory ? &parts.exclusion : nullptr);
  return std::nullopt;
}

std::optional<OpenError> add_writer(SqliteStore::Parts& parts, const OpenOptions& options,
                                    const std::string& uri,
                                    std::unique_ptr<SqliteConnection> connection) {
  if (!parts.in_memory) {
    auto second = open_writing(uri, false);
    if (!second) return error_of(second.error(), "the store cannot be written");
    parts.checkpointer.emplace(*std::move(second), parts.turnstile,
                               [&parts] { parts.readers->end_snapshots(); });
  }
  const auto watch = [&watched = parts.watched,
                      checkpointer = parts.checkpointer ? &*parts.checkpointer
                                                        : nullptr](SqliteConnection& writing) {
    writing.watch(watched);
    if (checkpointer == nullptr) return;
    writing.on_commit([checkpointer](int frames) { checkpointer->noticed(frames); });
  };
  watch(*connection);
  WriterOptions writer{.reopen =
                           [uri, in_memory = parts.in_memory, watch] {
                             auto reopened = reopen_verified(uri, in_memory);
                             if (reopened) watch(**reopened);
                             return reopened;
                           },
                       .clock = *parts.clock,
                       .log = *parts.log,
                       .queue_max = options.queue_max,
                       .batch_max = options.batch_max,
                       .token_retention = options.token_retention,
                       .sweep_hold = options.sweep_hold,
                       .committed =
                           [&parts](bool touched) {
                             parts.readers->note_commit();
                             if (touched) parts.memory.forget();
                           },
                       .turnstile = parts.in_memory ? nullptr : &parts.turnstile,
                       .exclusion = parts.in_memory ? &parts.exclusion : nullptr,
                       .occupancy = parts.in_memory ? nullptr : options.occupancy,
                       .gather_max = options.gather_max};
  parts.writer.emplace(std::move(connection), std::move(writer));
  return std::nullopt;
}

Result<FileLock, OpenError> take_lock(const std::string& path) {
  auto lock = FileLock::take(path + ".lock");
  if (lock) return *std::move(lock);
  const bool held = lock.error().kind == FileLock::Refused::Kind::held;
  return refuse(OpenError{.kind = held ? OpenError::Kind::locked : OpenError::Kind::unavailable,
                          .reason = lock.error().reason,
                          .locked_by = lock.error().held_by});
}

Result<std::unique_ptr<SqliteStore::Parts>, OpenError> assemble(const OpenOptions& options) {
  static const SystemClock system_clock;
  static crypto::SystemRandom system_random;
  static NullLog no_log;
  auto parts = std::make_unique<SqliteStore::Parts>();
  parts->in_memory = options.path.empty();
  parts->clock = options.clock != nullptr ? options.clock : &system_clock;
  parts->log = options.log != nullptr ? options.log : &no_log;
  if (!parts->in_memory) {
    auto lock = take_lock(options.path);
    if (!lock) return refuse(std::move(lock).error());
    parts->lock.emplace(*std::move(lock));
    if (auto finished = finish_restore(options.path); !finished) return refuse(finished.error());
    if (auto error = make_private_file(options.path)) return refuse(*std::move(error));
    if (auto failure = SqliteConnection::rewrite_log(options.path)) {
      return refuse(error_of(*failure, "the log of " + options.path + " cannot be flushed"));
    }
  }
  const std::string uri = parts->in_memory ? memory_uri() : options.path;
  auto opened = SqliteConnection::open(uri, Access::read_write);
  if (!opened) return refuse(error_of(opened.error(), options.path + " cannot be opened"));
  SqliteConnection& connection = **opened;
  if (auto error = check_file(connection, options.path)) return refuse(*std::move(error));
  if (auto failure = set_up_writing(connection, parts->in_memory)) {
    return refuse(error_of(*failure, options.path + " cannot be written"));
  }
  Random& random = options.random != nullptr ? *options.random : system_random;
  if (auto error = prepare(connection, options, parts->clock->now(), random)) {
    return refuse(*std::move(error));
  }
  if (!parts->in_memory) flush_folder_of(options.path);
  if (auto error = add_readers(*parts, options, uri)) return refuse(*std::move(error));
  if (auto error = add_writer(*parts, options, uri, *std::move(opened))) {
    return refuse(*std::move(error));
  }
  return parts;
}

class Schema final : public sql::SchemaAccess {
 public:
  Schema(std::optional<FileLock> lock, std::unique_ptr<SqliteConnection> connection)
      : lock_(std::move(lock)), connection_(std::move(connection)) {}
  sql::Connection& sql() override { return *connection_; }

 private:
  std::optional<FileLock> lock_;
  std::unique_ptr<SqliteConnection> connection_;
};

}  // namespace

Result<std::unique_ptr<sql::SchemaAccess>, OpenError> open_schema(const std::string& path,
                                                                  bool for_trial) {
  std::optional<FileLock> lock;
  if (for_trial) {
    auto taken = take_lock(path);
    if (!taken) return refuse(std::move(taken).error());
    lock.emplace(*std::move(taken));
  }
  auto opened = SqliteConnection::open(path, for_trial ? Access::read_write : Access::read_only);
  if (!opened) return refuse(error_of(opened.error(), path + " cannot be opened"));
  if (auto error = check_file(**opened, path)) return refuse(*std::move(error));
  return std::unique_ptr<sql::SchemaAccess>(
      std::make_unique<Schema>(std::move(lock), *std::move(opened)));
}

Result<std::unique_ptr<SqliteStore>, OpenError> open(const OpenOptions& options) {
  auto parts = assemble(options);
  if (!parts) return refuse(std::move(parts).error());
  return std::unique_ptr<SqliteStore>(new SqliteStore(*std::move(parts)));
}

}  // namespace cardea::store::sqlite
