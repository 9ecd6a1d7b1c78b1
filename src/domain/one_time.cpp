// Digests of one-time values; see one_time.h.
#include "domain/one_time.h"

#include "crypto/hash.h"

namespace cardea {

OnceDigest once_digest(std::string_view purpose, std::initializer_list<std::string_view> parts) {
  std::string text(purpose);
  for (const auto part : parts) text.append(1, '\0').append(part);
  return OnceDigest(crypto::sha256(text));
}

}  // namespace cardea
