// Group commit over PostgreSQL; see writer.h. Decisions T2, T3, E7.
#include "store/postgres/writer.h"

#include <algorithm>
#include <unordered_set>

#include "store/postgres/together.h"
#include "store/sql/apply.h"
#include "store/sql/failure.h"

namespace cardea::store::postgres {
namespace {

constexpr sql::Statement begin{"BEGIN"};
constexpr sql::Statement commit{"COMMIT"};
constexpr sql::Statement rollback{"ROLLBACK"};
// What it removes ended long before, so no node need forget anything (migration 0013).
constexpr sql::Statement say_sweep{"SELECT set_config('cardea.sweeps', 'on', true)"};

// How often an operation is done anew when another transaction came first.
constexpr int tries_max = 8;

}  // namespace

Writer::Writer(WriterOptions options, std::vector<std::unique_ptr<Link>> links)
    : options_(std::move(options)), sweeper_(options_.sweep_hold) {
  for (auto& link : links) {
    keepers_.push_back(std::make_unique<LinkKeeper>(options_.link, options_.log, std::move(link)));
  }
  for (std::size_t i = 0; i < keepers_.size(); ++i) {
    threads_.emplace_back([this, i] { run(*keepers_[i], i == 0); });
  }
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    arrived_.notify_all();
  }
  for (auto& thread : threads_) thread.join();
}

void Writer::submit(Operation operation, std::int64_t deadline_ms, Done done) {
  auto job = std::make_unique<Job>();
  job->operation = std::move(operation);
  job->deadline_ms = deadline_ms;
  job->done = std::move(done);
  auto keys = keys_of(job->operation);
  job->is_alone = !keys.has_value();
  if (keys) job->keys = *std::move(keys);
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && queue_.size() < options_.queue_max) {
      queue_.push_back(std::move(job));
      arrived_.notify_one();
      return;
    }
    ++statistics_.overloaded;
  }
  job->done(refuse(Failure{Failure::Kind::overloaded, "the write queue is full"}));
}

WriteStatistics Writer::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

void Writer::run(LinkKeeper& keeper, bool sweeps) {
  for (;;) {
    Batch batch = take_batch();
    if (batch.empty()) return;
    drop_late(batch);
    perform(keeper, batch);
    options_.wrote();
    count(batch);
    if (sweeps) sweep(keeper, batch.size());
    for (auto& job : batch) job->done(*std::move(job->answer));
  }
}

// What waits and may go together, in the order of its coming; nothing when there is no more to
// come.
Writer::Batch Writer::take_batch() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  Batch batch;
  if (queue_.empty()) return batch;
  if (queue_.front()->is_alone) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  } else {
    take_together(batch);
  }
  if (!queue_.empty()) arrived_.notify_one();
  return batch;
}

// Whoever has to wait for somebody of this batch keeps those waiting who have to wait for him.
void Writer::take_together(Batch& batch) {
  std::unordered_set<std::string_view> taken;
  auto at = queue_.begin();
  while (at != queue_.end() && batch.size() < options_.batch_max && !(*at)->is_alone) {
    bool is_free = true;
    for (const auto key : (*at)->keys) is_free = taken.insert(key).second && is_free;
    if (!is_free) {
      ++at;
      continue;
    }
    batch.push_back(std::move(*at));
    at = queue_.erase(at);
  }
}

void Writer::drop_late(Batch& batch) {
  const auto now_ms = monotonic_ms();
  for (auto& job : batch) {
    job->now = options_.clock.now();
    if (job->deadline_ms == 0 || now_ms <= job->deadline_ms) continue;
    job->answer = refuse(Failure{Failure::Kind::past_deadline, "not started in time"});
  }
}

void Writer::perform(LinkKeeper& keeper, Batch& batch) {
  std::vector<Job*> jobs;
  for (auto& job : batch) {
    if (!job->answer) jobs.push_back(job.get());
  }
  if (jobs.empty()) return;
  switch (attempt(keeper, jobs)) {
    case Attempt::committed:
      return;
    case Attempt::lost:
      answer_all(jobs, keeper.trouble());
      return;
    case Attempt::conflict:
    case Attempt::refused:
      for (Job* job : jobs) perform_alone(keeper, *job);
  }
}

void Writer::perform_alone(LinkKeeper& keeper, Job& job) {
  Attempt result = Attempt::conflict;
  for (int tries = 0; tries < tries_max && result == Attempt::conflict; ++tries) {
    Job* const alone = &job;
    result = attempt(keeper, Jobs(&alone, 1));
  }
  if (result == Attempt::committed) return;
  job.answer = refuse(sql::failure_for(keeper.trouble()));
  options_.log.warning("store.operation_failed", {{"reason", keeper.trouble().reason}});
  const std::lock_guard lock(mutex_);
  ++statistics_.failed_operations;
}

