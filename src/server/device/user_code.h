// The short code that a device shows and a person types. RFC 8628 6.1: twenty consonants that are
// not mistaken for one another and spell no words; eight of them are 34.5 bits, which the throttle
// makes enough (RFC 8628 5.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "domain/polled_request.h"
#include "server/seals/seals.h"

namespace cardea {

// Eight characters.
std::string new_user_code(Random& random);
// "WDJB-MJHT".
std::string shown_user_code(std::string_view code);
// What was typed, in any case, with whatever spaces, hyphens and dots; nothing when it cannot be a
// code of ours.
std::optional<std::string> read_user_code(std::string_view typed);

UserCodeDigest digest_of_user_code(const Seals& seals, std::string_view code);

}  // namespace cardea
