// What a SqliteStore is made of. Taken apart in this order: the threads stop, for they touch the
// readers; the readers' connections close; then those that write, because only a writing connection
// that is the last one empties the log.
#pragma once

#include <optional>

#include "store/sql/kept_reads.h"
#include "store/sqlite/checkpointer.h"
#include "store/sqlite/file_lock.h"
#include "store/sqlite/sqlite_store.h"

namespace cardea::store::sqlite {

struct SqliteStore::Parts {
  Parts() = default;
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    if (writer) writer->stop();
    if (checkpointer) checkpointer->stop();
  }

  bool in_memory = false;
  WatchedColumns watched;
  sql::Memory memory;
  const Clock* clock = nullptr;
  Log* log = nullptr;
  std::optional<FileLock> lock;
  Turnstile turnstile;
  std::shared_mutex exclusion;  // in memory: readers and the writer take turns
  std::optional<Checkpointer> checkpointer;
  std::optional<Writer> writer;
  std::optional<ReaderPool> readers;
};

}  // namespace cardea::store::sqlite
