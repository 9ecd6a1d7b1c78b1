// Opening a store on PostgreSQL, and its two queues; see postgres_store.h.
#include "store/postgres/postgres_store.h"

#include <deque>
#include <mutex>
#include <utility>

#include "crypto/random.h"
#include "store/postgres/changes_seen.h"
#include "store/postgres/reader.h"
#include "store/postgres/writer.h"

namespace cardea::store::postgres {
namespace {

constexpr sql::Statement database_now{
    "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"};

// By the name that connections of ours have (Link).
constexpr sql::Statement count_others{
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()"};

// Nodes that start at once take turns with the schema, each issuer's apart; the lock ends with the
// connection at the latest.
constexpr std::string_view take_turn{
    "SELECT pg_advisory_lock(hashtext('cardea schema ' || coalesce(current_schema(), '')))"};
constexpr std::string_view end_turn{
    "SELECT pg_advisory_unlock(hashtext('cardea schema ' || coalesce(current_schema(), '')))"};

// What migration 0013 counts by. One that is switched off, or gone, counts nothing.
constexpr sql::Statement count_counting_triggers{
    "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE t.tgname LIKE '%\\_changes\\_by\\_%' AND t.tgenabled IN ('O', 'A')"
    " AND c.relnamespace = CAST(current_schema() AS regnamespace)"};
constexpr std::int64_t counting_triggers = 23;

// A question that takes longer is not waited for by those who come meanwhile: they ask again, on
// another connection.
constexpr std::int64_t overtaken_after_ms = 100;

NullLog& no_log() {
  static NullLog log;
  return log;
}

OpenError unavailable(const sql::SqlFailure& cause) {
  return {OpenError::Kind::unavailable, cause.reason};
}

OpenError error_of(const sql::MigrationRefusal& refusal) {
  using From = sql::MigrationRefusal::Kind;
  switch (refusal.kind) {
    case From::newer:
      return {OpenError::Kind::newer_schema, refusal.reason};
    case From::changed:
      return {OpenError::Kind::changed_migration, refusal.reason};
    case From::stops_others:
      return {OpenError::Kind::stops_others, refusal.reason};
    case From::busy:
    case From::failed:
      break;
  }
  return {OpenError::Kind::unavailable, refusal.reason};
}

Instant now_of(sql::Connection& connection) {
  return connection.first(database_now, {}, [](const sql::Row& row) { return row.instant(0); })
      .value_or(Instant{});
}

// What a migration has to lock, it waits for no longer than this: others queue behind it. After a
// pause it tries again.
constexpr std::string_view bound_waiting{"SET lock_timeout = '300ms'"};
constexpr std::string_view wait_freely{"RESET lock_timeout"};
constexpr std::string_view pause_between_tries{"SELECT pg_sleep(0.5)"};
constexpr int tries_max = 60;

Result<int, OpenError> migrate_in_turn(sql::Connection& connection,
                                       std::span<const sql::Migration> to, sql::Others others) {
  const auto now = now_of(connection);
  connection.run_script(take_turn);
  connection.run_script(bound_waiting);
  if (connection.failure()) return refuse(unavailable(*connection.failure()));
  for (int tries = 1;; ++tries) {
    const auto migrated = sql::migrate(connection, to, now, others);
    if (migrated) {
      connection.run_script(wait_freely);
      connection.run_script(end_turn);
      if (connection.failure()) return refuse(unavailable(*connection.failure()));
      return *migrated;
    }
    const bool is_busy = migrated.error().kind == sql::MigrationRefusal::Kind::busy;
    if (!is_busy || tries == tries_max) return refuse(error_of(migrated.error()));
    connection.run_script(pause_between_tries);
  }
}

std::optional<OpenError> set_up_schema(Link& link, const OpenOptions& options) {
  SteppingConnection connection(link);
  const auto migrated = migrate_in_turn(connection, options.migrations, sql::Others::may_serve);
  if (!migrated) return migrated.error();
  return std::nullopt;
}

class Schema final : public sql::SchemaAccess {
 public:
  explicit Schema(std::unique_ptr<Link> link) : link_(std::move(link)), connection_(*link_) {}
  sql::Connection& sql() override { return connection_; }

 private:
  std::unique_ptr<Link> link_;
  SteppingConnection connection_;
};

std::optional<OpenError> set_up_facts(Link& link, const OpenOptions& options) {
  crypto::SystemRandom system;
  Random& random = options.random != nullptr ? *options.random : system;
  SteppingConnection connection(link);
  const std::string epoch = random.bytes(16);
  connection.run(sql::insert_meta, {sql::Cell::bytes(epoch), sql::Cell::bytes("")});
  if (connection.failure()) return unavailable(*connection.failure());
  return std::nullopt;
}

// On doubt nothing is remembered.
bool counts_changes(Link& link) {
  SteppingConnection connection(link);
  const auto found = connection.first(count_counting_triggers, {},
                                      [](const sql::Row& row) { return row.integer(0); });
  return found == counting_triggers;
}

using Links = std::vector<std::unique_ptr<Link>>;

Result<Links, OpenError> open_links(const LinkOptions& options, std::size_t count) {
  Links links;
  while (links.size() < count) {
    auto link = Link::open(options);
    if (!link) return refuse(unavailable(link.error()));
    links.push_back(*std::move(link));
  }
  return links;
}

}  // namespace

struct PostgresStore::Parts {
  LinkOptions link;
  StoreClock database_clock;
  const Clock* clock = nullptr;
  bool keeps_time = false;  // the clock is the database's

