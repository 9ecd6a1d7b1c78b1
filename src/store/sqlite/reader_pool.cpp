// Lending connections; see reader_pool.h.
#include "store/sqlite/reader_pool.h"

namespace cardea::store::sqlite {

ReaderPool::ReaderPool(std::vector<std::unique_ptr<SqliteConnection>> connections, Open open,
                       std::shared_mutex* exclusion)
    : free_(std::move(connections)), open_(std::move(open)), exclusion_(exclusion) {}

Failure ReaderPool::failure_of(const sql::SqlFailure& cause) {
  const bool corrupt = cause.kind == sql::SqlFailure::Kind::corrupt;
  return {.kind = corrupt ? Failure::Kind::corrupt : Failure::Kind::unavailable,
          .reason = cause.reason};
}

std::unique_ptr<SqliteConnection> ReaderPool::borrow() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return !free_.empty(); });
  auto connection = std::move(free_.back());
  free_.pop_back();
  return connection;
}

void ReaderPool::give_back(std::unique_ptr<SqliteConnection> connection) {
  if (connection->failure()) {
    // A failed connection is replaced where that is possible, and tried again where it is not.
    connection->clear_failure();
    if (auto fresh = open_()) {
      connection = *std::move(fresh);
    } else if (connection->in_transaction()) {
      connection->run_script("ROLLBACK");
      connection->clear_failure();
    }
  }
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(connection));
  returned_.notify_one();
}

}  // namespace cardea::store::sqlite
