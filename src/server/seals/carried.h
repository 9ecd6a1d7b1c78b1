// A sealed value that leaves the server and comes back: it carries its facts itself while they fit,
// else a row holds them and it only names the row (decision Q6). The row is sealed too and opens
// only through such a value, so a stolen store gives none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/deps.h"
#include "server/tokens/fact_bytes.h"
#include "task/task.h"

namespace cardea {

// Every body begins here.
FactWriter begin_carried();

struct ToCarry {
  SealPurpose purpose = SealPurpose::authorization_code;
  ParkedId value_id;  // of the row, where one is needed
  std::string body;   // begin_carried() and the facts
  std::size_t bytes_max = 0;
  Instant keep_until{};  // how long a row must be found
  // Whose row it is and how many that source may have; "" counts for nobody.
  std::string source;
  int open_max = 0;
  Instant now{};
};

// The text; nothing when the source has too many rows already. Writes only a body that does not
// fit.
Task<store::Answer<std::optional<std::string>>> carry(const Deps& deps, ToCarry what);

// The facts that follow begin_carried(); nothing when the text is not one that carry() gave for
// this purpose, issuer and store epoch, or its row is gone.
Task<store::Answer<std::optional<std::string>>> open_carried(const Deps& deps, SealPurpose purpose,
                                                             std::string_view text);

}  // namespace cardea
