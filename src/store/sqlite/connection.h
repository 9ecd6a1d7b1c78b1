// A SQLite connection with cached statements. One of the two files that see sqlite3.h's types
// through this header's forward declarations; used by one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/result.h"
#include "store/sql/connection.h"
#include "store/sqlite/watched_columns.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cardea::store::sqlite {

enum class Access { read_only, read_write };

class SqliteConnection final : public sql::Connection {
 public:
  // uri: a "file:" URI. Gives up with a failure when the file cannot be opened; a database is read
  // only at the first statement.
  static Result<std::unique_ptr<SqliteConnection>, sql::SqlFailure> open(const std::string& uri,
                                                                         Access access);
  // Writes the write-ahead log that an earlier process left beside a database once more, byte for
  // byte, and flushes it. After a flush that failed, the system may have given up pages that it
  // still shows; taken as they are, later commits would stand behind a gap that the next power cut
  // opens. Nobody may have the database open. Nothing happens where there is no log.
  static std::optional<sql::SqlFailure> rewrite_log(const std::string& path);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  void each(const sql::Statement& statement, sql::Cells cells,
            const std::function<void(const sql::Row&)>& take) override;
  std::int64_t change(const sql::Statement& statement, sql::Cells cells) override;
  void run(const sql::Statement& statement, sql::Cells cells) override;
  void lock(const sql::Statement&, sql::Cells) override {}
  void run_script(std::string_view script) override;
  const std::optional<sql::SqlFailure>& failure() const override { return failure_; }
  void clear_failure() override { failure_.reset(); }

  // False after COMMIT or ROLLBACK, and after errors for which SQLite rolled back by itself.
  bool in_transaction() const;
  // The first column of the first row of a PRAGMA, or "".
  std::string pragma(std::string_view text);
  // Called after each commit with the number of frames in the write-ahead log.
  void on_commit(std::function<void(int)> frames);
  // Moves what it can from the write-ahead log into the database without waiting for anybody. The
  // number of frames that are left; nothing when it failed.
  std::optional<int> checkpoint();
  // As checkpoint, and empties the log; fails while readers or writers are active.
  bool checkpoint_and_truncate();
  // Adds what the statement reads.
  void add_read_columns(const sql::Statement& statement, WatchedColumns& columns);
  // From now on: which columns count. They must outlive the connection.
  void watch(const WatchedColumns& columns);
  // Whether a statement may have touched them since the last call; true at the first.
  bool take_touched() { return std::exchange(touched_, false); }
  // Copies the whole database as it is at this moment to a new file.
  std::optional<sql::SqlFailure> copy_to(const std::string& path);

 private:
  struct Prepared {
    sqlite3_stmt* statement = nullptr;
    bool touches = false;  // what is watched
  };

  explicit SqliteConnection(sqlite3* db) : db_(db) {}
  const Prepared* prepared(const sql::Statement& statement);
  // Prepared and bound, or nullptr with failure_ set.
  const Prepared* bound(const sql::Statement& statement, sql::Cells cells);
  void fail(int code);
  void finalize_statements();

  sqlite3* db_;
  std::unordered_map<const sql::Statement*, Prepared> statements_;
  const WatchedColumns* watched_ = nullptr;
  bool preparing_touches_ = false;
  bool touched_ = true;
  std::optional<sql::SqlFailure> failure_;
  std::function<void(int)> on_commit_;
};

}  // namespace cardea::store::sqlite
