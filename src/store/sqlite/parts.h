// What a SqliteStore is made of, in the order in which it must be taken apart (last first).
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
  std::optional<ReaderPool> readers;
  Turnstile turnstile;
  std::optional<Checkpointer> checkpointer;
  std::optional<Writer> writer;
};

}  // namespace cardea::store::sqlite
