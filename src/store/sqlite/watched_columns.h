// Which writes touch what is remembered of the store (store/sql/kept_reads.h). SQLite says of
// each statement what it reads and writes, so that no list of ours can fall behind the statements.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace cardea::store::sqlite {

class WatchedColumns {
 public:
  // A column that a remembered statement reads; "" where it only asks whether a row is there.
  void add(std::string_view table, std::string_view column);

  // Any row of a table that is read may have come or gone; of one row, what is read.
  bool touched_by_delete(std::string_view table) const { return has_table(table); }
  bool touched_by_insert(std::string_view table) const;
  bool touched_by_update(std::string_view table, std::string_view column) const;

 private:
  bool has_table(std::string_view table) const;

  std::set<std::pair<std::string, std::string>> columns_;
};

}  // namespace cardea::store::sqlite
