// Read-only connections, each lent to one thread at a time. A read sees every commit that was
// acknowledged before it began. Where the database is a file, a connection keeps its snapshot for
// the next read until something is committed: taking and giving back one costs two system calls.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "store/sql/failure.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace cardea::store::sqlite {

class ReaderPool {
 public:
  using Open = std::function<Result<std::unique_ptr<SqliteConnection>, sql::SqlFailure>()>;

  // open makes another connection in place of one that failed. exclusion: taken shared around each
  // read, or null; with it, no snapshots are kept.
  ReaderPool(std::vector<std::unique_ptr<SqliteConnection>> connections, Open open,
             std::shared_mutex* exclusion);

  // Runs `read` on a free connection, waiting for one when all are lent. Thread-safe.
  template <class Read>
  auto with(Read read) -> Answer<decltype(read(std::declval<SqliteConnection&>()))> {
    Reader reader = borrow();
    std::shared_lock<std::shared_mutex> shared;
    if (exclusion_ != nullptr) {
      shared = std::shared_lock(*exclusion_);
    } else {
      renew_snapshot(reader);
    }
    auto value = read(*reader.connection);
    const auto failure = reader.connection->failure();
    if (shared) shared.unlock();
    give_back(std::move(reader));
    if (failure) return refuse(sql::failure_for(*failure));
    return value;
  }

  // Called by the writer before it acknowledges a commit: the next reads see it. Thread-safe.
  void note_commit() { version_.fetch_add(1); }
  // Ends the snapshots that nobody reads; those in use end when they are given back. Called before
  // the log is to begin anew. Thread-safe.
  void end_snapshots();

 private:
  struct Reader {
    std::unique_ptr<SqliteConnection> connection;
    std::uint64_t snapshot = 0;  // the version whose snapshot it keeps; 0: none
  };

  static void end_snapshot(Reader& reader);
  Reader borrow();
  void renew_snapshot(Reader& reader);
  void replace(Reader& reader);
  void give_back(Reader reader);

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Reader> free_;
  std::atomic<std::uint64_t> version_ = 1;
  Open open_;
  std::shared_mutex* exclusion_;
};

}  // namespace cardea::store::sqlite
