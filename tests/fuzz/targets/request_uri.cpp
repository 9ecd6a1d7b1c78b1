// Addresses at which request objects are published: what is registered is what the server may call,
// of a length that browsers carry, and its fragment is a digest by a second reading of base64url.
#include "protocol/request_uri.h"

#include <algorithm>
#include <string>

#include "base/outgoing_url.h"
#include "fuzz/finding.h"

namespace cardea::fuzz {
namespace {

// 32 bytes: 42 characters, and one whose two lowest bits are nothing.
bool is_digest(std::string_view text) {
  constexpr std::string_view ends = "AEIMQUYcgkosw048";
  return text.size() == 43 && ends.find(text.back()) != text.npos &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

}  // namespace

void request_uri(std::string_view input) {
  const auto hash = input.find('#');
  const bool has_digest = hash == input.npos || is_digest(input.substr(hash + 1));
  for (const auto reach : {OutgoingReach::open_internet, OutgoingReach::private_too}) {
    const bool is_taken = !request_uri_defect(input, reach);
    const bool is_called = !outgoing_url_defect(input.substr(0, hash), reach);
    expect(is_taken == (input.size() <= 512 && has_digest && is_called),
           "the reference takes other addresses");
  }
}

}  // namespace cardea::fuzz
