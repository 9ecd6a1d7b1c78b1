// An operation as it is run on PostgreSQL: again and again from its start, each time with the
// answers that it has got so far, until no answer is missing. So many operations, each written as
// plain code that reads top to bottom, go forward together: all send their next statements, and one
// round trip answers them. An operation is a function of its value and its answers, so each run
// says the same up to where the last one stopped.
#pragma once

#include <optional>
#include <vector>

#include "store/postgres/link.h"

namespace cardea::store::postgres {

class Rehearsal;

// What was queued on a link since its last exchange, in order.
class Script {
 public:
  explicit Script(Link& link) : link_(link) {}
  // Queues a statement of nobody's: BEGIN, COMMIT.
  void queue(const sql::Statement& statement);
  // Exchanges, and hands each answer to the rehearsal that asked. Nothing where all succeeded.
  // The connection failed: lost, or what the database says of a statement it does not know.
  std::optional<sql::SqlFailure> exchange();
  // Of the last exchange: whether its last statement was a COMMIT that committed.
  bool is_committed() const { return committed_; }

 private:
  friend Rehearsal;
  struct Asked {
    Rehearsal* by;  // null: nobody
    std::size_t at;
  };
  void queue(Rehearsal& by, std::size_t at, const sql::Statement& statement, sql::Cells cells);

  Link& link_;
  std::vector<Asked> asked_;
  bool committed_ = false;
};

class Rehearsal final : public sql::Connection {
 public:
  // Before each run. What is new goes to this script, which must outlive the run.
  void begin(Script& script);
  // After a run: whether it stopped for an answer, so that its result means nothing.
  bool waits() const { return waits_; }
  // Forgets all answers: the operation is to be done anew.
  void reset();

  void each(const sql::Statement& statement, sql::Cells cells,
            const std::function<void(const sql::Row&)>& take) override;
  std::int64_t change(const sql::Statement& statement, sql::Cells cells) override;
  void run(const sql::Statement& statement, sql::Cells cells) override;
  void lock(const sql::Statement& statement, sql::Cells cells) override;
  void run_script(std::string_view script) override;
  const std::optional<sql::SqlFailure>& failure() const override { return failure_; }
  void clear_failure() override { failure_.reset(); }

 private:
  friend Script;
  void send(const sql::Statement& statement, sql::Cells cells);
  // The answer at hand, or null with waits_ set.
  const Reply* ask(const sql::Statement& statement, sql::Cells cells);

  Script* script_ = nullptr;
  std::vector<std::optional<Reply>> answers_;  // of the statements sent so far
  std::size_t position_ = 0;                   // of the next statement of this run
  bool waits_ = false;
  std::optional<sql::SqlFailure> failure_;  // never set: a failed statement ends the transaction
};

}  // namespace cardea::store::postgres
