// Literals, prefixes and the special blocks; see ip_address.h.
#include "base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace cardea {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool bit(const IpAddress& address, unsigned at) {
  return ((address.bytes[at / 8] >> (7 - at % 8)) & 1) != 0;
}

struct Block {
  std::array<std::uint8_t, 4> first;
  unsigned bits;
};

// IANA IPv4 Special-Purpose Address Registry (RFC 6890 2.2.2), multicast and the former class E.
constexpr std::array<Block, 15> special_v4{{
    {{0, 0, 0, 0}, 8},        // this network
    {{10, 0, 0, 0}, 8},       // private, RFC 1918
    {{100, 64, 0, 0}, 10},    // shared address space of providers, RFC 6598
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local; the metadata services of clouds
    {{172, 16, 0, 0}, 12},    // private, RFC 1918
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 88, 99, 0}, 24},   // 6to4 relays, RFC 7526
    {{192, 168, 0, 0}, 16},   // private, RFC 1918
    {{198, 18, 0, 0}, 15},    // benchmarks
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, and the limited broadcast
}};

bool is_public_v4(const IpAddress& address) {
  return std::ranges::none_of(special_v4, [&](const Block& block) {
    return is_within(address, ip_from_v4(block.first.data()), 96 + block.bits);
  });
}

// Only 2000::/3 is assigned to hosts; these blocks of it are not (RFC 6890 2.2.3, RFC 9637).
bool is_public_v6(const IpAddress& address) {
  static const IpAddress assigned = *parse_ip("2000::");
  static const std::array<std::pair<IpAddress, unsigned>, 4> special{{
      {*parse_ip("2001::"), 23},      // Teredo, benchmarks, ORCHID
      {*parse_ip("2001:db8::"), 32},  // documentation
      {*parse_ip("2002::"), 16},      // 6to4
      {*parse_ip("3fff::"), 20},      // documentation
  }};
  return is_within(address, assigned, 3) && std::ranges::none_of(special, [&](const auto& block) {
           return is_within(address, block.first, block.second);
         });
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view literal) {
  const std::string text(literal);
  if (text.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return ip_from_v4(reinterpret_cast<const std::uint8_t*>(&v4));
  }
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

IpAddress ip_from_v4(const std::uint8_t* bytes) {
  IpAddress address;
  std::ranges::copy(v4_prefix, address.bytes.begin());
  std::copy_n(bytes, 4, address.bytes.begin() + 12);
  return address;
}

// Every request asks for it; the library's own way of writing one of version 4 is sprintf's.
std::string write_ip(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!is_v4(address)) {
    inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
    return text.data();
  }
  char* end = text.data();
  for (std::size_t at = 12; at < 16; ++at) {
    if (at > 12) *end++ = '.';
    end = std::to_chars(end, text.data() + text.size(), address.bytes[at]).ptr;
  }
  return {text.data(), end};
}

bool is_v4(const IpAddress& address) {
  return std::equal(v4_prefix.begin(), v4_prefix.end(), address.bytes.begin());
}

bool is_within(const IpAddress& address, const IpAddress& prefix, unsigned bits) {
  for (unsigned at = 0; at < bits; ++at) {
    if (bit(address, at) != bit(prefix, at)) return false;
  }
  return true;
}

bool is_public(const IpAddress& address) {
  if (is_v4(address)) return is_public_v4(address);
  // RFC 6052 2.1: the host behind a NAT64 is the one whose IPv4 address is inside.
  static const IpAddress nat64 = *parse_ip("64:ff9b::");
  if (is_within(address, nat64, 96)) {
    return is_public_v4(ip_from_v4(address.bytes.data() + 12));
  }
  return is_public_v6(address);
}

bool is_loopback(const IpAddress& address) {
  static const IpAddress v6 = *parse_ip("::1");
  return address == v6 || (is_v4(address) && address.bytes[12] == 127);
}

}  // namespace cardea
