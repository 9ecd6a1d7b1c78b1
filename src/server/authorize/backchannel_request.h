// How a backchannel authentication request reached us: plain, or as a JWT that the client signed
// (CIBA Core 7.1.1). Whatever the way, one set of parameters comes out that alone counts.
#pragma once

#include <optional>

#include "domain/one_time.h"
#include "protocol/parameters.h"
#include "server/deps.h"
#include "server/json_answer.h"
#include "task/task.h"

namespace cardea {

struct BackchannelRequest {
  RawParameters parameters;
  // Of a signed request, which is taken once. To be used up when every other check has passed.
  std::optional<OneTime> used_by;
};

// client: authenticated; outlives the task. Refuses invalid_request: a plain request of a client
// that registers to sign, a signed one of a client that does not, one with parameters beside the
// JWT, one that verify_request_object() refuses. Reads; writes nothing.
Task<Result<BackchannelRequest, JsonRefusal>> take_backchannel_request(const Deps& deps,
                                                                       Exchange& exchange,
                                                                       const Client& client,
                                                                       RawParameters raw);

// Uses a signed request up. Refuses: invalid_request (used before), temporarily_unavailable. One
// write, for a signed request alone.
Task<std::optional<JsonRefusal>> use_up(const Deps& deps, Exchange& exchange,
                                        const BackchannelRequest& request);

}  // namespace cardea
