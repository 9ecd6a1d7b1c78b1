// Whether a request object is its client's: by the keys and the algorithm that the client
// registered, wherever one may come (authorization endpoint, PAR, backchannel authentication). RFC
// 9101 6.2, CIBA Core 7.1.1.
#pragma once

#include <string>

#include "protocol/request_object.h"
#include "server/deps.h"
#include "task/task.h"

namespace cardea {

// object: signed, and not encrypted any more. client: outlives the task. Refuses, with a private
// reason: what check_request_object() refuses, and keys that are not there or cannot be had.
Task<Result<RequestObject, RequestObjectRefusal>> verify_request_object(const Deps& deps,
                                                                        const Client& client,
                                                                        RequestObjectKind kind,
                                                                        std::string object,
                                                                        Instant now);

}  // namespace cardea
