// What may happen once until an instant: a client assertion (RFC 7523 3), a DPoP proof (RFC 9449
// 11.1), the end of a pushed request (RFC 9126 7.3). It is remembered by a digest, so the store
// holds nothing that could be used again.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/time.h"
#include "domain/identifiers.h"

namespace cardea {

struct OneTime {
  OnceDigest digest;
  Instant until{};
};

// SHA-256 over the purpose and the parts, with a NUL between them: what was used for one purpose is
// not used for another (security corpus B04). Only the last part may hold a NUL.
OnceDigest once_digest(std::string_view purpose, std::initializer_list<std::string_view> parts);

}  // namespace cardea
