// IP addresses as values, and which of them lie in the open Internet. Only literals are read; a
// name is never looked up here. RFC 4291 2.2; the registries of RFC 6890.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cardea {

// IPv4 is kept v4-mapped (RFC 4291 2.5.5.2), so that 127.0.0.1 and ::ffff:127.0.0.1 are one
// address.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// An IPv4 or IPv6 literal without port, brackets or zone.
std::optional<IpAddress> parse_ip(std::string_view literal);
// From the four bytes of an IPv4 address, in network order.
IpAddress ip_from_v4(const std::uint8_t* bytes);
std::string write_ip(const IpAddress& address);

bool is_v4(const IpAddress& address);
// Whether the first `bits` bits are those of the prefix.
bool is_within(const IpAddress& address, const IpAddress& prefix, unsigned bits);

// Whether the address belongs to a host of the open Internet, as far as its number tells: no
// loopback, private, shared (RFC 6598), link-local, unique local, multicast, reserved,
// documentation or benchmark address, and none of these inside an IPv4-mapped or NAT64 address
// (RFC 6052). 6to4 and Teredo, which carry an address of IPv4 too, are out of use and never public.
bool is_public(const IpAddress& address);
bool is_loopback(const IpAddress& address);

}  // namespace cardea
