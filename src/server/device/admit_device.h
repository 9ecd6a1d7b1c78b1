// From the code of a device that a person typed to a request that the steps of an interaction can
// ask about (RFC 8628 3.3). The request itself was judged when the device made it; what may have
// changed since is judged again at every step.
#pragma once

#include <string_view>

#include "domain/polled_request.h"
#include "server/authorize/admit.h"

namespace cardea {

// What the interaction of a device keeps. code: as read_user_code gives it.
RawParameters device_parameters(const GrantId& request_id, std::string_view code);

// Admitted, or a PageError: the request is answered, expired or gone; the client is gone, disabled
// or no longer registered for the grant, a scope or a resource. Reads the store.
Task<store::Answer<Judgement>> admit_device(const Deps& deps, Exchange& exchange,
                                            RawParameters parameters);

}  // namespace cardea
