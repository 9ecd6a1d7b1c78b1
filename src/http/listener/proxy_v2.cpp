// Reading the PROXY v2 header; see proxy_v2.h. Offsets are those of the document's section 2.2.
#include "http/listener/proxy_v2.h"

#include <algorithm>
#include <cstdint>

namespace cardea::http {
namespace {

using Verdict = ProxyHeader::Verdict;

constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t fixed_size = 16;
// Addresses take at most 216 bytes; the rest is for TLVs, which are skipped.
constexpr std::size_t variable_size_max = 2048;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

}  // namespace

ProxyHeader parse_proxy_v2(std::string_view bytes) {
  const auto compared = std::min(bytes.size(), signature.size());
  if (bytes.substr(0, compared) != signature.substr(0, compared))
    return {.verdict = Verdict::absent};
  if (bytes.size() < fixed_size) return {.verdict = Verdict::more};

  const auto version = byte_at(bytes, 12) >> 4;
  const auto command = byte_at(bytes, 12) & 0x0f;
  const auto family = byte_at(bytes, 13) >> 4;
  const std::size_t variable = byte_at(bytes, 14) * 256u + byte_at(bytes, 15);
  if (version != 2 || command > 1 || variable > variable_size_max) {
    return {.verdict = Verdict::malformed};
  }
  if (bytes.size() < fixed_size + variable) return {.verdict = Verdict::more};

  ProxyHeader header{.verdict = Verdict::present, .size = fixed_size + variable};
  if (command == 0) return header;  // LOCAL: the proxy speaks for itself
  const auto* addresses = reinterpret_cast<const std::uint8_t*>(bytes.data() + fixed_size);
  switch (family) {
    case 0:
      break;
    case 1: {
      if (variable < 12) return {.verdict = Verdict::malformed};
      header.source = ip_from_v4(addresses);
      break;
    }
    case 2: {
      if (variable < 36) return {.verdict = Verdict::malformed};
      IpAddress source;
      std::copy_n(addresses, 16, source.bytes.begin());
      header.source = source;
      break;
    }
    case 3:
      header.source = Peer();
      break;
    default:
      return {.verdict = Verdict::malformed};
  }
  return header;
}

}  // namespace cardea::http
