// What callers of the store are told of the database's trouble.
#pragma once

#include "store/sql/connection.h"
#include "store/store.h"

namespace cardea::store::postgres {

inline Failure failure_for(const sql::SqlFailure& cause) {
  const bool corrupt = cause.kind == sql::SqlFailure::Kind::corrupt;
  return {.kind = corrupt ? Failure::Kind::corrupt : Failure::Kind::unavailable,
          .reason = cause.reason};
}

}  // namespace cardea::store::postgres
