// Asking who somebody is: OIDC Core 5.3. A pair of functions; the caller sends the request.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "client/error.h"
#include "http/message.h"
#include "protocol/id_token.h"
#include "protocol/provider_metadata.h"
#include "protocol/token_response.h"

namespace cardea::client {

// Refuses userinfo.unsupported when the issuer has no such endpoint.
Result<http::OutgoingRequest, Error> build_userinfo(const ProviderMetadata& metadata,
                                                    const AccessToken& access_token);

// The claims, all of them about the person of the ID token: another `sub` is refused (5.3.2).
// Refuses: userinfo.refused (with the challenge's error in `refusal`), userinfo.malformed,
// userinfo.subject, issuer.unavailable.
Result<json::Object, Error> process_userinfo(const VerifiedIdToken& id_token,
                                             const http::Response& response);

}  // namespace cardea::client
