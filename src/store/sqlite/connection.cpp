// The SQLite driver; see connection.h. The only source that includes sqlite3.h.
#include "store/sqlite/connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace cardea::store::sqlite {
namespace {

using sql::SqlFailure;

// Waiting for another connection of this process (recovery, a checkpoint's end); milliseconds.
constexpr int busy_timeout_ms = 5000;

SqlFailure::Kind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return SqlFailure::Kind::constraint;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SqlFailure::Kind::busy;
    case SQLITE_FULL:
      return SqlFailure::Kind::full;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return SqlFailure::Kind::io;
    case SQLITE_NOMEM:
      return SqlFailure::Kind::memory;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return SqlFailure::Kind::corrupt;
    default:
      return SqlFailure::Kind::other;
  }
}

// SQLite's message may quote SQL but never bound values.
SqlFailure failure_of(sqlite3* db, int code) {
  std::string reason = sqlite3_errstr(code);
  if (db != nullptr) {
    const int extended = sqlite3_extended_errcode(db);
    if ((extended & 0xff) == (code & 0xff)) {
      reason += " (" + std::to_string(extended) + "): " + sqlite3_errmsg(db);
    }
  }
  return {kind_of(code), std::move(reason)};
}

// SQLite numbers ?1, ?2; the statements are written with $1, $2.
std::string with_question_marks(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == '$') c = '?';
  }
  return out;
}

// For the process, before its first call of the library that starts it; a refusal (the library is
// in use) costs speed and memory only.
void configure_once() {
  static const bool configured = [] {
    // Counting the bytes in use takes one lock of the whole process at each allocation.
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    // Twenty pages at once for each of the connections, most of which never read as many.
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
    return true;
  }();
  static_cast<void>(configured);
}

int bind(sqlite3_stmt* statement, int at, const sql::Cell& cell) {
  const char* data = cell.view.data() != nullptr ? cell.view.data() : "";
  const auto size = static_cast<sqlite3_uint64>(cell.view.size());
  switch (cell.kind) {
    case sql::Cell::Kind::null:
      return sqlite3_bind_null(statement, at);
    case sql::Cell::Kind::integer:
      return sqlite3_bind_int64(statement, at, cell.integer);
    case sql::Cell::Kind::text:
      return sqlite3_bind_text64(statement, at, data, size, SQLITE_STATIC, SQLITE_UTF8);
    case sql::Cell::Kind::bytes:
      return sqlite3_bind_blob64(statement, at, data, size, SQLITE_STATIC);
  }
  return SQLITE_MISUSE;
}

class SqliteRow final : public sql::Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_null(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const override {
    return sqlite3_column_int64(statement_, column);
  }
  std::string text(int column) const override {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data != nullptr ? std::string(data, size) : std::string();
  }

 private:
  sqlite3_stmt* statement_;
};

// A file opened through SQLite's file system, as SQLite itself opens it.
class VfsFile {
 public:
  explicit VfsFile(sqlite3_vfs& vfs) : bytes_(static_cast<std::size_t>(vfs.szOsFile)) {}
  ~VfsFile() {
    if (file()->pMethods != nullptr) file()->pMethods->xClose(file());
  }
  VfsFile(const VfsFile&) = delete;
  VfsFile& operator=(const VfsFile&) = delete;
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(bytes_.data()); }
  const sqlite3_io_methods& call() { return *file()->pMethods; }

 private:
  std::vector<std::byte> bytes_;
};

int rewrite_and_flush(VfsFile& log) {
  sqlite3_int64 size = 0;
  int code = log.call().xFileSize(log.file(), &size);
  std::array<std::byte, 65536> block{};
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size;) {
    const int length = static_cast<int>(std::min<sqlite3_int64>(block.size(), size - at));
    code = log.call().xRead(log.file(), block.data(), length, at);
    if (code == SQLITE_OK) code = log.call().xWrite(log.file(), block.data(), length, at);
    at += length;
  }
  if (code == SQLITE_OK && size > 0) code = log.call().xSync(log.file(), SQLITE_SYNC_FULL);
  return code;
}

}  // namespace

