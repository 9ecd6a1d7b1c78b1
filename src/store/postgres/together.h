// Which operations may go forward together in one transaction.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/operations.h"

namespace cardea::store::postgres {

// Views into the operation. Two that share none may run interleaved in one transaction: neither
// judges a row that the other writes, or a guard or a unique key of the database tells that it
// did. Nothing: the operation is rare and reaches far, and runs in a transaction of its own.
std::optional<std::vector<std::string_view>> keys_of(const Operation& operation);

}  // namespace cardea::store::postgres
