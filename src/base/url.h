// Percent-encoding, application/x-www-form-urlencoded, and a strict look at http(s) URLs.
// What is matched against a registration is never parsed here: redirect URIs are compared as bytes
// (protocol/redirect_uri.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cardea::url {

// Percent-encodes everything but RFC 3986 unreserved characters.
std::string encode(std::string_view bytes);
// Percent-decodes; a malformed escape gives nothing. `+` stays `+`.
std::optional<std::string> decode(std::string_view text);
// One half of a form pair: `+` is a space, then percent-decoding. Malformed: nothing.
std::optional<std::string> form_decode(std::string_view text);
// As application/x-www-form-urlencoded writes it (RFC 6749 Appendix B): space becomes `+`.
std::string form_encode(std::string_view bytes);

// The parts of an absolute URL of a known shape: scheme "://" host [":" port] [path] ["?" query]
// ["#" fragment]. host keeps the brackets of an IPv6 literal and is in lower case; path is "" or
// begins with "/".
struct Parts {
  std::string scheme;
  std::string host;
  std::optional<std::uint16_t> port;
  std::string path;
  std::optional<std::string> query;
  std::optional<std::string> fragment;

  std::uint16_t effective_port() const;  // 443 for https, 80 for http, when absent
  std::string origin() const;  // scheme://host[:port], default ports left out (RFC 6454 6.2)
};

// Parses http and https URLs. Refuses userinfo, empty hosts, ports outside 1-65535, control
// characters, spaces, backslashes, non-ASCII bytes, malformed escapes, brackets around anything but
// an IPv6 address, and hosts that browsers read as an IPv4 address unless spelled as four decimal
// octets.
std::optional<Parts> parse(std::string_view text);

// Whether host is "localhost", a name below ".localhost" (with or without the root's dot),
// 127.0.0.0/8, [::1] in any spelling, or 127.0.0.0/8 mapped into IPv6.
bool is_loopback_host(std::string_view host);

}  // namespace cardea::url
