// Addresses, prefixes and forwarded hops; see peer.h.
#include "http/listener/peer.h"

#include <algorithm>
#include <charconv>
#include <ranges>

#include "base/ascii.h"

namespace cardea::http {
namespace {

std::optional<unsigned> parse_bits(std::string_view text, unsigned most) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits > most) return std::nullopt;
  return bits;
}

}  // namespace

std::string write_peer(const Peer& peer) {
  return peer ? write_ip(*peer) : std::string();
}

Result<TrustedProxies, std::string> TrustedProxies::parse(const std::vector<std::string>& entries) {
  TrustedProxies trusted;
  for (const auto& entry : entries) {
    if (entry == "unix") {
      trusted.unix_ = true;
      continue;
    }
    const auto slash = entry.find('/');
    const auto address = parse_ip(std::string_view(entry).substr(0, slash));
    if (!address) return refuse("\"" + entry + "\" is no IP address, CIDR prefix or \"unix\"");
    Prefix prefix{.address = *address};
    if (slash != std::string::npos) {
      const unsigned mapped = is_v4(*address) ? 96 : 0;
      const auto bits = parse_bits(std::string_view(entry).substr(slash + 1), 128 - mapped);
      if (!bits) return refuse("\"" + entry + "\" has no valid prefix length");
      prefix.bits = *bits + mapped;
      for (unsigned at = prefix.bits; at < 128; ++at) {
        if (((address->bytes[at / 8] >> (7 - at % 8)) & 1) != 0)
          return refuse("\"" + entry + "\" has bits beyond its prefix length");
      }
    }
    trusted.prefixes_.push_back(prefix);
  }
  return trusted;
}

bool TrustedProxies::contains(const Peer& peer) const {
  if (!peer) return unix_;
  return std::ranges::any_of(prefixes_, [&](const Prefix& prefix) {
    return is_within(*peer, prefix.address, prefix.bits);
  });
}

Peer forwarded_peer(const TrustedProxies& trusted, const Peer& direct, const Headers& headers) {
  // RFC 9700 4.13: the header counts from a trusted proxy only.
  Peer peer = direct;
  if (!trusted.contains(peer)) return peer;
  const auto fields = headers.all("x-forwarded-for");
  for (const auto field : std::views::reverse(fields)) {
    const auto hops = ascii::split(field, ',');
    for (const auto hop : std::views::reverse(hops)) {
      const auto address = parse_ip(ascii::trim(hop));
      if (!address) return peer;
      peer = address;
      if (!trusted.contains(peer)) return peer;
    }
  }
  return peer;
}

}  // namespace cardea::http
