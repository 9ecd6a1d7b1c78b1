// Picks the function for an operation; see apply.h.
#include "store/sql/apply.h"

namespace cardea::store::sql {

AnyOutcome apply(ApplyContext& context, const Operation& operation) {
  return std::visit([&](const auto& each) -> AnyOutcome { return detail::apply_to(context, each); },
                    operation);
}

}  // namespace cardea::store::sql