std::optional<SqlFailure> SqliteConnection::rewrite_log(const std::string& path) {
  configure_once();
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  const auto wal = path + "-wal";
  int is_there = 0;
  int code = vfs->xAccess(vfs, wal.c_str(), SQLITE_ACCESS_EXISTS, &is_there);
  if (code == SQLITE_OK && is_there != 0) {
    // A file system may ask for the parameters that belong to a name.
    const char* name = sqlite3_create_filename(path.c_str(), "", wal.c_str(), 0, nullptr);
    if (name == nullptr) return failure_of(nullptr, SQLITE_NOMEM);
    {
      VfsFile log(*vfs);  // must go before its name does
      const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL;
      code = vfs->xOpen(vfs, sqlite3_filename_wal(name), log.file(), flags, nullptr);
      if (code == SQLITE_OK) code = rewrite_and_flush(log);
    }
    sqlite3_free_filename(const_cast<char*>(name));
  }
  if (code == SQLITE_OK) return std::nullopt;
  return failure_of(nullptr, code);
}

Result<std::unique_ptr<SqliteConnection>, SqlFailure> SqliteConnection::open(const std::string& uri,
                                                                             Access access) {
  configure_once();
  sqlite3* db = nullptr;
  // NOMUTEX: each connection is used by one thread at a time.
  const int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                    (access == Access::read_only ? SQLITE_OPEN_READONLY
                                                 : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(uri.c_str(), &db, flags, nullptr);
  if (code != SQLITE_OK) {
    auto failure = failure_of(db, code);
    sqlite3_close_v2(db);
    return refuse(std::move(failure));
  }
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, busy_timeout_ms);
  // Statements are ours alone; a schema edited by hand gets no power over them.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return std::unique_ptr<SqliteConnection>(new SqliteConnection(db));
}

SqliteConnection::~SqliteConnection() {
  finalize_statements();
  sqlite3_close_v2(db_);
}

void SqliteConnection::finalize_statements() {
  for (const auto& [statement, prepared] : statements_) sqlite3_finalize(prepared.statement);
  statements_.clear();
}

void SqliteConnection::fail(int code) {
  if (!failure_) failure_ = failure_of(db_, code);
}

const SqliteConnection::Prepared* SqliteConnection::prepared(const sql::Statement& statement) {
  if (const auto found = statements_.find(&statement); found != statements_.end()) {
    return &found->second;
  }
  preparing_touches_ = false;
  sqlite3_stmt* made = nullptr;
  const std::string text = with_question_marks(statement.text);
  const int code = sqlite3_prepare_v3(db_, text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (code != SQLITE_OK) {
    fail(code);
    return nullptr;
  }
  return &statements_.emplace(&statement, Prepared{made, preparing_touches_}).first->second;
}

const SqliteConnection::Prepared* SqliteConnection::bound(const sql::Statement& statement,
                                                          sql::Cells cells) {
  if (failure_) return nullptr;
  const Prepared* out = prepared(statement);
  if (out == nullptr) return nullptr;
  int at = 0;
  for (const sql::Cell& cell : cells) {
    if (const int code = bind(out->statement, ++at, cell); code != SQLITE_OK) {
      fail(code);
      return nullptr;
    }
  }
  return out;
}

void SqliteConnection::each(const sql::Statement& statement, sql::Cells cells,
                            const std::function<void(const sql::Row&)>& take) {
  const Prepared* known = bound(statement, cells);
  if (known == nullptr) return;
  sqlite3_stmt* running = known->statement;
  const auto changes = known->touches ? sqlite3_total_changes64(db_) : 0;
  const SqliteRow row(running);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(running)) == SQLITE_ROW) take(row);
  if (code != SQLITE_DONE) fail(code);
  // A statement that found nothing to change has touched nothing.
  if (known->touches && sqlite3_total_changes64(db_) != changes) touched_ = true;
  sqlite3_reset(running);
  sqlite3_clear_bindings(running);
}