  bool remembers = false;  // the database counts what changes
  ChangesSeen seen;

  // Who waits for the next question about versions. Nothing is delivered to who is to ask it.
  using Asking = std::deque<Delivery<std::optional<Answer<Versions>>>::Sink>;
  std::mutex asking_mutex;
  Asking asking;
  int questions = 0;             // on their way
  std::int64_t asked_at_ms = 0;  // the last of them
  Asking take_asking() {
    const std::lock_guard lock(asking_mutex);
    return std::exchange(asking, {});
  }
  // Under the mutex: whether a question is to be sent for those who wait.
  bool begin_question() {
    const auto now_ms = monotonic_ms();
    if (questions > 0 && now_ms - asked_at_ms < overtaken_after_ms) return false;
    ++questions;
    asked_at_ms = now_ms;
    return true;
  }
  // One of those who came meanwhile, to ask the next.
  std::optional<Asking::value_type> end_question() {
    const std::lock_guard lock(asking_mutex);
    --questions;
    if (asking.empty()) return std::nullopt;
    auto next = std::move(asking.front());
    asking.pop_front();
    return next;
  }

  std::unique_ptr<Writer> writer;
  std::unique_ptr<Reader> reader;
};

PostgresStore::PostgresStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

// A question that is answered may bring about the next, so nothing is taken apart before the last.
PostgresStore::~PostgresStore() {
  parts_->reader->stop();
}

void PostgresStore::submit(Operation operation, std::int64_t deadline_ms, Done done) {
  parts_->writer->submit(std::move(operation), deadline_ms, std::move(done));
}

void PostgresStore::submit_read(std::function<void(sql::Connection&)> read,
                                std::move_only_function<void(Status<Failure>)> done) {
  parts_->reader->submit(std::move(read), std::move(done));
}

WriteStatistics PostgresStore::statistics() const {
  return parts_->writer->statistics();
}

sql::Memory& PostgresStore::memory() {
  return parts_->seen.memory();
}

Instant PostgresStore::now() const {
  return parts_->clock->now();
}

// What this node wrote is seen in memory when the count was asked since.
Pending<Unit> PostgresStore::catch_up() {
  if (!parts_->seen.is_up_to_date()) {
    if (const auto asked = co_await versions(); !asked) co_return refuse(asked.error());
  }
  co_return Unit{};
}

Pending<std::shared_ptr<const User>> PostgresStore::find_user(UserId user_id) {
  if (!parts_->remembers) co_return co_await ReadingStore::find_user(std::move(user_id));
  if (const auto done = co_await catch_up(); !done) co_return refuse(done.error());
  co_return co_await RememberingStore::find_user(std::move(user_id));
}

Pending<std::shared_ptr<const GrantView>> PostgresStore::find_grant(GrantId grant_id,
                                                                    TokenId token_id) {
  if (!parts_->remembers) {
    co_return co_await ReadingStore::find_grant(std::move(grant_id), std::move(token_id));
  }
  if (const auto done = co_await catch_up(); !done) co_return refuse(done.error());
  co_return co_await RememberingStore::find_grant(std::move(grant_id), std::move(token_id));
}

Pending<std::vector<Counter>> PostgresStore::counters(std::vector<CounterDigest> keys) {
  if (!parts_->remembers) co_return co_await ReadingStore::counters(std::move(keys));
  if (const auto done = co_await catch_up(); !done) co_return refuse(done.error());
  std::string name;
  for (const auto& key : keys) name += key.value();
  auto& kept = parts_->seen.counters();
  const auto look = kept.look(name);
  if (look.found) co_return *look.found;
  auto read = co_await ReadingStore::counters(std::move(keys));
  if (read) {
    kept.keep(std::move(name), std::make_shared<const std::vector<Counter>>(*read), look.version);
  }
  co_return read;
}

// The question is sent when all that is at hand was looked at, for that may ask as well.
Pending<Versions> PostgresStore::versions() {
  for (;;) {
    Delivery<std::optional<Answer<Versions>>> delivery;
    bool is_to_ask = false;
    {
      const std::lock_guard lock(parts_->asking_mutex);
      parts_->asking.push_back(delivery.sink());
      is_to_ask = parts_->begin_question();
    }
    if (is_to_ask) {
      co_await EndOfTurn();
      ask_for_versions();
    }
    auto answer = co_await delivery;
    if (answer) co_return *std::move(answer);
  }
}

struct PostgresStore::Question {
  std::optional<Parts::Asking> asking;
  ChangesSeen::Asked asked;
  std::optional<Versions> answer;
};

// The question is put together when it is sent; who comes later gets the next one.
void PostgresStore::ask_for_versions() {
  auto question = std::make_shared<Question>();
  submit_read(
      [this, question](sql::Connection& connection) {
        if (!question->asking) {
          question->asking = parts_->take_asking();
          question->asked = parts_->seen.ask();
        }
        question->answer = sql::read_versions_of(connection);
      },
      [this, question](const Status<Failure>& status) { answer_versions(*question, status); });
}

void PostgresStore::answer_versions(Question& question, const Status<Failure>& status) {
  if (!question.asking) question.asking = parts_->take_asking();
  const Answer<Versions> answer =
      status ? sql::present(question.answer) : Answer<Versions>(refuse(status.error()));
  std::optional<Answer<Versions>> told;
  if (!answer || parts_->seen.answered(question.asked, *answer)) told = answer;
  for (const auto& sink : *question.asking) sink.deliver(told);
  if (const auto next = parts_->end_question()) next->deliver(std::nullopt);
}

// The answer was true somewhere between the question and now; its middle errs least.
Pending<Instant> PostgresStore::store_now() {
  if (!parts_->keeps_time) co_return parts_->clock->now();
  const auto asked_ms = monotonic_ms();
  auto now = co_await read(now_of);
  if (!now) co_return refuse(std::move(now).error());
  const Instant here{now->unix_ms + (monotonic_ms() - asked_ms) / 2};
  parts_->database_clock.synchronise(here);
  co_return here;
}

Result<std::unique_ptr<PostgresStore>, OpenError> open(const OpenOptions& options) {
  auto writing = open_links(options.link, options.writers);
  if (!writing) return refuse(std::move(writing).error());
  auto reading = open_links(options.link, options.readers);
  if (!reading) return refuse(std::move(reading).error());
  if (auto error = set_up_schema(*writing->front(), options)) return refuse(*std::move(error));
  if (auto error = set_up_facts(*writing->front(), options)) return refuse(*std::move(error));
  auto parts = std::make_unique<PostgresStore::Parts>();
  parts->link = options.link;
  parts->keeps_time = options.clock == nullptr;
  parts->clock = parts->keeps_time ? &parts->database_clock : options.clock;
  if (parts->keeps_time) {
    SteppingConnection connection(*writing->front());
    parts->database_clock.synchronise(now_of(connection));
  }
  Log& log = options.log != nullptr ? *options.log : no_log();
  parts->remembers = counts_changes(*writing->front());
  if (!parts->remembers) log.warning("store.changes_not_counted");
  auto& seen = parts->seen;
  parts->writer = std::make_unique<Writer>(WriterOptions{.link = parts->link,
                                                         .clock = *parts->clock,
                                                         .log = log,
                                                         .queue_max = options.queue_max,
                                                         .batch_max = options.batch_max,
                                                         .token_retention = options.token_retention,
                                                         .sweep_hold = options.sweep_hold,
                                                         .sweep_after = options.sweep_after,
                                                         .sweep_interval = options.sweep_interval,
                                                         .wrote = [&seen] { seen.note_write(); }},
                                           *std::move(writing));
  parts->reader = std::make_unique<Reader>(parts->link, log, options.queue_max, *std::move(reading),
                                           [&seen] { seen.note_connection(); });
  return std::unique_ptr<PostgresStore>(new PostgresStore(std::move(parts)));
}

Result<std::unique_ptr<sql::SchemaAccess>, OpenError> open_schema(const LinkOptions& options) {
  auto link = Link::open(options);
  if (!link) return refuse(unavailable(link.error()));
  std::unique_ptr<sql::SchemaAccess> out = std::make_unique<Schema>(*std::move(link));
  out->sql().run_script(bound_waiting);
  if (const auto& failure = out->sql().failure()) return refuse(unavailable(*failure));
  return out;
}

Result<int, OpenError> count_nodes(const LinkOptions& options) {
  auto link = Link::open(options);
  if (!link) return refuse(unavailable(link.error()));
  SteppingConnection connection(**link);
  const auto count =
      connection.first(count_others, {}, [](const sql::Row& row) { return row.integer(0); });
  if (connection.failure()) return refuse(unavailable(*connection.failure()));
  return static_cast<int>(count.value_or(0));
}

Result<int, OpenError> bring_up_to_date(const LinkOptions& options,
                                        std::span<const sql::Migration> to, sql::Others others) {
  auto link = Link::open(options);
  if (!link) return refuse(unavailable(link.error()));
  SteppingConnection connection(**link);
  return migrate_in_turn(connection, to, others);
}

}  // namespace cardea::store::postgres
