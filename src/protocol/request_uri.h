// Addresses at which clients publish request objects (RFC 9101 5.2, OIDC Core 6.2, OIDC
// Registration 2). References of pushed requests are URNs of ours and not looked at here. Nothing
// is fetched.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/outgoing_url.h"

namespace cardea {

// Why the text cannot be registered as a request_uri, or nothing: an URL that the server may call
// (base/outgoing_url.h), at most limits::request_uri_bytes_max ASCII characters with its fragment,
// which is a SHA-256 in base64url or absent. Pure.
std::optional<std::string> request_uri_defect(std::string_view text, OutgoingReach reach);

}  // namespace cardea
