// What a person answers to a device that waits (RFC 8628 3.3): one guarded write ends the
// interaction and the wait together, so two tabs give one answer.
#pragma once

#include "server/authorize/admit.h"
#include "server/authorize/park.h"

namespace cardea {

// approval: as the consent step makes it for an authorization request.
Task<http::Response> allow_device(const Deps& deps, Exchange& exchange, WaitingDevice device,
                                  Session session, store::Approve approval);
Task<http::Response> deny_device(const Deps& deps, Exchange& exchange, const OpenInteraction& at,
                                 WaitingDevice device);

// The pages after it, the same for everybody.
inline constexpr std::string_view device_approved_path = "/device/approved";
inline constexpr std::string_view device_denied_path = "/device/denied";

}  // namespace cardea
