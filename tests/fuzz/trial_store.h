// The store of the targets that drive a whole server: in memory, every operation done at once on
// the one thread there is (a hand-over to a writer costs more than most operations do), and taken
// back to where it was before the next input. What it runs are the engines' own operations and
// statements (store/sql); group commit, readers and files have tests of their own.
#pragma once

#include <memory>
#include <utility>

#include "store/sql/reading_store.h"
#include "store/sql/sweep.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace cardea::fuzz {

class TrialStore final : public store::sql::ReadingStore<TrialStore> {
 public:
  explicit TrialStore(const Clock& clock);

  // From here on nothing lasts.
  void begin_trial();
  void take_back();

  bool is_shared() const override { return false; }
  store::Pending<Instant> store_now() override;
  store::WriteStatistics statistics() const override { return {}; }
  // At once; a read that fails is a finding.
  template <class Read>
  auto read(Read read) -> store::Pending<decltype(read(std::declval<store::sql::Connection&>()))> {
    auto value = read(static_cast<store::sql::Connection&>(*sql_));
    expect_sound();
    co_return value;
  }

 protected:
  void submit(store::Operation operation, std::int64_t deadline_ms, Done done) override;

 private:
  void expect_sound() const;

  const Clock& clock_;
  std::unique_ptr<store::sqlite::SqliteConnection> sql_;
  store::sql::Sweeper sweeper_{Seconds{0}};
};

}  // namespace cardea::fuzz
