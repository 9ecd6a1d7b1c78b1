// Group commit and what is done when the disk refuses; see writer.h. Decision T2.
#include "store/sqlite/writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "store/sql/failure.h"

namespace cardea::store::sqlite {
namespace {

constexpr sql::Statement begin{"BEGIN IMMEDIATE"};
constexpr sql::Statement commit_all{"COMMIT"};
constexpr sql::Statement rollback_all{"ROLLBACK"};
constexpr sql::Statement savepoint{"SAVEPOINT operation"};
constexpr sql::Statement release{"RELEASE operation"};
constexpr sql::Statement rollback_operation{"ROLLBACK TO operation"};

// Between two tries to bring a broken store back; a batch in between is refused at once.
constexpr std::int64_t recovery_interval_ms = 200;

// A full disk and a busy lock leave the connection sound: the next batch may simply try again.
bool needs_recovery(const sql::SqlFailure& cause) {
  using enum sql::SqlFailure::Kind;
  return cause.kind == io || cause.kind == corrupt || cause.kind == other;
}

// Runs a statement that must not be stopped by an earlier failure.
void run_anyway(SqliteConnection& connection, const sql::Statement& statement) {
  connection.clear_failure();
  connection.change(statement, {});
  connection.clear_failure();
}

}  // namespace

Writer::Writer(std::unique_ptr<SqliteConnection> connection, WriterOptions options)
    : options_(std::move(options)),
      connection_(std::move(connection)),
      sweeper_(options_.sweep_hold),
      thread_([this] { run(); }) {
  if (options_.occupancy == nullptr) return;
  options_.occupancy->on_idle([this] {
    const std::lock_guard lock(mutex_);
    if (gathering_) arrived_.notify_one();
  });
}

Writer::~Writer() {
  stop();
}

void Writer::stop() {
  if (options_.occupancy != nullptr) options_.occupancy->on_idle({});
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    arrived_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Writer::submit(Operation operation, std::int64_t deadline_ms, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && queue_.size() < options_.queue_max) {
      queue_.push_back({std::move(operation), deadline_ms, std::move(done), std::nullopt});
      if (!gathering_ || queue_.size() >= options_.batch_max) arrived_.notify_one();
      return;
    }
    ++statistics_.overloaded;
  }
  done(refuse(Failure{Failure::Kind::overloaded, "the write queue is full"}));
}

WriteStatistics Writer::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

void Writer::run() {
  for (;;) {
    Batch batch = take_batch();
    if (batch.empty()) return;
    perform(batch);
    for (Job& job : batch) job.done(*std::move(job.answer));
  }
}

// Everything that waits, up to a limit; nothing when there is no more to come.
Writer::Batch Writer::take_batch() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  gather(lock);
  Batch batch;
  while (!queue_.empty() && batch.size() < options_.batch_max) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

void Writer::gather(std::unique_lock<std::mutex>& lock) {
  if (options_.occupancy == nullptr) return;
  const auto until = monotonic_ms() + options_.gather_max.count();
  gathering_ = true;
  options_.occupancy->await_idle(true);
  while (!stopping_ && queue_.size() < options_.batch_max && options_.occupancy->is_saturated()) {
    const auto left = until - monotonic_ms();
    if (left <= 0) break;
    arrived_.wait_for(lock, std::chrono::milliseconds(left));
  }
  options_.occupancy->await_idle(false);
  gathering_ = false;
}

void Writer::perform(Batch& batch) {
  std::int64_t late = 0;
  const std::int64_t now_ms = monotonic_ms();
  for (Job& job : batch) {
    if (job.deadline_ms == 0 || now_ms <= job.deadline_ms) continue;
    job.answer = refuse(Failure{Failure::Kind::past_deadline, "not started in time"});
    ++late;
  }
  const auto started = static_cast<std::int64_t>(batch.size()) - late;
  Attempt result = Attempt::failed;
  if (started > 0) {
    if (options_.turnstile != nullptr) options_.turnstile->begin_batch();
    if (is_healthy()) {
      result = attempt(batch, Isolation::none);
      if (result == Attempt::disturbed) result = attempt(batch, Isolation::savepoints);
      // SQLite gave up the transaction on one operation's error. That operation has its answer; the
      // others get one more try without it.
      if (result == Attempt::transaction_lost) result = attempt(batch, Isolation::savepoints);
      if (result == Attempt::transaction_lost) must_recover_ = needs_recovery(last_failure_);
    }
    if (result != Attempt::committed) abandon(batch, last_failure_);
    options_.committed(std::exchange(touched_, false));
    if (options_.turnstile != nullptr) options_.turnstile->end_batch();
  }
  const std::lock_guard lock(mutex_);
  statistics_.past_deadline += late;
  statistics_.operations += started;
  if (started > 0) ++statistics_.batches;
  if (result == Attempt::committed) ++statistics_.commits;
  if (started > 0 && result != Attempt::committed) ++statistics_.failed_batches;
}

