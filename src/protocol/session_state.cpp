// The salted digest; see session_state.h.
#include "protocol/session_state.h"

#include "base/base64url.h"
#include "crypto/hash.h"

namespace cardea {

std::string session_state(const SessionStateParts& parts) {
  std::string text(parts.client_id);
  for (const auto part : {parts.origin, parts.browser_state, parts.salt}) {
    text.append(" ").append(part);
  }
  return base64url_encode(crypto::sha256(text)) + "." + std::string(parts.salt);
}

}  // namespace cardea
