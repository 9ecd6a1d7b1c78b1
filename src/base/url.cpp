// Percent-encoding and strict URL parts; see url.h.
#include "base/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"
#include "base/base64url.h"

namespace cardea::url {
namespace {

constexpr auto is_plain = [] {
  std::array<bool, 256> table{};
  for (int byte = 0; byte < 0x80; ++byte) {
    table[static_cast<std::size_t>(byte)] = ascii::is_unreserved(static_cast<char>(byte));
  }
  return table;
}();

// Both copy what needs no change in whole runs: most texts are one.
std::string escape(std::string_view bytes, bool space_as_plus) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 4);
  std::size_t begin = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (is_plain[static_cast<unsigned char>(bytes[at])]) continue;
    out.append(bytes, begin, at - begin);
    begin = at + 1;
    if (space_as_plus && bytes[at] == ' ') {
      out += '+';
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes[at]);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  out.append(bytes, begin);
  return out;
}

std::optional<std::string> unescape(std::string_view text, bool plus_as_space) {
  if (text.find('%') == text.npos && !(plus_as_space && text.find('+') != text.npos))
    return std::string(text);
  std::string out;
  out.reserve(text.size());
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_space = plus_as_space && text[at] == '+';
    if (text[at] != '%' && !is_space) continue;
    out.append(text, begin, at - begin);
    if (is_space) {
      out += ' ';
    } else {
      if (at + 2 >= text.size()) return std::nullopt;
      const auto byte = hex_decode(text.substr(at + 1, 2));
      if (!byte) return std::nullopt;
      out += *byte;
      at += 2;
    }
    begin = at + 1;
  }
  out.append(text, begin);
  return out;
}

using Ipv4 = std::array<std::uint8_t, 4>;
using Ipv6 = std::array<std::uint8_t, 16>;

// The bytes of an address in its one strict spelling: four decimal octets without leading zeros,
// or what RFC 4291 2.2 allows, without zone.
template <class Bytes>
std::optional<Bytes> address(int family, std::string_view text) {
  Bytes bytes{};
  if (inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

// Whether browsers take the name for an IPv4 address (WHATWG URL 3.5, "ends in a number"): 127.1,
// 0x7f000001 and 2130706433 are all 127.0.0.1 to them.
bool ends_in_a_number(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  auto label = host.substr(host.rfind('.') + 1);
  const bool hexadecimal = label.starts_with("0x") || label.starts_with("0X");
  if (hexadecimal) label.remove_prefix(2);
  return (hexadecimal || !label.empty()) && std::ranges::all_of(label, [&](char c) {
           return ascii::is_digit(c) ||
                  (hexadecimal && ascii::lower(c) >= 'a' && ascii::lower(c) <= 'f');
         });
}

bool is_host(std::string_view host) {
  if (host.empty()) return false;
  if (host.front() == '[') {
    return host.size() > 2 && host.back() == ']' &&
           address<Ipv6>(AF_INET6, host.substr(1, host.size() - 2));
  }
  if (!std::ranges::all_of(
          host, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_'; })) {
    return false;
  }
  return !ends_in_a_number(host) || address<Ipv4>(AF_INET, host);
}

// ::1, and 127.0.0.0/8 as an IPv4-mapped address (RFC 4291 2.5.3, 2.5.5.2).
bool is_loopback(const Ipv6& address) {
  constexpr Ipv6 loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr Ipv6 mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
  return address == loopback || std::equal(mapped.begin(), mapped.begin() + 13, address.begin());
}

bool is_inert(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
}

}  // namespace

std::string encode(std::string_view bytes) {
  return escape(bytes, false);
}
std::string form_encode(std::string_view bytes) {
  return escape(bytes, true);
}
std::optional<std::string> decode(std::string_view text) {
  return unescape(text, false);
}
std::optional<std::string> form_decode(std::string_view text) {
  return unescape(text, true);
}

std::uint16_t Parts::effective_port() const {
  if (port) return *port;
  return scheme == "https" ? 443 : 80;
}

std::string Parts::origin() const {
  std::string out = scheme + "://" + host;
  const std::uint16_t standard = scheme == "https" ? 443 : 80;
  if (effective_port() != standard) out += ":" + std::to_string(effective_port());
  return out;
}

std::optional<Parts> parse(std::string_view text) {
  if (!is_inert(text) || !unescape(text, false)) return std::nullopt;
  Parts parts;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  parts.scheme = ascii::lower(text.substr(0, scheme_end));
  if (parts.scheme != "http" && parts.scheme != "https") return std::nullopt;
  text.remove_prefix(scheme_end + 3);

  if (const auto at = text.find('#'); at != std::string_view::npos) {
    parts.fragment = std::string(text.substr(at + 1));
    text = text.substr(0, at);
  }
  if (const auto at = text.find('?'); at != std::string_view::npos) {
    parts.query = std::string(text.substr(at + 1));
    text = text.substr(0, at);
  }
  const auto path_at = text.find('/');
  std::string_view authority = text.substr(0, path_at);
  if (path_at != std::string_view::npos) parts.path = std::string(text.substr(path_at));

  const auto port_at = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  if (port_at != std::string_view::npos &&
      (bracket == std::string_view::npos || port_at > bracket)) {
    const std::string_view digits = authority.substr(port_at + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 ||
        digits.front() == '0') {
      return std::nullopt;
    }
    parts.port = port;
    authority = authority.substr(0, port_at);
  }
  if (!is_host(authority)) return std::nullopt;
  parts.host = ascii::lower(authority);
  return parts;
}

bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto bytes = address<Ipv6>(AF_INET6, host.substr(1, host.size() - 2));
    return bytes && is_loopback(*bytes);
  }
  if (const auto bytes = address<Ipv4>(AF_INET, host)) return bytes->front() == 127;
  if (host.ends_with('.')) host.remove_suffix(1);  // the root label says nothing
  return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace cardea::url
