// Lending connections and keeping their snapshots; see reader_pool.h.
#include "store/sqlite/reader_pool.h"

#include <utility>

namespace cardea::store::sqlite {
namespace {

constexpr sql::Statement begin_snapshot{"BEGIN"};
constexpr sql::Statement commit_snapshot{"COMMIT"};

}  // namespace

ReaderPool::ReaderPool(std::vector<std::unique_ptr<SqliteConnection>> connections, Open open,
                       std::shared_mutex* exclusion)
    : open_(std::move(open)), exclusion_(exclusion) {
  for (auto& connection : connections) free_.push_back({.connection = std::move(connection)});
}

ReaderPool::Reader ReaderPool::borrow() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return !free_.empty(); });
  auto reader = std::move(free_.back());
  free_.pop_back();
  return reader;
}

void ReaderPool::end_snapshot(Reader& reader) {
  if (std::exchange(reader.snapshot, 0) == 0) return;
  reader.connection->change(commit_snapshot, {});
}

// The version is read first: the snapshot, taken by the first statement, is at least as new.
void ReaderPool::renew_snapshot(Reader& reader) {
  const auto version = version_.load();
  if (reader.snapshot == version) return;
  end_snapshot(reader);
  reader.connection->change(begin_snapshot, {});
  reader.snapshot = version;
}

// A failed connection is replaced where that is possible, and tried again where it is not.
void ReaderPool::replace(Reader& reader) {
  reader.snapshot = 0;
  reader.connection->clear_failure();
  if (auto fresh = open_()) {
    reader.connection = *std::move(fresh);
  } else if (reader.connection->in_transaction()) {
    reader.connection->run_script("ROLLBACK");
    reader.connection->clear_failure();
  }
}

void ReaderPool::give_back(Reader reader) {
  if (reader.connection->failure()) replace(reader);
  if (reader.snapshot != version_.load()) {
    end_snapshot(reader);
    if (reader.connection->failure()) replace(reader);
  }
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(reader));
  returned_.notify_one();
}

void ReaderPool::end_snapshots() {
  version_.fetch_add(1);
  const std::lock_guard lock(mutex_);
  for (auto& reader : free_) {
    end_snapshot(reader);
    if (reader.connection->failure()) replace(reader);
  }
}

}  // namespace cardea::store::sqlite
