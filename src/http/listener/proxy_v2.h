// The PROXY protocol's binary header (haproxy's proxy-protocol.txt, version 2), which a trusted
// proxy puts in front of a connection's first byte. Pure; who may send it is the connection's rule.
// Version 1 is not read.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/listener/peer.h"

namespace cardea::http {

struct ProxyHeader {
  enum class Verdict {
    more,       // could still become a header: read on
    absent,     // the connection begins with something else
    malformed,  // the signature is there, the rest is not a header we know
    present,
  };
  Verdict verdict = Verdict::more;
  std::size_t size = 0;  // bytes to take off, when present
  std::optional<Peer>
      source;  // absent for LOCAL and unknown families: the socket's own peer counts
};

// bytes: all that the connection sent so far.
ProxyHeader parse_proxy_v2(std::string_view bytes);

}  // namespace cardea::http
