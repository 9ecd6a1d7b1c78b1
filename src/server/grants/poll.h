// Polling for a person's answer (RFC 8628 3.4 and 3.5, CIBA Core 10.1 and 11): what the device
// grant and backchannel authentication have in common. What the client polls with is a seal around
// the request's id, of a purpose of its own, so neither passes for the other or for a code.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "domain/polled_request.h"
#include "server/grants/grant.h"

namespace cardea {

using PollingText = Secret<struct PollingTextTag>;  // device_code or auth_req_id

// purpose: device_code or auth_req_id.
PollingText seal_polling_text(const Deps& deps, SealPurpose purpose, const PolledRequest& request);

// 429: too many requests of this client, address or before this person are open (corpus 6819-01).
JsonRefusal too_many_polled_requests();

namespace grants {

// What the client polls with.
struct Polled {
  SealPurpose purpose = SealPurpose::device_code;
  std::string text;
  SpecRef spec;
};
// One write while nobody has answered (the poll is noted), one when tokens are given, none
// otherwise. Refuses: invalid_grant (not ours, another client's, and what begin_grant refuses:
// replayed, the person or the client gone, ...), authorization_pending, slow_down, access_denied,
// expired_token; invalid_target.
Task<Exchanged> poll(const Deps& deps, Exchange& exchange, const RawParameters& parameters,
                     const Client& client, Polled polled);

}  // namespace grants
}  // namespace cardea
