// Who a request comes from (security corpus 7.23): IP literals read back, prefixes against bitwise
// arithmetic of their own, the walk through X-Forwarded-For against one from the left, and the
// PROXY header. Input: kind; for "x" the direct peer, a trusted list, then header lines; else raw
// bytes.
#include <optional>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "fuzz/bytes.h"
#include "fuzz/finding.h"
#include "http/listener/peer.h"
#include "http/listener/proxy_v2.h"

namespace cardea::fuzz {
namespace {

using http::Peer;
using http::TrustedProxies;

// Only digits, hex digits, dots and colons make an address (I02): no zone, no name, no brackets.
void check_literal(const std::string& text) {
  const auto address = parse_ip(text);
  if (!address) return;
  expect(text.find_first_not_of("0123456789abcdefABCDEF.:") == text.npos, "no literal: " + text);
  expect(parse_ip(write_ip(*address)) == address, "an address does not read back");
}

// Whether the address is within "literal[/bits]", byte by byte.
bool is_within(const IpAddress& address, const std::string& entry) {
  const auto slash = entry.find('/');
  const auto base = parse_ip(entry.substr(0, slash));
  if (!base) return false;
  unsigned bits = 128;
  if (slash != entry.npos) {
    bits = static_cast<unsigned>(std::stoul(entry.substr(slash + 1)));
    if (entry.find(':') == entry.npos || entry.starts_with("::ffff:") ||
        write_ip(*base).find(':') == std::string::npos) {
      bits += 96;
    }
  }
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned in_byte = bits > i * 8 ? std::min(8U, bits - i * 8) : 0;
    const auto mask = static_cast<unsigned char>(0xff00U >> in_byte);
    if ((address.bytes[i] & mask) != (base->bytes[i] & mask)) return false;
  }
  return true;
}

void check_forwarded(Bytes& bytes) {
  const std::string direct_text(bytes.line());
  check_literal(direct_text);
  const auto direct = parse_ip(direct_text);
  std::vector<std::string> entries;
  for (const auto entry : ascii::split(bytes.line(), ' ')) entries.emplace_back(entry);
  const auto trusted = TrustedProxies::parse(entries);
  http::Headers headers;
  std::vector<std::string> hops;
  while (!bytes.empty()) {
    const std::string line(bytes.line());
    headers.add("X-Forwarded-For", line);
    for (const auto hop : ascii::split(line, ',')) hops.emplace_back(ascii::trim(hop));
  }
  if (!trusted) return;
  const auto is_trusted = [&](const Peer& peer) {
    for (const auto& entry : entries) {
      if (entry == "unix" ? !peer : peer && is_within(*peer, entry)) return true;
    }
    return false;
  };
  expect(trusted->contains(direct) == is_trusted(direct), "trusted by one reading only");
  // From the left: the last hop that everything to its right vouches for.
  Peer expected = direct;
  bool vouched = is_trusted(direct);
  for (std::size_t right = hops.size(); vouched && right > 0; --right) {
    const auto hop = parse_ip(hops[right - 1]);
    if (!hop) break;
    expected = hop;
    vouched = is_trusted(hop);
  }
  expect(http::forwarded_peer(*trusted, direct, headers) == expected, "another peer");
}

void check_proxy(std::string_view bytes) {
  using Verdict = http::ProxyHeader::Verdict;
  const auto header = http::parse_proxy_v2(bytes);
  if (header.verdict == Verdict::present) {
    expect(header.size >= 16 && header.size <= bytes.size(), "a header longer than its bytes");
    // A header is complete at its own end and not before.
    expect(http::parse_proxy_v2(bytes.substr(0, header.size)).verdict == Verdict::present &&
               http::parse_proxy_v2(bytes.substr(0, header.size - 1)).verdict == Verdict::more,
           "a header of another length");
  }
  // A verdict other than "more" stands, whatever comes after.
  for (std::size_t size = 0; size <= std::min<std::size_t>(bytes.size(), 64); ++size) {
    const auto early = http::parse_proxy_v2(bytes.substr(0, size)).verdict;
    expect(early == Verdict::more || early == header.verdict, "a verdict that changes");
  }
}

}  // namespace

void forwarded(std::string_view input) {
  Bytes bytes(input);
  if (bytes.byte() == 'x') return check_forwarded(bytes);
  check_proxy(bytes.rest());
}

}  // namespace cardea::fuzz
