// What is remembered and what touches it; see watched_columns.h.
#include "store/sqlite/watched_columns.h"

#include <algorithm>

namespace cardea::store::sqlite {
namespace {

// Rows under an identifier that nobody has asked for, since it is made with them: what is
// remembered never says that one of these is absent. Every exchange and every sign-in makes one.
bool is_born_unknown(std::string_view table) {
  return table == "grants" || table == "sessions";
}

}  // namespace

void WatchedColumns::add(std::string_view table, std::string_view column) {
  columns_.emplace(table, column);
}

bool WatchedColumns::has_table(std::string_view table) const {
  return std::ranges::any_of(columns_, [&](const auto& it) { return it.first == table; });
}

bool WatchedColumns::touched_by_insert(std::string_view table) const {
  return has_table(table) && !is_born_unknown(table);
}

bool WatchedColumns::touched_by_update(std::string_view table, std::string_view column) const {
  return columns_.contains({std::string(table), std::string(column)});
}

}  // namespace cardea::store::sqlite
