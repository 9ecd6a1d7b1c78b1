// Snapshots that idle readers keep do not hold the write-ahead log: the checkpointer ends them
// while it holds the writer. Decision E7.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engines.h"
#include "store/sqlite/checkpointer.h"
#include "store/sqlite/reader_pool.h"

namespace cardea::reader_pool_test {

using namespace store::sqlite;
using store_test::Scratch;

constexpr store::sql::Statement count{"SELECT count(*) FROM numbers"};
constexpr store::sql::Statement add{"INSERT INTO numbers VALUES (1)"};

std::unique_ptr<SqliteConnection> open(const Scratch& scratch, Access access) {
  auto opened = SqliteConnection::open(scratch.file(), access);
  EXPECT_TRUE(opened.ok());
  return *std::move(opened);
}

std::int64_t counted(SqliteConnection& connection) {
  return connection.first(count, {}, [](const store::sql::Row& row) { return row.integer(0); })
      .value_or(-1);
}

TEST(ReaderPool, EndingSnapshotsLetsTheLogBeEmptied) {
  const Scratch scratch;
  const auto writing = open(scratch, Access::read_write);
  writing->pragma("PRAGMA journal_mode = WAL");
  writing->run_script("PRAGMA wal_autocheckpoint = 0; CREATE TABLE numbers (number BIGINT)");
  std::vector<std::unique_ptr<SqliteConnection>> connections;
  for (int i = 0; i < 2; ++i) connections.push_back(open(scratch, Access::read_only));
  ReaderPool pool(
      std::move(connections),
      [&] { return SqliteConnection::open(scratch.file(), Access::read_only); }, nullptr);
  // Two connections at once, so that one stays idle with its snapshot afterwards.
  const auto both = pool.with([&](SqliteConnection& outer) {
    return counted(outer) + *pool.with([](SqliteConnection& inner) { return counted(inner); });
  });
  EXPECT_EQ(*both, 0);
  writing->change(add, {});
  pool.note_commit();
  EXPECT_EQ(*pool.with([](SqliteConnection& one) { return counted(one); }), 1);
  EXPECT_GT(writing->checkpoint().value_or(0), 0);  // the idle snapshot is in the way
  pool.end_snapshots();
  EXPECT_EQ(writing->checkpoint(), 0);
}

TEST(Checkpointer, EndsSnapshotsBeforeItsSecondPass) {
  const Scratch scratch;
  auto connection = open(scratch, Access::read_write);
  connection->pragma("PRAGMA journal_mode = WAL");
  connection->run_script("CREATE TABLE numbers (number BIGINT)");
  Turnstile turnstile;
  std::atomic<int> ended = 0;
  Checkpointer checkpointer(std::move(connection), turnstile, [&] { ++ended; });
  checkpointer.noticed(checkpoint_frames);
  while (checkpointer.checkpoints() == 0) std::this_thread::yield();
  checkpointer.stop();
  EXPECT_EQ(ended, 1);
}

}  // namespace cardea::reader_pool_test
