// What holds of every request, in whatever version of HTTP it comes: methods, targets, hosts,
// bodies, expectations. RFC 9110. How a version spells a request, and what it alone can get wrong,
// is in request_head.h and http2_head.h. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace cardea::http {

// Why a request is answered by the listener. The reason is a fixed sentence, fit for client and
// log.
struct Refused {
  int status = 400;
  std::string_view reason;
};
using Checked = std::optional<Refused>;

struct RequestHead {
  Request request;  // without body and peer_address; target in origin-form
  enum class Framing { none, length, chunked } framing = Framing::none;
  std::size_t length = 0;  // for Framing::length
  enum class Expectation { none, continue_100 } expectation = Expectation::none;
  enum class Persistence { keep_alive, close } persistence = Persistence::keep_alive;
};

// A browser's request has some twenty fields: room for them at one go.
inline constexpr std::size_t usual_fields = 16;

inline constexpr Refused too_long_target{414, "The request target is too long."};
inline constexpr Refused too_large_header{431, "The request header is too large."};
inline constexpr Refused too_many_fields{431, "The request has too many header fields."};
inline constexpr Refused too_large_body{413, "The body is too large."};
inline constexpr Refused trailer_fields{400, "Trailer fields are not accepted."};
inline constexpr Refused slow_body{408, "The body took too long."};

// Refuses: 400 malformed, 414 target too long.
Checked check_method_and_target(std::string_view method, std::string_view target);
// Refuses: 501 for the methods that lead somewhere else or echo.
Checked check_method_is_ours(std::string_view method);
// A name, an IPv4 literal or a bracketed IPv6 literal, with an optional port; exactly one.
Checked check_host(std::optional<std::string_view> host);
bool is_http_scheme(std::string_view scheme);
// Reads the one Content-Length into the head. Refuses: 400 malformed, 413 body too large.
Checked read_length(std::string_view text, RequestHead& head);
// RFC 9110 8.4 and 10.1.1; an encoded body is refused (security corpus J04). Refuses: 415, 417.
Checked check_expectations(RequestHead& head);

}  // namespace cardea::http
