// What callers of the store are told of a database's trouble, the same for every engine.
#pragma once

#include "store/sql/connection.h"
#include "store/store.h"

namespace cardea::store::sql {

inline Failure failure_for(const SqlFailure& cause) {
  const bool corrupt = cause.kind == SqlFailure::Kind::corrupt;
  return {.kind = corrupt ? Failure::Kind::corrupt : Failure::Kind::unavailable,
          .reason = cause.reason};
}

}  // namespace cardea::store::sql
