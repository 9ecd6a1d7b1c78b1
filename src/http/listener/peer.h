// Who a request comes from: addresses, the listed proxies, and the walk through X-Forwarded-For.
// Pure. Only IP literals are read; a name is never looked up (security corpus I02, 7.23).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "http/message.h"

namespace cardea::http {

// Nothing for the peer of a Unix socket.
using Peer = std::optional<IpAddress>;
// The IP literal; "" for a Unix socket peer.
std::string write_peer(const Peer& peer);

class TrustedProxies {
 public:
  // entries: IP literals, CIDR prefixes without bits beyond the prefix, "unix". The error names the
  // entry.
  static Result<TrustedProxies, std::string> parse(const std::vector<std::string>& entries);
  bool contains(const Peer& peer) const;

 private:
  struct Prefix {
    IpAddress address;
    unsigned bits = 128;
  };
  std::vector<Prefix> prefixes_;
  bool unix_ = false;
};

// The right-most hop of X-Forwarded-For that is no trusted proxy, when `direct` is one; otherwise
// `direct`. The walk ends at the first entry that is no IP literal: what stands left of it has no
// witness.
Peer forwarded_peer(const TrustedProxies& trusted, const Peer& direct, const Headers& headers);

}  // namespace cardea::http
