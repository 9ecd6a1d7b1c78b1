// Which addresses the server sends requests to, as far as their text tells. What a name resolves
// to is judged when the connection is made (http/outbound/curl_fetcher.h); here nothing is looked
// up. Security corpus 2.E.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cardea {

// Who may be called. `open_internet` is the rule; `private_too` is an operator's explicit choice
// for tests and development: addresses inside the own network, and http on loopback hosts.
enum class OutgoingReach { open_internet, private_too };

// Why the server would not call this URL, or nothing: an https URL without userinfo and fragment,
// at most limits::outgoing_url_bytes_max long, with a usual port and, as a literal, a public
// address. Pure.
std::optional<std::string> outgoing_url_defect(std::string_view text, OutgoingReach reach);

// 443, and the ports from 1024 on that no well-known service of another protocol has.
bool is_outgoing_port(std::uint16_t port);

}  // namespace cardea
