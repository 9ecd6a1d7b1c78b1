// How client and resource reach the network: any callable. An implementation must not follow
// redirects (a redirected token request would carry the secret elsewhere; RFC 9700 4.12) and must
// verify TLS.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace cardea::http {

struct TransportFailure {
  // refused: the address may not be called; overloaded: too many requests are under way.
  enum class Kind { connect, tls, timeout, too_large, refused, overloaded, other };
  Kind kind = Kind::other;
  std::string reason;  // for people and logs; never holds a header or a body
};
std::string_view name_of(TransportFailure::Kind kind);

using TransportResult = Result<Response, TransportFailure>;
// Blocking. Thread-safe unless an implementation says otherwise.
using Transport = std::function<TransportResult(const OutgoingRequest&)>;

}  // namespace cardea::http
