// The PostgreSQL driver; see link.h.
#include "store/postgres/link.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <forward_list>
#include <utility>

#include <poll.h>

#include "base/ascii.h"
#include "base/time.h"
#include "store/postgres/conninfo.h"
#include "store/postgres/pq_library.h"

namespace cardea::store::postgres {
namespace {

using sql::SqlFailure;

// Of the server's catalogue, the same in every PostgreSQL: bytea, int8, text.
constexpr Oid bytea_type = 17;
constexpr Oid int8_type = 20;
constexpr Oid text_type = 25;

constexpr int binary_format = 1;

// The first eight digits of a segment's name; pg_control_checkpoint() would lag behind a promotion.
constexpr sql::Statement current_timeline{
    "SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE CAST(CAST('x' || "
    "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS bit(32)) AS bigint) END"};

// A statement has fewer values than this.
constexpr std::size_t values_max = 32;

// Classes of SQLSTATE (PostgreSQL 15, appendix A).
SqlFailure::Kind kind_of(std::string_view state) {
  if (state == "40001" || state == "40P01") return SqlFailure::Kind::conflict;
  // Two that insert the same key at once: the second sees the first when it is done anew.
  if (state == "23505") return SqlFailure::Kind::conflict;
  const auto category = state.substr(0, 2);
  if (category == "23") return SqlFailure::Kind::constraint;
  if (category == "53") return SqlFailure::Kind::full;
  if (category == "58") return SqlFailure::Kind::io;
  if (category == "55") return SqlFailure::Kind::busy;
  // Shut down, in recovery, read only since another is the primary: others may be asked.
  if (category == "57" || category == "08" || state == "25006") return SqlFailure::Kind::lost;
  if (category == "XX") return SqlFailure::Kind::corrupt;
  return SqlFailure::Kind::other;
}

std::string_view field_of(const PGresult* result, int field) {
  const char* text = pq().result_error_field(result, field);
  return text != nullptr ? std::string_view(text) : std::string_view();
}

// The detail of a message may hold values; the message itself and the names do not.
SqlFailure failure_of(const PGresult* result) {
  const auto state = field_of(result, PG_DIAG_SQLSTATE);
  std::string reason = "PostgreSQL says " + std::string(state) + ": ";
  reason += field_of(result, PG_DIAG_MESSAGE_PRIMARY);
  if (const auto name = field_of(result, PG_DIAG_CONSTRAINT_NAME); !name.empty()) {
    reason += " (" + std::string(name) + ")";
  }
  return {kind_of(state), std::move(reason)};
}

// Big-endian eight bytes, as int8 travels.
std::array<char, 8> network_bytes(std::int64_t value) {
  std::array<char, 8> out{};
  auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = 8; i-- > 0; bits >>= 8) out[i] = static_cast<char>(bits & 0xff);
  return out;
}

Oid type_of(const sql::Cell& cell) {
  switch (cell.kind) {
    case sql::Cell::Kind::null:
      return 0;  // as the statement has it
    case sql::Cell::Kind::integer:
      return int8_type;
    case sql::Cell::Kind::text:
      return text_type;
    case sql::Cell::Kind::bytes:
      return bytea_type;
  }
  return 0;
}

// Two statements never share an address.
std::string name_of(const sql::Statement& statement) {
  return "s" + std::to_string(reinterpret_cast<std::uintptr_t>(&statement));
}

// PostgreSQL holds no text that is not UTF-8, and none with a NUL. Such a thing comes from outside
// (a User-Agent, a login that nobody has), and must neither fail nor be found.
std::string as_storable(std::string_view text) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  std::string out;
  for (const char c : text) {
    if (static_cast<signed char>(c) <= 0) {
      out += replacement;
    } else {
      out += c;
    }
  }
  return out;
}

bool is_storable(std::string_view text) {
  return text.find('\0') == std::string_view::npos && ascii::is_utf8(text);
}

