// How identifiers are made; see identifiers.h.
#include "domain/identifiers.h"

#include "base/base64url.h"

namespace cardea {

std::string new_identifier(Random& random) {
  return base64url_encode(random.bytes(16));
}

}  // namespace cardea