Writer::Attempt Writer::attempt(LinkKeeper& keeper, Jobs jobs) {
  Link* link = keeper.get();
  if (link == nullptr) return Attempt::lost;
  for (Job* job : jobs) {
    job->rehearsal.reset();
    job->is_finished = false;
    job->answer.reset();
  }
  Script script(*link);
  script.queue(begin);
  const auto result = converse(keeper, script, jobs);
  // Answers of the database are large; the outcomes are values.
  for (Job* job : jobs) job->rehearsal.reset();
  if (result != Attempt::conflict) return result;
  const std::lock_guard lock(mutex_);
  ++statistics_.conflicts;
  return result;
}

// Rounds of questions until nobody has one; the last brings the COMMIT with it.
Writer::Attempt Writer::converse(LinkKeeper& keeper, Script& script, Jobs jobs) {
  for (bool is_last = false; !is_last;) {
    is_last = true;
    for (Job* job : jobs) is_last = advance(script, *job) && is_last;
    if (is_last) script.queue(commit);
    const auto failure = script.exchange();
    if (failure) {
      keeper.note(*failure);
      if (failure->kind == sql::SqlFailure::Kind::lost) {
        keeper.drop();
        return Attempt::lost;
      }
      roll_back(keeper, script);
      return failure->kind == sql::SqlFailure::Kind::conflict ? Attempt::conflict
                                                              : Attempt::refused;
    }
  }
  if (script.is_committed()) return Attempt::committed;
  keeper.note({sql::SqlFailure::Kind::other, "the transaction was not committed"});
  keeper.drop();
  return Attempt::refused;
}

// True when the operation has all its answers.
bool Writer::advance(Script& script, Job& job) {
  if (job.is_finished) return true;
  job.rehearsal.begin(script);
  sql::ApplyContext context{
      .sql = job.rehearsal, .now = job.now, .token_retention = options_.token_retention};
  AnyOutcome outcome = sql::apply(context, job.operation);
  if (job.rehearsal.waits()) return false;
  job.is_finished = true;
  job.answer = std::move(outcome);
  return true;
}

void Writer::roll_back(LinkKeeper& keeper, Script& script) {
  script.queue(rollback);
  if (script.exchange()) keeper.drop();
}

// Nothing of the batch is known to be durable: everybody is told so.
void Writer::answer_all(Jobs jobs, const sql::SqlFailure& cause) {
  for (Job* job : jobs) job->answer = refuse(sql::failure_for(cause));
  options_.log.error(
      "store.commit_failed",
      {{"reason", cause.reason}, {"operations", static_cast<std::int64_t>(jobs.size())}});
}

// In a transaction of its own: one that fails costs nothing but its own rows.
void Writer::sweep(LinkKeeper& keeper, std::size_t operations) {
  unswept_ += operations;
  const auto now_ms = monotonic_ms();
  if (unswept_ < options_.sweep_after && now_ms - swept_at_ms_ < options_.sweep_interval.count()) {
    return;
  }
  Link* link = keeper.get();
  if (link == nullptr) return;
  SteppingConnection connection(*link);
  connection.run(begin, {});
  connection.run(say_sweep, {});
  const auto removed =
      sweeper_.sweep(connection, {.now = options_.clock.now(), .monotonic_ms = now_ms}, unswept_);
  connection.run(commit, {});
  unswept_ = 0;
  swept_at_ms_ = now_ms;
  if (connection.failure()) {
    keeper.note(*connection.failure());
    keeper.drop();
    return;
  }
  const std::lock_guard lock(mutex_);
  statistics_.swept_rows += removed;
}

void Writer::count(const Batch& batch) {
  const std::lock_guard lock(mutex_);
  std::int64_t late = 0;
  bool is_durable = false;
  for (const auto& job : batch) {
    const auto& answer = *job->answer;
    late += !answer && answer.error().kind == Failure::Kind::past_deadline ? 1 : 0;
    is_durable = is_durable || answer.ok();
  }
  const auto started = static_cast<std::int64_t>(batch.size()) - late;
  statistics_.past_deadline += late;
  statistics_.operations += started;
  if (started == 0) return;
  ++statistics_.batches;
  ++(is_durable ? statistics_.commits : statistics_.failed_batches);
}

}  // namespace cardea::store::postgres
