// Binding of a code to a key that its client proves (RFC 9449 10).
#include "protocol/dpop.h"

#include "server/authorize/checks.h"

namespace cardea::checks {

Finding dpop_jkt_well_formed(const CheckInput& input) {
  // RFC 8705 3: tokens are bound to one thing, so a code bound to the other could not be redeemed.
  if (!input.request.dpop_jkt.empty() && input.client.tls_client_certificate_bound_access_tokens) {
    return refused({ErrorCode::invalid_request, "The client's tokens are bound to its certificate.",
                    "dpop_jkt, and tls_client_certificate_bound_access_tokens is set",
                    "Send no DPoP proof and no dpop_jkt."});
  }
  const auto& thumbprint = input.request.dpop_jkt;
  if (thumbprint.empty() || is_thumbprint(thumbprint)) {
    return passed("dpop_jkt is a thumbprint where it is sent");
  }
  return refused({ErrorCode::invalid_request, "The dpop_jkt is malformed.",
                  "dpop_jkt is not 43 characters of base64url",
                  "Send the RFC 7638 thumbprint of the key, with SHA-256."});
}

}  // namespace cardea::checks
