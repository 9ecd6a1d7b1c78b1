// One connection to PostgreSQL, used by one thread at a time: statements are queued, sent together
// and answered in order (libpq's pipeline), so that many operations share a round trip. The few
// types of libpq that it needs are declared here; libpq's own header stays in pq_library.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "store/postgres/succession.h"
#include "store/sql/connection.h"

struct pg_conn;
struct pg_result;

namespace cardea::store::postgres {

// What the database said to one statement.
class Reply {
 public:
  explicit Reply(pg_result* result);

  // Nothing where the statement succeeded. skipped: an earlier one of its group failed.
  enum class State { succeeded, failed, skipped };
  State state() const;
  sql::SqlFailure failure() const;  // where it failed
  int rows() const;
  std::int64_t changed() const;
  // Whether it was a COMMIT that committed; the word of a failed transaction's is ROLLBACK.
  bool is_commit() const;
  const pg_result* get() const { return result_.get(); }

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

// A row of a reply. Integers come as two, four or eight bytes, most significant first.
class ReplyRow final : public sql::Row {
 public:
  ReplyRow(const Reply& reply, int row) : result_(reply.get()), row_(row) {}
  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  std::string text(int column) const override;

 private:
  const pg_result* result_;
  int row_;
};

struct Host;

struct LinkOptions {
  // A connection URI or keywords (PostgreSQL 15, 34.1.1). Wherever it names several hosts, the one
  // that takes writes is meant, unless it says otherwise itself; of several, the one that was
  // promoted last.
  std::string conninfo;
  // For opening one, and for one exchange: an answer that takes longer counts as none.
  std::chrono::milliseconds patience{5000};
  // Copies share it, and so do their links: none of them goes back to a primary that was replaced.
  std::shared_ptr<Succession> succession = std::make_shared<Succession>();
};

class Link {
 public:
  // Asks every host, so that it takes as long as the slowest of them.
  static Result<std::unique_ptr<Link>, sql::SqlFailure> open(const LinkOptions& options);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Between two exchanges: false when the database has hung up, so that nothing need be tried to
  // find out, and when another has taken its place as primary.
  bool is_open();
  // Queues a statement; its values are copied.
  void queue(const sql::Statement& statement, sql::Cells cells);
  // Sends what is queued as one group, after whose first failure the rest is skipped, and gives the
  // answers in order. A failure is that of the connection, which is of no use any more then, or of
  // a COMMIT that did not wait for its standby; what was sent may have happened.
  Result<std::vector<Reply>, sql::SqlFailure> exchange();
  // Several statements separated by semicolons, at once and alone.
  std::optional<sql::SqlFailure> run_script(std::string_view script);

 private:
  Link(pg_conn* connection, const LinkOptions& options)
      : connection_(connection), patience_(options.patience), succession_(options.succession) {}
  static Result<std::unique_ptr<Link>, sql::SqlFailure> open_at(const Host& host,
                                                                const LinkOptions& options);
  // 0 where there are none: a standby, or another engine that speaks PostgreSQL's protocol.
  Result<std::int64_t, sql::SqlFailure> ask_timeline();
  bool prepare(const sql::Statement& statement, sql::Cells cells);
  bool await_answer(std::int64_t until_ms);
  // The next result, or null between two statements; false when the connection failed.
  bool next_result(pg_result*& out, std::int64_t until_ms);
  sql::SqlFailure lost();

  // An answer that is due: of a statement, or of its preparation.
  struct Expected {
    enum class Kind { execution, preparation } kind;
    const sql::Statement* statement;
  };
  std::optional<sql::SqlFailure> take(const Expected& expected, std::vector<Reply>& replies,
                                      std::int64_t until_ms);
  pg_conn* connection_;
  std::chrono::milliseconds patience_;
  std::shared_ptr<Succession> succession_;
  std::int64_t timeline_ = 0;
  std::unordered_set<const sql::Statement*> prepared_;
  std::vector<Expected> queued_;
  std::optional<Reply> unprepared_;  // of a statement whose execution is answered next
  bool is_broken_ = false;
  bool is_warned_ = false;  // during the exchange under way
  std::string trouble_;     // why, where libpq does not say
};

// One statement a round trip, for work that is rare: migrations, sweeping, watching.
class SteppingConnection final : public sql::Connection {
 public:
  explicit SteppingConnection(Link& link) : link_(link) {}
  void each(const sql::Statement& statement, sql::Cells cells,
            const std::function<void(const sql::Row&)>& take) override;
  std::int64_t change(const sql::Statement& statement, sql::Cells cells) override;
  void run(const sql::Statement& statement, sql::Cells cells) override;
  void lock(const sql::Statement& statement, sql::Cells cells) override;
  void run_script(std::string_view script) override;
  const std::optional<sql::SqlFailure>& failure() const override { return failure_; }
  void clear_failure() override { failure_.reset(); }

 private:
  std::optional<Reply> ask(const sql::Statement& statement, sql::Cells cells);

  Link& link_;
  std::optional<sql::SqlFailure> failure_;
};

}  // namespace cardea::store::postgres
