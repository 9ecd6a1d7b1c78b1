// base32 (RFC 4648 6) without padding, as authenticator apps take secrets. One spelling per value:
// lower case, padding, white space, impossible lengths and non-zero trailing bits are refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cardea {

std::string base32_encode(std::string_view bytes);
std::optional<std::string> base32_decode(std::string_view text);

}  // namespace cardea
