// Reads that share round trips; see reader.h.
#include "store/postgres/reader.h"

#include "store/sql/failure.h"

namespace cardea::store::postgres {
namespace {

constexpr std::size_t batch_max = 256;
// A read has done nothing, so it may be asked again of a new connection.
constexpr int tries_max = 2;

}  // namespace

Reader::Reader(const LinkOptions& options, Log& log, std::size_t queue_max,
               std::vector<std::unique_ptr<Link>> links, const std::function<void()>& on_reopen)
    : queue_max_(queue_max) {
  for (auto& link : links) {
    keepers_.push_back(std::make_unique<LinkKeeper>(options, log, std::move(link), on_reopen));
  }
  for (auto& keeper : keepers_) {
    threads_.emplace_back([this, &keeper = *keeper] { run(keeper); });
  }
}

Reader::~Reader() {
  stop();
}

void Reader::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    arrived_.notify_all();
  }
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Reader::submit(Read read, Done done) {
  auto job = std::make_unique<Job>();
  job->read = std::move(read);
  job->done = std::move(done);
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && queue_.size() < queue_max_) {
      queue_.push_back(std::move(job));
      arrived_.notify_one();
      return;
    }
  }
  job->done(refuse(Failure{Failure::Kind::overloaded, "the read queue is full"}));
}

void Reader::run(LinkKeeper& keeper) {
  for (;;) {
    Batch batch = take_batch();
    if (batch.empty()) return;
    perform_anyhow(keeper, std::move(batch));
  }
}

// One that the database does not take must not cost the others their answers.
void Reader::perform_anyhow(LinkKeeper& keeper, Batch batch) {
  const bool is_alone = batch.size() == 1;
  std::optional<sql::SqlFailure> failure;
  for (int tries = 0; tries < tries_max && !batch.empty(); ++tries) {
    failure = perform(keeper, batch);
    if (failure && failure->kind != sql::SqlFailure::Kind::lost) break;
  }
  const bool is_to_blame = is_alone || (failure && failure->kind == sql::SqlFailure::Kind::lost);
  for (auto& job : batch) {
    if (is_to_blame) {
      job->done(refuse(sql::failure_for(*failure)));
      continue;
    }
    Batch alone;
    alone.push_back(std::move(job));
    perform_anyhow(keeper, std::move(alone));
  }
}

Reader::Batch Reader::take_batch() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
  Batch batch;
  while (!queue_.empty() && batch.size() < batch_max) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (!queue_.empty()) arrived_.notify_one();
  return batch;
}

std::optional<sql::SqlFailure> Reader::perform(LinkKeeper& keeper, Batch& batch) {
  Link* link = keeper.get();
  if (link == nullptr) return keeper.trouble();
  for (auto& job : batch) job->rehearsal.reset();
  while (!batch.empty()) {
    Script script(*link);
    for (auto& job : batch) {
      job->rehearsal.begin(script);
      job->read(job->rehearsal);
      job->is_finished = !job->rehearsal.waits();
    }
    finish(batch);
    if (batch.empty()) break;
    if (auto failure = script.exchange()) {
      keeper.note(*failure);
      if (failure->kind == sql::SqlFailure::Kind::lost) keeper.drop();
      return failure;
    }
  }
  return std::nullopt;
}

void Reader::finish(Batch& batch) {
  for (auto& job : batch) {
    if (job->is_finished) job->done(Unit{});
  }
  std::erase_if(batch, [](const std::unique_ptr<Job>& job) { return job->is_finished; });
}

}  // namespace cardea::store::postgres
