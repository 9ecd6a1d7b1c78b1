// Signing out at the issuer: OIDC RP-Initiated Logout 1.0, 2. The app ends its own session first
// and then sends the browser here.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "client/configuration.h"
#include "client/error.h"
#include "protocol/provider_metadata.h"
#include "protocol/token_response.h"

namespace cardea::client {

struct LogoutRequest {
  // The last ID token; expired ones serve. Without it the issuer asks the person to confirm.
  std::optional<IdTokenText> id_token_hint;
  std::string state;  // comes back to post_logout_redirect_uri; "" for none
};

// Refuses logout.unsupported when the issuer has no such endpoint.
Result<std::string, Error> logout_url(const Configuration& configuration,
                                      const ProviderMetadata& metadata,
                                      const LogoutRequest& request);

}  // namespace cardea::client
