// Learning an issuer's endpoints: OIDC Discovery 4 and RFC 8414 3. A pair of functions; the caller
// sends the request.
#pragma once

#include "base/result.h"
#include "client/configuration.h"
#include "client/error.h"
#include "http/message.h"
#include "protocol/provider_metadata.h"

namespace cardea::client {

// The two places where a document may be: try the first, and the second where it answers 404.
enum class DiscoveryPlace { openid_configuration, oauth_authorization_server };

// The configuration must have passed check_issuer().
http::OutgoingRequest build_discovery(const Configuration& configuration,
                                      DiscoveryPlace place = DiscoveryPlace::openid_configuration);

// Refuses: discovery.status (not 200), discovery.malformed (not a metadata document, another
// issuer: OIDC Discovery 4.3), discovery.unusable (an endpoint is missing or not https; PKCE
// methods without S256: RFC 9700 2.1.1).
Result<ProviderMetadata, Error> process_discovery(const Configuration& configuration,
                                                  const http::Response& response);

}  // namespace cardea::client