// The values of one execution, as the library takes them.
struct Values {
  explicit Values(sql::Cells cells) {
    for (const sql::Cell& cell : cells) {
      formats[count] = binary_format;
      if (cell.kind == sql::Cell::Kind::integer) {
        numbers[count] = network_bytes(cell.integer);
        data[count] = numbers[count].data();
        sizes[count] = 8;
      } else if (cell.kind != sql::Cell::Kind::null) {
        const bool is_sound = cell.kind == sql::Cell::Kind::bytes || is_storable(cell.view);
        const std::string_view sent =
            is_sound ? cell.view : std::string_view(replaced.emplace_front(as_storable(cell.view)));
        data[count] = sent.data() != nullptr ? sent.data() : "";
        sizes[count] = static_cast<int>(sent.size());
      }
      ++count;
    }
  }
  std::size_t count = 0;
  std::array<std::array<char, 8>, values_max> numbers{};
  std::array<const char*, values_max> data{};
  std::array<int, values_max> sizes{};
  std::array<int, values_max> formats{};
  std::forward_list<std::string> replaced;
};

// Notices are for nobody; a warning is remembered.
void note_warning(void* is_warned, const PGresult* notice) {
  if (field_of(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING") {
    *static_cast<bool*>(is_warned) = true;
  }
}

// libpq's own message, without its last line feed.
std::string message_of(const PGconn* connection) {
  std::string text = pq().error_message(connection);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "the connection to PostgreSQL is lost" : text;
}

}  // namespace

Reply::Reply(pg_result* result) : result_(result) {}

void Reply::Clear::operator()(pg_result* result) const {
  pq().clear(result);
}

