// Counting connections; see admission.h.
#include "http/listener/admission.h"

#include <algorithm>

namespace cardea::http {
namespace {

// One subscriber has a whole IPv6 /64, so that is what counts as an address.
IpAddress counted(const IpAddress& address) {
  const auto v4 = ip_from_v4(address.bytes.data() + 12);
  if (v4 == address) return address;
  IpAddress prefix = address;
  std::fill(prefix.bytes.begin() + 8, prefix.bytes.end(), std::uint8_t{0});
  return prefix;
}

}  // namespace

bool Admission::enter(const Peer& peer, Counting counting) {
  const std::lock_guard lock(mutex_);
  if (total_ >= limits_.total) return false;
  if (peer && counting == Counting::by_address) {
    auto& count = per_address_[counted(*peer)];
    if (count >= limits_.per_address) return false;
    ++count;
  }
  ++total_;
  return true;
}

void Admission::leave(const Peer& peer, Counting counting) {
  const std::lock_guard lock(mutex_);
  --total_;
  if (!peer || counting != Counting::by_address) return;
  const auto found = per_address_.find(counted(*peer));
  if (found != per_address_.end() && --found->second == 0) per_address_.erase(found);
}

}  // namespace cardea::http