Writer::Attempt Writer::attempt(Batch& batch, Isolation isolation) {
  std::unique_lock<std::shared_mutex> alone;
  if (options_.exclusion != nullptr) alone = std::unique_lock(*options_.exclusion);
  connection_->clear_failure();
  connection_->change(begin, {});
  if (connection_->failure()) {
    last_failure_ = *connection_->failure();
    must_recover_ = needs_recovery(last_failure_);
    return Attempt::failed;
  }
  std::size_t applied = 0;
  for (Job& job : batch) {
    // Answered already: late, or failed in the attempt before.
    if (job.answer && !job.answer->ok()) continue;
    if (isolation == Isolation::none) {
      if (!apply_together(job)) return Attempt::disturbed;
      ++applied;
      continue;
    }
    apply_isolated(job);
    if (!connection_->in_transaction()) return Attempt::transaction_lost;
    ++applied;
  }
  sweep(applied);
  return connection_->in_transaction() ? commit(batch) : Attempt::transaction_lost;
}

AnyOutcome Writer::apply(const Job& job) {
  sql::ApplyContext context{.sql = *connection_,
                            .now = options_.clock.now(),
                            .token_retention = options_.token_retention};
  return sql::apply(context, job.operation);
}

// False when the operation failed: then nothing of the batch is left, and it may be done anew.
bool Writer::apply_together(Job& job) {
  AnyOutcome outcome = apply(job);
  if (!connection_->failure()) {
    job.answer = std::move(outcome);
    return true;
  }
  if (connection_->in_transaction()) run_anyway(*connection_, rollback_all);
  return false;
}

void Writer::apply_isolated(Job& job) {
  connection_->change(savepoint, {});
  AnyOutcome outcome = apply(job);
  if (!connection_->failure()) connection_->change(release, {});
  if (!connection_->failure()) {
    job.answer = std::move(outcome);
    return;
  }
  last_failure_ = *connection_->failure();
  job.answer = refuse(sql::failure_for(last_failure_));
  {
    const std::lock_guard lock(mutex_);
    ++statistics_.failed_operations;
  }
  options_.log.warning("store.operation_failed", {{"reason", last_failure_.reason}});
  connection_->clear_failure();
  if (connection_->in_transaction()) {
    run_anyway(*connection_, rollback_operation);
    run_anyway(*connection_, release);
  }
}

// A sweep that fails costs nothing but its own rows. What it removes was over before, for whoever
// remembers it as well.
void Writer::sweep(std::size_t operations) {
  touched_ = connection_->take_touched() || touched_;
  connection_->change(savepoint, {});
  const auto removed = sweeper_.sweep(
      *connection_, {.now = options_.clock.now(), .monotonic_ms = monotonic_ms()}, operations);
  if (connection_->failure()) {
    last_failure_ = *connection_->failure();
    if (connection_->in_transaction()) run_anyway(*connection_, rollback_operation);
  } else if (removed > 0) {
    const std::lock_guard lock(mutex_);
    statistics_.swept_rows += removed;
  }
  if (connection_->in_transaction()) run_anyway(*connection_, release);
  connection_->take_touched();
}

Writer::Attempt Writer::commit(Batch& batch) {
  connection_->clear_failure();
  const auto began = monotonic_ns();
  connection_->change(commit_all, {});
  if (!connection_->failure()) {
    measure_commit(monotonic_ns() - began);
    return Attempt::committed;
  }
  last_failure_ = *connection_->failure();
  if (connection_->in_transaction()) run_anyway(*connection_, rollback_all);
  must_recover_ = needs_recovery(last_failure_);
  options_.log.error(
      "store.commit_failed",
      {{"reason", last_failure_.reason}, {"operations", static_cast<std::int64_t>(batch.size())}});
  return Attempt::failed;
}

// The shortest of late: another's work on the same core is no waiting for the disk.
void Writer::measure_commit(std::int64_t took_ns) {
  if (options_.occupancy == nullptr) return;
  const auto more = took_ns - commit_ns_;
  commit_ns_ += more < 0 || commit_ns_ == 0 ? more : more / 64;
  options_.occupancy->set_wait_ns(commit_ns_);
}

// Nothing of the batch is durable: everybody who was promised something is told so.
void Writer::abandon(Batch& batch, const sql::SqlFailure& cause) {
  if (connection_->in_transaction()) run_anyway(*connection_, rollback_all);
  connection_->clear_failure();
  for (Job& job : batch) {
    if (!job.answer || job.answer->ok()) job.answer = refuse(sql::failure_for(cause));
  }
}

bool Writer::is_healthy() {
  if (must_recover_ && monotonic_ms() >= recover_at_ms_) recover();
  return !must_recover_;
}

// After a failed flush nothing that the page cache says can be trusted: a new connection checks the
// database and flushes the log's sound part into it before anything is written again.
void Writer::recover() {
  recover_at_ms_ = monotonic_ms() + recovery_interval_ms;
  auto reopened = options_.reopen();
  if (!reopened) {
    last_failure_ = reopened.error();
    options_.log.error("store.recovery_failed", {{"reason", last_failure_.reason}});
    return;
  }
  connection_ = *std::move(reopened);
  must_recover_ = false;
  options_.log.warning("store.recovered");
  const std::lock_guard lock(mutex_);
  ++statistics_.recoveries;
}

}  // namespace cardea::store::sqlite
