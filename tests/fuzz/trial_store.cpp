// Operations and reads on one connection, one after the other; see trial_store.h.
#include "fuzz/trial_store.h"

#include "base/result.h"
#include "fuzz/finding.h"
#include "store/sql/apply.h"
#include "store/sql/migrate.h"
#include "store/sql/statements.h"

namespace cardea::fuzz {
namespace {

using store::sql::Cell;

constexpr store::sql::Statement begin{"BEGIN"};
constexpr store::sql::Statement rollback{"ROLLBACK"};
constexpr store::sql::Statement savepoint{"SAVEPOINT operation"};
constexpr store::sql::Statement release{"RELEASE operation"};

constexpr Seconds token_retention = hours(25);  // as the engine's own default

}  // namespace

TrialStore::TrialStore(const Clock& clock) : clock_(clock) {
  auto opened =
      store::sqlite::SqliteConnection::open(":memory:", store::sqlite::Access::read_write);
  ensure(opened.ok());
  sql_ = *std::move(opened);
  sql_->run_script("PRAGMA foreign_keys = ON; PRAGMA temp_store = 2;");
  ensure(store::sql::migrate(*sql_, store::sql::migrations(store::sql::Dialect::sqlite),
                             clock.now(), store::sql::Others::are_stopped)
             .ok());
  sql_->change(store::sql::insert_meta, {Cell::bytes(std::string(16, 'e')), Cell::bytes("")});
  expect_sound();
}

// The store does not fail by itself here: whatever SQLite refuses is a fault of a statement.
void TrialStore::expect_sound() const {
  const auto& failure = sql_->failure();
  expect(!failure, "a statement fails: " + (failure ? failure->reason : ""));
}

void TrialStore::begin_trial() {
  sweeper_ = store::sql::Sweeper(Seconds{0});
  sql_->change(begin, {});
  expect_sound();
}

void TrialStore::take_back() {
  sql_->clear_failure();
  sql_->change(rollback, {});
  expect_sound();
}

void TrialStore::submit(store::Operation operation, std::int64_t, Done done) {
  sql_->change(savepoint, {});
  store::sql::ApplyContext context{
      .sql = *sql_, .now = clock_.now(), .token_retention = token_retention};
  auto outcome = store::sql::apply(context, operation);
  sweeper_.sweep(*sql_, {.now = clock_.now(), .monotonic_ms = 0}, 1);
  sql_->change(release, {});
  expect_sound();
  done(std::move(outcome));
}

store::Pending<Instant> TrialStore::store_now() {
  co_return clock_.now();
}

}  // namespace cardea::fuzz