Reply::State Reply::state() const {
  switch (pq().result_status(result_.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      return State::succeeded;
    case PGRES_PIPELINE_ABORTED:
      return State::skipped;
    default:
      return State::failed;
  }
}

SqlFailure Reply::failure() const {
  return failure_of(result_.get());
}

int Reply::rows() const {
  return pq().ntuples(result_.get());
}

std::int64_t Reply::changed() const {
  return std::strtoll(pq().cmd_tuples(const_cast<PGresult*>(result_.get())), nullptr, 10);
}

bool Reply::is_commit() const {
  return std::string_view(pq().cmd_status(const_cast<PGresult*>(result_.get()))) == "COMMIT";
}

bool ReplyRow::is_null(int column) const {
  return pq().getisnull(result_, row_, column) == 1;
}

std::int64_t ReplyRow::integer(int column) const {
  const char* bytes = pq().getvalue(result_, row_, column);
  const int size = pq().getlength(result_, row_, column);
  if (size == 0) return 0;
  std::int64_t value = static_cast<signed char>(bytes[0]);
  for (int i = 1; i < size; ++i) value = value * 256 + static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string ReplyRow::text(int column) const {
  return {pq().getvalue(result_, row_, column),
          static_cast<std::size_t>(pq().getlength(result_, row_, column))};
}

Result<std::unique_ptr<Link>, SqlFailure> Link::open(const LinkOptions& options) {
  if (pq_library() == nullptr) {
    return refuse(SqlFailure{SqlFailure::Kind::lost, "libpq.so.5 is not installed"});
  }
  std::unique_ptr<Link> newest;
  std::string reasons;
  for (const Host& host : hosts_of(options.conninfo)) {
    auto link = open_at(host, options);
    if (!link) {
      reasons += (reasons.empty() ? "" : "\n") + link.error().reason;
    } else if (!newest || newest->timeline_ < (*link)->timeline_) {
      newest = *std::move(link);
    }
  }
  if (!newest) return refuse(SqlFailure{SqlFailure::Kind::lost, std::move(reasons)});
  if (!options.succession->admit(newest->timeline_)) {
    return refuse(
        SqlFailure{SqlFailure::Kind::lost,
                   newest->timeline_ == 0
                       ? "PostgreSQL did not tell its timeline, as it did on another connection; "
                         "a pooler that stands between must lend whole sessions"
                       : "this primary was replaced by another"});
  }
  return newest;
}

Result<std::unique_ptr<Link>, SqlFailure> Link::open_at(const Host& host,
                                                        const LinkOptions& options) {
  const auto seconds = std::to_string(std::max<std::int64_t>(2, options.patience.count() / 1000));
  const auto silence = std::to_string(options.patience.count());
  // What the operator's text says comes behind our own choices and counts; of its hosts, this one.
  // tcp_user_timeout: a peer that was cut off is noticed by what we send it.
  const std::array<const char*, 11> keywords{"target_session_attrs",
                                             "connect_timeout",
                                             "tcp_user_timeout",
                                             "keepalives_idle",
                                             "client_encoding",
                                             "fallback_application_name",
                                             "dbname",
                                             "host",
                                             "hostaddr",
                                             "port",
                                             nullptr};
  const std::array<const char*, 11> values{"read-write",
                                           seconds.c_str(),
                                           silence.c_str(),
                                           "5",
                                           "UTF8",
                                           "cardea",
                                           options.conninfo.c_str(),
                                           host.name.c_str(),
                                           host.address.c_str(),
                                           host.port.c_str(),
                                           nullptr};
  PGconn* connection = pq().connectdb_params(keywords.data(), values.data(), 1);
  if (pq().status(connection) != CONNECTION_OK) {
    SqlFailure failure{SqlFailure::Kind::lost, message_of(connection)};
    pq().finish(connection);
    return refuse(std::move(failure));
  }
  pq().setnonblocking(connection, 1);
  std::unique_ptr<Link> link(new Link(connection, options));
  pq().set_notice_receiver(connection, note_warning, &link->is_warned_);
  if (pq().enter_pipeline_mode(connection) != 1) return refuse(link->lost());
  auto timeline = link->ask_timeline();
  if (!timeline) return refuse(std::move(timeline).error());
  link->timeline_ = *timeline;
  return link;
}

Result<std::int64_t, SqlFailure> Link::ask_timeline() {
  queue(current_timeline, {});
  auto replies = exchange();
  if (!replies) return refuse(std::move(replies).error());
  const Reply& reply = replies->front();
  if (reply.state() != Reply::State::succeeded || reply.rows() == 0) return 0;
  return ReplyRow(reply, 0).integer(0);
}

Link::~Link() {
  pq().finish(connection_);
}

SqlFailure Link::lost() {
  is_broken_ = true;
  return {SqlFailure::Kind::lost, trouble_.empty() ? message_of(connection_) : trouble_};
}

bool Link::prepare(const sql::Statement& statement, sql::Cells cells) {
  if (!prepared_.insert(&statement).second) return true;
  std::array<Oid, values_max> types{};
  std::size_t count = 0;
  for (const sql::Cell& cell : cells) types[count++] = type_of(cell);
  const std::string text(statement.text);
  queued_.push_back({Expected::Kind::preparation, &statement});
  return pq().send_prepare(connection_, name_of(statement).c_str(), text.c_str(),
                           static_cast<int>(count), types.data()) == 1;
}

void Link::queue(const sql::Statement& statement, sql::Cells cells) {
  if (is_broken_) return;
  ensure(cells.size() <= values_max);
  const Values values(cells);
  const bool sent =
      prepare(statement, cells) &&
      pq().send_query_prepared(connection_, name_of(statement).c_str(),
                               static_cast<int>(values.count), values.data.data(),
                               values.sizes.data(), values.formats.data(), binary_format) == 1;
  if (!sent) is_broken_ = true;
  queued_.push_back({Expected::Kind::execution, &statement});
}

bool Link::is_open() {
  if (timeline_ < succession_->newest()) return false;
  pollfd watched{.fd = pq().socket(connection_), .events = POLLIN, .revents = 0};
  if (is_broken_ || poll(&watched, 1, 0) < 0) return false;
  // What comes unasked is a notice, or the end.
  return watched.revents == 0 ||
         (pq().consume_input(connection_) == 1 && pq().status(connection_) == CONNECTION_OK);
}

bool Link::await_answer(std::int64_t until_ms) {
  for (;;) {
    const int left = pq().flush(connection_);
    if (left < 0) return false;
    const auto wait = until_ms - monotonic_ms();
    if (wait <= 0) {
      trouble_ = "PostgreSQL did not answer in time";
      return false;
    }
    pollfd watched{.fd = pq().socket(connection_),
                   .events = static_cast<short>(left > 0 ? POLLIN | POLLOUT : POLLIN),
                   .revents = 0};
    const int ready = poll(&watched, 1, static_cast<int>(wait));
    if (ready < 0 && errno != EINTR) return false;
    if ((watched.revents & (POLLIN | POLLERR | POLLHUP)) != 0) {
      return pq().consume_input(connection_) == 1;
    }
  }
}

bool Link::next_result(pg_result*& out, std::int64_t until_ms) {
  while (pq().is_busy(connection_) == 1) {
    if (!await_answer(until_ms)) return false;
  }
  out = pq().get_result(connection_);
  return true;
}

std::optional<SqlFailure> Link::take(const Expected& expected, std::vector<Reply>& replies,
                                     std::int64_t until_ms) {
  pg_result* result = nullptr;
  if (!next_result(result, until_ms) || result == nullptr) return lost();
  Reply reply(result);
  pg_result* end = nullptr;
  if (!next_result(end, until_ms)) return lost();
  if (expected.kind == Expected::Kind::execution) {
    // Where the preparation failed, the execution was skipped; why, only that says.
    replies.push_back(unprepared_ ? *std::exchange(unprepared_, {}) : std::move(reply));
    return std::nullopt;
  }
  if (reply.state() != Reply::State::succeeded) prepared_.erase(expected.statement);
  if (reply.state() == Reply::State::failed) unprepared_ = std::move(reply);
  return std::nullopt;
}

Result<std::vector<Reply>, SqlFailure> Link::exchange() {
  const auto until_ms = monotonic_ms() + patience_.count();
  trouble_.clear();
  is_warned_ = false;
  std::vector<Reply> replies;
  if (is_broken_ || pq().pipeline_sync(connection_) != 1) return refuse(lost());
  replies.reserve(queued_.size());
  for (const Expected& expected : queued_) {
    if (auto failure = take(expected, replies, until_ms)) return refuse(*std::move(failure));
  }
  queued_.clear();
  pg_result* sync = nullptr;
  if (!next_result(sync, until_ms) || sync == nullptr) return refuse(lost());
  pq().clear(sync);
  // Somebody cancelled the wait for the standby: PostgreSQL warns of it and calls the transaction
  // committed all the same. It is, there; the standby may not have it.
  if (is_warned_ && std::ranges::any_of(replies, &Reply::is_commit)) {
    trouble_ = "PostgreSQL committed with a warning: no standby may have it";
    return refuse(lost());
  }
  return replies;
}

std::optional<SqlFailure> Link::run_script(std::string_view script) {
  if (is_broken_ || pq().exit_pipeline_mode(connection_) != 1) return lost();
  const std::string text(script);
  if (pq().send_query(connection_, text.c_str()) != 1) return lost();
  std::optional<SqlFailure> failure;
  const auto until_ms = monotonic_ms() + std::chrono::milliseconds(std::chrono::hours(1)).count();
  for (;;) {
    pg_result* result = nullptr;
    if (!next_result(result, until_ms)) return lost();
    if (result == nullptr) break;
    const Reply reply(result);
    if (reply.state() == Reply::State::failed && !failure) failure = reply.failure();
  }
  if (pq().enter_pipeline_mode(connection_) != 1) return lost();
  return failure;
}

std::optional<Reply> SteppingConnection::ask(const sql::Statement& statement, sql::Cells cells) {
  if (failure_) return std::nullopt;
  link_.queue(statement, cells);
  auto replies = link_.exchange();
  if (!replies) {
    failure_ = std::move(replies).error();
    return std::nullopt;
  }
  Reply reply = std::move(replies->front());
  if (reply.state() == Reply::State::succeeded) return reply;
  failure_ = reply.failure();
  return std::nullopt;
}

void SteppingConnection::each(const sql::Statement& statement, sql::Cells cells,
                              const std::function<void(const sql::Row&)>& take) {
  const auto reply = ask(statement, cells);
  for (int row = 0; reply && row < reply->rows(); ++row) take(ReplyRow(*reply, row));
}

std::int64_t SteppingConnection::change(const sql::Statement& statement, sql::Cells cells) {
  const auto reply = ask(statement, cells);
  return reply ? reply->changed() : 0;
}

void SteppingConnection::run(const sql::Statement& statement, sql::Cells cells) {
  static_cast<void>(ask(statement, cells));
}

void SteppingConnection::lock(const sql::Statement& statement, sql::Cells cells) {
  static_cast<void>(ask(statement, cells));
}

void SteppingConnection::run_script(std::string_view script) {
  if (!failure_) failure_ = link_.run_script(script);
}

}  // namespace cardea::store::postgres
