// The id by which a client finds a call in the logs of both sides: x-fapi-interaction-id (FAPI 1.0
// Baseline 6.2.1). What is sent back is the client's own UUID or one of ours, never another text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "http/message.h"

namespace cardea {

inline constexpr std::string_view interaction_id_header = "x-fapi-interaction-id";

// Whether a UUID always goes along: FAPI's tokens are bound, and only FAPI asks for it.
enum class InteractionIdRule { when_asked, always };

// The value for the answer; nothing where the request has none and `rule` asks for none. A value
// that is no UUID, or several, give a fresh one (RFC 4122 4.4).
std::optional<std::string> interaction_id(const http::Headers& headers, InteractionIdRule rule,
                                          Random& random);

}  // namespace cardea