std::int64_t SqliteConnection::change(const sql::Statement& statement, sql::Cells cells) {
  run(statement, cells);
  return failure_ ? 0 : sqlite3_changes64(db_);
}

void SqliteConnection::run(const sql::Statement& statement, sql::Cells cells) {
  each(statement, cells, [](const sql::Row&) {});
}

void SqliteConnection::run_script(std::string_view script) {
  if (failure_) return;
  const std::string text(script);
  const int code = sqlite3_exec(db_, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

bool SqliteConnection::in_transaction() const {
  return sqlite3_get_autocommit(db_) == 0;
}

std::string SqliteConnection::pragma(std::string_view text) {
  if (failure_) return {};
  sqlite3_stmt* statement = nullptr;
  int code =
      sqlite3_prepare_v2(db_, text.data(), static_cast<int>(text.size()), &statement, nullptr);
  std::string out;
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code == SQLITE_ROW) out = SqliteRow(statement).text(0);
  if (code != SQLITE_ROW && code != SQLITE_DONE && code != SQLITE_OK) fail(code);
  sqlite3_finalize(statement);
  return out;
}

void SqliteConnection::on_commit(std::function<void(int)> frames) {
  on_commit_ = std::move(frames);
  // Takes the place of SQLite's own automatic checkpoint.
  sqlite3_wal_hook(
      db_,
      [](void* self, sqlite3*, const char*, int count) {
        static_cast<SqliteConnection*>(self)->on_commit_(count);
        return SQLITE_OK;
      },
      this);
}

void SqliteConnection::add_read_columns(const sql::Statement& statement, WatchedColumns& columns) {
  sqlite3_set_authorizer(
      db_,
      [](void* to, int action, const char* table, const char* column, const char*, const char*) {
        if (action == SQLITE_READ) static_cast<WatchedColumns*>(to)->add(table, column);
        return SQLITE_OK;
      },
      &columns);
  prepared(statement);
  sqlite3_set_authorizer(db_, nullptr, nullptr);
}

void SqliteConnection::watch(const WatchedColumns& columns) {
  finalize_statements();  // nobody asked of them what they write
  watched_ = &columns;
  sqlite3_set_authorizer(
      db_,
      [](void* of, int action, const char* table, const char* column, const char*, const char*) {
        auto& self = *static_cast<SqliteConnection*>(of);
        const auto& watched = *self.watched_;
        if ((action == SQLITE_DELETE && watched.touched_by_delete(table)) ||
            (action == SQLITE_INSERT && watched.touched_by_insert(table)) ||
            (action == SQLITE_UPDATE && watched.touched_by_update(table, column))) {
          self.preparing_touches_ = true;
        }
        return SQLITE_OK;
      },
      this);
}

std::optional<int> SqliteConnection::checkpoint() {
  int frames = 0;
  int done = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &done);
  if (code != SQLITE_OK) return std::nullopt;
  return frames - done;
}

bool SqliteConnection::checkpoint_and_truncate() {
  return sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) ==
         SQLITE_OK;
}

std::optional<SqlFailure> SqliteConnection::copy_to(const std::string& path) {
  sqlite3* target = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code == SQLITE_OK) {
    sqlite3_backup* copy = sqlite3_backup_init(target, "main", db_, "main");
    if (copy == nullptr) {
      code = sqlite3_errcode(target);
    } else {
      // All pages in one step: one snapshot, and in WAL mode nobody waits for it.
      sqlite3_backup_step(copy, -1);
      code = sqlite3_backup_finish(copy);
    }
  }
  std::optional<SqlFailure> out;
  if (code != SQLITE_OK) out = failure_of(target, code);
  sqlite3_close_v2(target);
  return out;
}

}  // namespace cardea::store::sqlite
