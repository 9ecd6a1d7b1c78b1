// What a SqliteStore is made of, in the order in which it must be taken apart (last first): readers
// go before those who write, because only a writing connection that is the last one empties the
// log.
#pragma once

#include <optional>

#include "store/sqlite/checkpointer.h"
#include "store/sqlite/file_lock.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/sqlite_store.h"

namespace cardea::store::sqlite {

struct SqliteStore::Parts {
  bool in_memory = false;
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
