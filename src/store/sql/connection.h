// One SQL connection as the operations see it: prepared statements with numbered placeholders,
// values in, rows out. A failure is kept by the connection (the first one; later statements do
// nothing until clear_failure), so that an operation reads top to bottom and its engine asks once
// at the end. Drivers translate errors and placeholders; no driver type appears here.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/tagged.h"
#include "base/time.h"

namespace cardea::store::sql {

// Placeholders are $1, $2, ... Drivers cache by address: every statement is one constant.
struct Statement {
  std::string_view text;
};

// A value to bind. Views must outlive the call that takes the cell.
struct Cell {
  enum class Kind { null, integer, text, bytes };
  Kind kind = Kind::null;
  std::int64_t integer = 0;
  std::string_view view;

  Cell(std::nullopt_t) {}
  Cell(std::int64_t number) : kind(Kind::integer), integer(number) {}
  Cell(int number) : kind(Kind::integer), integer(number) {}
  Cell(bool flag) : kind(Kind::integer), integer(flag ? 1 : 0) {}
  Cell(Instant at) : kind(Kind::integer), integer(at.unix_ms) {}
  Cell(std::optional<Instant> at)
      : kind(at ? Kind::integer : Kind::null), integer(at ? at->unix_ms : 0) {}
  Cell(std::string_view text) : kind(Kind::text), view(text) {}
  Cell(const std::string& text) : kind(Kind::text), view(text) {}
  Cell(const char* text) : kind(Kind::text), view(text) {}
  template <class Tag>
  Cell(const Tagged<Tag>& id) : kind(Kind::text), view(id.value()) {}
  template <class Tag>
  Cell(const std::optional<Tagged<Tag>>& id)
      : kind(id ? Kind::text : Kind::null), view(id ? std::string_view(id->value()) : "") {}

  static Cell bytes(std::string_view raw) {
    Cell cell(raw);
    cell.kind = Kind::bytes;
    return cell;
  }
  template <class Tag>
  static Cell bytes(const Tagged<Tag>& digest) {
    return bytes(std::string_view(digest.value()));
  }
};
using Cells = std::initializer_list<Cell>;

// The row at hand; columns count from 0. Valid during the call that receives it.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string text(int column) const = 0;  // text or bytes

  bool flag(int column) const { return integer(column) != 0; }
  Instant instant(int column) const { return {integer(column)}; }
  std::optional<Instant> optional_instant(int column) const {
    return is_null(column) ? std::nullopt : std::optional(instant(column));
  }
};

struct SqlFailure {
  // conflict: somebody else's transaction came first; the same again may succeed. lost: the
  // connection is gone, and what was under way may have happened.
  enum class Kind { constraint, conflict, busy, full, io, memory, corrupt, lost, other };
  Kind kind = Kind::other;
  std::string reason;  // names the error, never a value that was bound
};

// Used by one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  // Runs the statement to its end, giving each row to `take`.
  virtual void each(const Statement& statement, Cells cells,
                    const std::function<void(const Row&)>& take) = 0;
  // Runs the statement and gives the number of rows it changed.
  virtual std::int64_t change(const Statement& statement, Cells cells) = 0;
  // Runs the statement, whose number of changed rows nobody asks for: an engine that sends
  // statements away need not wait for the answer.
  virtual void run(const Statement& statement, Cells cells) = 0;
  // Locks the rows that the operation judges before it changes something, so that nobody else
  // changes them in between. An engine with one writer at a time has nothing to do.
  virtual void lock(const Statement& statement, Cells cells) = 0;
  // Several statements separated by semicolons, without values: migrations only.
  virtual void run_script(std::string_view script) = 0;

  virtual const std::optional<SqlFailure>& failure() const = 0;
  virtual void clear_failure() = 0;

  // The first row through `read`, or nothing.
  template <class Read>
  auto first(const Statement& statement, Cells cells, Read read)
      -> std::optional<decltype(read(std::declval<const Row&>()))> {
    std::optional<decltype(read(std::declval<const Row&>()))> out;
    each(statement, cells, [&](const Row& row) {
      if (!out) out.emplace(read(row));
    });
    return out;
  }
  template <class Read>
  auto all(const Statement& statement, Cells cells, Read read)
      -> std::vector<decltype(read(std::declval<const Row&>()))> {
    std::vector<decltype(read(std::declval<const Row&>()))> out;
    each(statement, cells, [&](const Row& row) { out.push_back(read(row)); });
    return out;
  }
  bool exists(const Statement& statement, Cells cells) {
    return first(statement, cells, [](const Row&) { return true; }).has_value();
  }
};

}  // namespace cardea::store::sql
