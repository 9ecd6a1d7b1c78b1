// Client authentication at the issuer's endpoints: RFC 6749 2.3, RFC 7523 3, OIDC Core 9. Internal
// to the client room.
#pragma once

#include "client/tokens.h"
#include "http/form.h"

namespace cardea::client {

// A form POST to an endpoint of the issuer, with exactly one proof of who the client is.
http::OutgoingRequest authenticated_post(const RequestInputs& inputs, std::string_view endpoint,
                                         http::FormPairs parameters);

}  // namespace cardea::client
