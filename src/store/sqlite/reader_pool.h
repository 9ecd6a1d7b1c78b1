// Read-only connections, each lent to one thread at a time. A read begins after every acknowledged
// commit, so it sees them all.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace cardea::store::sqlite {

class ReaderPool {
 public:
  using Open = std::function<Result<std::unique_ptr<SqliteConnection>, sql::SqlFailure>()>;

  // open makes another connection in place of one that failed. exclusion: taken shared around each
  // read, or null.
  ReaderPool(std::vector<std::unique_ptr<SqliteConnection>> connections, Open open,
             std::shared_mutex* exclusion);

  // Runs `read` on a free connection, waiting for one when all are lent. Thread-safe.
  template <class Read>
  auto with(Read read) -> Answer<decltype(read(std::declval<SqliteConnection&>()))> {
    std::unique_ptr<SqliteConnection> connection = borrow();
    std::shared_lock<std::shared_mutex> shared;
    if (exclusion_ != nullptr) shared = std::shared_lock(*exclusion_);
    auto value = read(*connection);
    const auto failure = connection->failure();
    if (shared) shared.unlock();
    give_back(std::move(connection));
    if (failure) return refuse(failure_of(*failure));
    return value;
  }

 private:
  static Failure failure_of(const sql::SqlFailure& cause);
  std::unique_ptr<SqliteConnection> borrow();
  void give_back(std::unique_ptr<SqliteConnection> connection);

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<SqliteConnection>> free_;
  Open open_;
  std::shared_mutex* exclusion_;
};

}  // namespace cardea::store::sqlite
